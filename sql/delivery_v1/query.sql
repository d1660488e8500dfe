WITH sent_messages AS (
    -- one row per outbound message; a row that only feedback made is no message yet
    SELECT
        *,
        {{ utc_day("message_time") }} AS day,
        {{ utc_hour("message_time") }} AS hour
    FROM messages
    WHERE direction = 'outbound'
        AND channel IS NOT NULL
        AND {{ asked_for() }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        {{ outcome_counts() }},
        {{ percentile("delivered_latency_s", 0.5) }} AS latency_p50_s,
        {{ percentile("delivered_latency_s", 0.95) }} AS latency_p95_s
    FROM sent_messages
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    messages,
    delivered_count,
    accepted_count,
    failed_count,
    blocked_count,
    expired_count,
    unknown_count,
    pending_count,
    {{ delivery_rate() }} AS delivery_rate,
    latency_p50_s,
    latency_p95_s
FROM counted_groups
{{ order_by() }}
