SELECT
    {{ stored_columns() }}
FROM dead_letters_stored
WHERE {{ asked_for() }}
