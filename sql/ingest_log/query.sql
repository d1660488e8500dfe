SELECT
    {{ stored_columns() }}
FROM ingest_log_stored
WHERE {{ asked_for() }}
