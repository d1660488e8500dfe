SELECT
    {{ stored_columns() }}
FROM notices_stored
WHERE {{ asked_for() }}
