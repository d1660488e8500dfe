WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

emails AS (
    -- the e-mails among them, one row per recipient, with how many recipients the e-mail has
    SELECT
        *,
        COUNT(*) OVER (PARTITION BY COALESCE(message_id, message_key)) AS addressee_count,
        COALESCE(event_type IN ('Reject', 'Rendering Failure'), FALSE) AS is_rejected
    FROM sent
    WHERE channel = 'email'
),

judged AS (
    -- the same rows; only of an e-mail to one person is it known who opens and clicks
    SELECT
        *,
        outcome = 'delivered' AND (addressee_count = 1 OR open_count + click_count + bot_open_count + bot_click_count > 0) AS is_traceable
    FROM emails
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS messages,
        {{ count_where("outcome = 'delivered'") }} AS delivered_count,
        {{ count_where(hard_bounced()) }} AS hard_bounce_count,
        {{ count_where("outcome = 'failed' AND permanent_failure_at IS NULL AND NOT is_rejected") }} AS soft_bounce_count,
        {{ count_where("outcome = 'failed' AND permanent_failure_at IS NULL AND is_rejected") }} AS rejected_count,
        {{ count_where("outcome = 'pending'") }} AS pending_count,
        {{ count_where("first_complained_at IS NOT NULL") }} AS complaint_count,
        {{ count_where("first_unsubscribed_at IS NOT NULL") }} AS unsubscribe_count,
        {{ count_where("outcome = 'delivered' OR first_complained_at IS NOT NULL OR first_unsubscribed_at IS NOT NULL") }} AS arrived_count,
        {{ count_where("is_traceable") }} AS traceable_count,
        {{ count_where("is_traceable AND open_count > 0") }} AS opened_count,
        {{ count_where("is_traceable AND click_count > 0") }} AS clicked_count,
        {{ count_where("is_traceable AND open_count + click_count > 0") }} AS noticed_count,
        {{ count_where("is_traceable AND open_count = 0 AND bot_open_count > 0") }} AS bot_opened_count,
        {{ count_where("is_traceable AND click_count = 0 AND bot_click_count > 0") }} AS bot_clicked_count,
        {{ percentile("delivered_latency_s", 0.5) }} AS latency_p50_s,
        {{ percentile("opened_latency_s", 0.5) }} AS time_to_open_p50_s,
        {{ percentile("opened_latency_s", 0.95) }} AS time_to_open_p95_s
    FROM judged
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    messages,
    delivered_count,
    hard_bounce_count,
    soft_bounce_count,
    rejected_count,
    pending_count,
    complaint_count,
    unsubscribe_count,
    traceable_count,
    opened_count,
    clicked_count,
    bot_opened_count,
    bot_clicked_count,
    {{ rate("delivered_count", "(messages - pending_count)") }} AS delivery_rate,
    {{ rate("hard_bounce_count", "(messages - pending_count)") }} AS hard_bounce_rate,
    {{ rate("soft_bounce_count", "(messages - pending_count)") }} AS soft_bounce_rate,
    {{ rate("complaint_count", "arrived_count") }} AS complaint_rate,
    {{ rate("unsubscribe_count", "arrived_count") }} AS unsubscribe_rate,
    {{ rate("opened_count", "traceable_count") }} AS open_rate,
    {{ rate("clicked_count", "traceable_count") }} AS click_rate,
    {{ rate("clicked_count", "noticed_count") }} AS click_to_open_rate,
    latency_p50_s,
    time_to_open_p50_s,
    time_to_open_p95_s
FROM counted_groups
{{ order_by() }}
