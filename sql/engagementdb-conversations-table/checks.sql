-- fail: what was said has a time.
SELECT messageid FROM {{ relation }} WHERE timestamp IS NULL;
