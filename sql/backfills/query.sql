SELECT
    {{ stored_columns() }}
FROM backfills_stored
WHERE {{ asked_for() }}
