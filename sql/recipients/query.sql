WITH known_messages AS (
    -- one row per message with a person whom the lake still knows; erased people have no id
    SELECT
        *,
        ROW(message_time, message_key) AS moment,
        COALESCE(outcome = 'delivered' AND (first_read_at IS NOT NULL OR open_count + click_count > 0), FALSE) AS is_noticed
    FROM messages
    WHERE recipient_id IS NOT NULL
        AND channel IS NOT NULL
        AND {{ asked_for() }}
)

SELECT
    recipient_id,
    MAX_BY(customer_id, moment) FILTER (WHERE customer_id IS NOT NULL) AS customer_id,
    MAX_BY(recipient_country, moment) FILTER (WHERE recipient_country IS NOT NULL) AS recipient_country,
    MAX_BY(recipient_domain, moment) FILTER (WHERE recipient_domain IS NOT NULL) AS recipient_domain,
    MAX_BY(channel, moment) AS last_channel,
    COUNT(DISTINCT channel) AS channel_count,
    MIN(message_time) AS first_message_at,
    MAX(message_time) AS last_message_at,
    {{ count_where("direction = 'outbound'") }} AS messages,
    {{ count_where("outcome IN ('delivered', 'accepted')") }} AS delivered_count,
    {{ count_where("outcome IN ('failed', 'blocked', 'expired')") }} AS failed_count,
    {{ count_where("is_noticed") }} AS noticed_count,
    {{ count_where("direction = 'inbound'") }} AS inbound_count,
    {{ count_where("feedback_state = 'received'") }} AS confirmed_count,
    MAX(CASE WHEN outcome IN ('delivered', 'accepted') THEN message_time END) AS last_delivered_message_at,
    MAX(CASE WHEN direction = 'inbound' THEN message_time END) AS last_inbound_at,
    MAX(permanent_failure_at) AS last_permanent_failure_at,
    MAX(last_complained_at) AS last_complained_at,
    MAX(last_unsubscribed_at) AS last_unsubscribed_at
FROM known_messages
GROUP BY recipient_id
ORDER BY recipient_id
