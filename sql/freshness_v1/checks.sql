-- fail: a source has one row per account.
{{ rows_repeated("source, account_id") }};

-- warn: engagedb has read something of every source within a day.
SELECT source FROM {{ relation }} WHERE last_ingest_age_s > 86400;

-- warn: no event is ahead of the clock.
SELECT source FROM {{ relation }} WHERE ahead_count > 0;
