WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

observable AS (
    -- delivered messages of which it would be known that the person noticed them, with the hour on the person's clock
    SELECT
        sent.*,
        COALESCE({{ local_hour("message_time", "time_zones.time_zone") }}, {{ local_hour("message_time", "'UTC'") }}) AS hour_of_day,
        CASE WHEN time_zones.time_zone IS NULL THEN 'UTC' ELSE 'local' END AS clock,
        first_read_at IS NOT NULL OR open_count + click_count > 0 OR feedback_state = 'received' AS is_noticed
    FROM sent
    LEFT JOIN time_zones
        ON sent.recipient_country = time_zones.country
    WHERE outcome = 'delivered'
        AND (
            channel IN ('email', 'whatsapp', 'rcs')
            OR feedback_state IN ('received', 'failed', 'silent')
            OR first_read_at IS NOT NULL
            OR click_count > 0
        )
),

counted_hours AS (
    -- one row per group and hour of the day
    SELECT
        {{ grouped_columns() }}
        clock,
        hour_of_day,
        COUNT(*) AS delivered_count,
        {{ count_where("is_noticed") }} AS noticed_count
    FROM observable
    GROUP BY {% for name in by %}{{ name }}, {% endfor %}clock, hour_of_day
),

rated_hours AS (
    -- the same rows with the share that was noticed
    SELECT
        *,
        {{ rate("noticed_count", "delivered_count") }} AS noticed_rate,
        delivered_count >= 30 AS is_enough
    FROM counted_hours
)

SELECT
    {{ grouped_columns() }}
    clock,
    hour_of_day,
    delivered_count,
    noticed_count,
    noticed_rate,
    CASE
        WHEN is_enough THEN ROW_NUMBER() OVER (
            PARTITION BY {% for name in by %}{{ name }}, {% endfor %}clock, is_enough
            ORDER BY noticed_rate DESC, delivered_count DESC, hour_of_day
        )
    END AS hour_rank
FROM rated_hours
ORDER BY {% for name in by %}{{ name }}, {% endfor %}clock, hour_of_day
