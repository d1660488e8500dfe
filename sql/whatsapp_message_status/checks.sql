-- fail: a message has a first event.
SELECT messageid FROM {{ relation }} WHERE message_timestamp IS NULL OR ingest_timestamp IS NULL;
