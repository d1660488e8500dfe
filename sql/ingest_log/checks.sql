-- fail: the fates of an object's records add up to its records.
SELECT object_key
FROM {{ relation }}
WHERE record_count <> event_count + notice_count + duplicate_count + control_count + dead_letter_count;

-- fail: an object is logged once for each content.
{{ rows_repeated("object_key, etag") }};

-- fail: late records are some of the events.
SELECT object_key FROM {{ relation }} WHERE late_count < 0 OR late_count > event_count;
