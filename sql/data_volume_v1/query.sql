WITH asked_events AS (
    -- one row per stored event
    SELECT
        *,
        {{ utc_day("event_time") }} AS day,
        {{ utc_hour("event_time") }} AS hour,
        {{ seconds_between("event_time", "ingested_at") }} AS lag_s
    FROM events
    WHERE {{ asked_for() }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS events,
        {{ count_where("direction = 'outbound'") }} AS outbound_count,
        {{ count_where("direction = 'inbound'") }} AS inbound_count,
        {{ count_where("message_key IS NULL") }} AS unlinked_count,
        {{ count_where("stage = 'unknown'") }} AS unknown_count,
        {{ count_where("lag_s >= 86400") }} AS late_count,
        {{ percentile("lag_s", 0.5) }} AS lag_p50_s,
        {{ percentile("lag_s", 0.95) }} AS lag_p95_s,
        MIN(event_time) AS first_event_at,
        MAX(event_time) AS last_event_at
    FROM asked_events
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    events,
    outbound_count,
    inbound_count,
    unlinked_count,
    unknown_count,
    late_count,
    {{ rate("late_count", "events") }} AS late_rate,
    lag_p50_s,
    lag_p95_s,
    first_event_at,
    last_event_at
FROM counted_groups
{{ order_by() }}
