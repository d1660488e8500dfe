WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

{{ vouched("sent") }},

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        {{ delivery_counts() }},
        {{ count_where("outcome = 'blocked' AND " ~ carrier_blocked()) }} AS carrier_blocked_count,
        {{ weakest_trust() }} AS receipt_trust
    FROM vouched_messages
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    {{ delivery_columns() }},
    carrier_blocked_count,
    {{ rate("carrier_blocked_count", "(messages - pending_count)") }} AS carrier_blocked_rate,
    receipt_trust
FROM counted_groups
{{ order_by() }}
