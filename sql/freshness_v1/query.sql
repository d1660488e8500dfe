WITH source_events AS (
    -- one row per stored event
    SELECT source, account_id, event_time, received_at, ingested_at
    FROM events
    WHERE {{ asked_for() }}
),

source_times AS (
    -- one row per source and account
    SELECT
        source,
        account_id,
        COUNT(*) AS events,
        MAX(event_time) FILTER (WHERE event_time <= ingested_at) AS watermark_at,
        {{ count_where("event_time > ingested_at") }} AS ahead_count,
        MAX(received_at) AS last_received_at,
        MAX(ingested_at) AS last_ingested_at
    FROM source_events
    GROUP BY source, account_id
)

SELECT
    source,
    account_id,
    events,
    watermark_at,
    DATE_DIFF('second', watermark_at, {{ instant(now) }}) AS lag_s,
    ahead_count,
    last_received_at,
    last_ingested_at,
    DATE_DIFF('second', last_ingested_at, {{ instant(now) }}) AS last_ingest_age_s
FROM source_times
ORDER BY source, account_id
