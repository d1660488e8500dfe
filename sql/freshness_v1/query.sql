WITH source_events AS (
    -- one row per stored event
    SELECT source, event_time, received_at, ingested_at
    FROM events
    WHERE {{ asked_for() }}
)

SELECT
    source,
    COUNT(*) AS events,
    MAX(event_time) AS last_event_at,
    MAX(received_at) AS last_received_at,
    MAX(ingested_at) AS last_ingested_at,
    DATE_DIFF('second', MAX(event_time), {{ instant(now) }}) AS last_event_age_s,
    DATE_DIFF('second', MAX(ingested_at), {{ instant(now) }}) AS last_ingest_age_s
FROM source_events
GROUP BY source
ORDER BY source
