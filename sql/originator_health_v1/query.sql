WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        {{ delivery_counts() }},
        {{ reputation_counts() }},
        COUNT(DISTINCT recipient_id) AS recipient_count,
        MIN(message_time) AS first_message_at,
        MAX(message_time) AS last_message_at
    FROM sent
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    {{ delivery_columns() }},
    {{ reputation_columns() }},
    recipient_count,
    first_message_at,
    last_message_at
FROM counted_groups
{{ order_by() }}
