SELECT
    {{ stored_columns() }}
FROM pseudonym_links_stored
WHERE {{ asked_for() }}
