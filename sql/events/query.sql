SELECT
    {{ stored_columns() }}
FROM events_stored
WHERE {{ asked_for() }}
