-- fail: opens and clicks have times, and times have opens and clicks.
SELECT messageid
FROM {{ relation }}
WHERE (open_count > 0) <> (last_open_timestamp IS NOT NULL) OR (click_count > 0) <> (last_click_timestamp IS NOT NULL);
