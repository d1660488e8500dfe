-- fail: a source has one row.
{{ rows_repeated("source") }};

-- warn: engagedb has read something of every source within a day.
SELECT source FROM {{ relation }} WHERE last_ingest_age_s > 86400;
