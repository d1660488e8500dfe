SELECT
    {{ stored_columns() }}
FROM erasures_stored
WHERE {{ asked_for() }}
