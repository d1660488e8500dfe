-- fail: each backfill stands once.
{{ rows_repeated("backfill_id") }};

-- fail: what was there before is rebuilt, withdrawn or kept.
SELECT backfill_id
FROM {{ relation }}
WHERE events_before_count > rebuilt_count + withdrawn_count + kept_count;

-- warn: a backfill that was begun is finished.
SELECT backfill_id
FROM {{ relation }}
WHERE finished_at IS NULL;
