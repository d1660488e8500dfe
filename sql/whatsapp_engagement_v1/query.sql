WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

whatsapp_messages AS (
    -- the WhatsApp messages among them; most sources state no send request, and the sent status stands for it
    SELECT
        *,
        {{ seconds_between("COALESCE(requested_at, first_sent_at)", "first_delivered_at") }} AS arrival_s,
        {{ seconds_between("COALESCE(requested_at, first_sent_at)", "first_read_at") }} AS reading_s
    FROM sent
    WHERE channel = 'whatsapp'
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS messages,
        {{ count_where("outcome = 'delivered'") }} AS delivered_count,
        {{ count_where("outcome = 'delivered' AND first_read_at IS NOT NULL") }} AS read_count,
        {{ count_where("outcome = 'failed'") }} AS failed_count,
        {{ count_where("outcome = 'unknown'") }} AS unknown_count,
        {{ count_where("outcome = 'pending'") }} AS pending_count,
        {{ count_where("billable") }} AS billable_count,
        COUNT(DISTINCT recipient_id) AS recipient_count,
        {{ percentile("arrival_s", 0.5) }} AS latency_p50_s,
        {{ percentile("arrival_s", 0.95) }} AS latency_p95_s,
        {{ percentile("reading_s", 0.5) }} AS time_to_read_p50_s,
        {{ percentile("reading_s", 0.95) }} AS time_to_read_p95_s
    FROM whatsapp_messages
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    messages,
    delivered_count,
    read_count,
    failed_count,
    unknown_count,
    pending_count,
    billable_count,
    recipient_count,
    {{ rate("delivered_count", "(messages - pending_count)") }} AS delivery_rate,
    {{ rate("read_count", "delivered_count") }} AS read_rate,
    {{ rate("failed_count", "(messages - pending_count)") }} AS failed_rate,
    latency_p50_s,
    latency_p95_s,
    time_to_read_p50_s,
    time_to_read_p95_s
FROM counted_groups
{{ order_by() }}
