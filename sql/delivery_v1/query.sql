WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        {{ delivery_counts() }}
    FROM sent
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    {{ delivery_columns() }}
FROM counted_groups
{{ order_by() }}
