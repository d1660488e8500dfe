-- fail: the fates of an object's records add up to its records.
SELECT object_key
FROM {{ relation }}
WHERE record_count <> event_count + notice_count + duplicate_count + control_count + dead_letter_count;

-- fail: an object is logged once for each content.
{{ rows_repeated("object_key, etag") }};
