WITH protected_messages AS (
    -- one row per outbound message that a protect configuration judged; nothing repeats per receipt
    SELECT
        *,
        {{ utc_day("message_time") }} AS day,
        {{ utc_hour("message_time") }} AS hour,
        COALESCE({{ protect_blocked() }}, FALSE) AS is_blocked,
        COALESCE(protect_recommendation = 'block', FALSE) AS is_recommended,
        {{ cost("message_price_usd", "carrier_fee_usd") }} AS cost_usd
    FROM messages
    WHERE direction = 'outbound'
        AND (
            protect_configuration_id IS NOT NULL
            OR protect_mode IS NOT NULL
            OR protect_recommendation IS NOT NULL
            OR {{ protect_blocked() }}
        )
        AND {{ asked_for() }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS messages,
        {{ count_where("is_blocked") }} AS blocked_count,
        {{ count_where("is_recommended") }} AS recommended_count,
        {{ count_where("is_recommended AND NOT is_blocked") }} AS flagged_sent_count,
        {{ count_where("is_blocked AND NOT is_recommended") }} AS blocked_unrecommended_count,
        SUM(CASE WHEN is_recommended AND NOT is_blocked THEN cost_usd END) AS known_exposure_usd
    FROM protected_messages
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    messages,
    blocked_count,
    recommended_count,
    flagged_sent_count,
    blocked_unrecommended_count,
    {{ rate("blocked_count", "messages") }} AS blocked_rate,
    {{ rate("recommended_count", "messages") }} AS recommended_rate,
    CASE WHEN flagged_sent_count = 0 THEN 0 ELSE known_exposure_usd END AS exposure_usd
FROM counted_groups
{{ order_by() }}
