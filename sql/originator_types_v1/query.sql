WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

priced AS (
    -- the same rows, with what the provider says that each cost
    SELECT
        *,
        {{ cost("message_price_usd", "carrier_fee_usd") }} AS cost_usd
    FROM sent
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        {{ delivery_counts() }},
        {{ reputation_counts() }},
        COUNT(DISTINCT originator) AS originator_count,
        SUM(cost_usd) AS spend_usd,
        {{ count_where("cost_usd IS NOT NULL AND outcome IN ('delivered', 'accepted')") }} AS priced_arrived_count
    FROM priced
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    originator_count,
    {{ delivery_columns() }},
    {{ reputation_columns() }},
    spend_usd,
    {{ rate("spend_usd", "priced_arrived_count") }} AS spend_per_delivered_usd
FROM counted_groups
{{ order_by() }}
