-- fail: every event happened.
SELECT messageid FROM {{ relation }} WHERE timestamp IS NULL OR ingest_timestamp IS NULL;
