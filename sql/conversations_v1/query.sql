WITH told AS (
    -- one row per event that tells when a message began, with the word for who wrote it
    SELECT
        *,
        COALESCE(requested_at, event_time) AS said_at,
        {{ map_value("attributes", "source") }} AS written_by
    FROM events
    WHERE (stage IN ('queued', 'sent', 'received') OR requested_at IS NOT NULL)
        AND message_key IS NOT NULL
        AND recipient_id IS NOT NULL
        AND {{ asked_for(without="use_case") }}
),

talkers AS (
    -- one row per person who wrote to an originator
    SELECT DISTINCT channel, originator, recipient_id
    FROM told
    WHERE direction = 'inbound'
),

said AS (
    -- one row per message with these people, whoever tells of it
    SELECT
        message_key,
        MAX(told.channel) AS channel,
        MAX(told.originator) AS originator,
        MAX(told.recipient_id) AS recipient_id,
        MAX(direction) AS direction,
        MIN(said_at) AS said_at,
        MAX(written_by) AS written_by,
        MAX(use_case) AS use_case,
        MAX(recipient_country) AS recipient_country,
        MAX(tenant_id) AS tenant_id,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM told
    INNER JOIN talkers
        ON told.channel = talkers.channel
        AND told.originator = talkers.originator
        AND told.recipient_id = talkers.recipient_id
    GROUP BY message_key
),

followed AS (
    -- the same rows, with the time of the message before
    SELECT
        *,
        LAG(said_at) OVER (PARTITION BY channel, originator, recipient_id ORDER BY said_at, message_key) AS previous_at
    FROM said
),

numbered AS (
    -- the same rows, with the number of the person's session; a day without a message ends one
    SELECT
        *,
        SUM(CASE WHEN previous_at IS NULL OR said_at >= previous_at + INTERVAL '24' HOUR THEN 1 ELSE 0 END) OVER (
            PARTITION BY channel, originator, recipient_id
            ORDER BY said_at, message_key
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS session_number
    FROM followed
),

turns AS (
    -- the same rows, with how many of the session's messages the company had written before, and which one is the last
    SELECT
        *,
        COUNT(CASE WHEN direction = 'outbound' THEN 1 END) OVER (
            PARTITION BY channel, originator, recipient_id, session_number
            ORDER BY said_at, message_key
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS turn,
        ROW_NUMBER() OVER (
            PARTITION BY channel, originator, recipient_id, session_number
            ORDER BY said_at DESC, message_key DESC
        ) AS recency
    FROM numbered
),

answers AS (
    -- one row per turn: what the person wrote since the company's last message, and the company's next one
    SELECT
        channel,
        originator,
        recipient_id,
        session_number,
        turn,
        MIN(said_at) AS began_at,
        MAX(said_at) AS ended_at,
        {{ count_where("direction = 'inbound'") }} AS inbound_count,
        {{ count_where("direction = 'outbound'") }} AS outbound_count,
        {{ seconds_between("MIN(CASE WHEN direction = 'inbound' THEN said_at END)", "MIN(CASE WHEN direction = 'outbound' THEN said_at END)") }} AS response_s,
        MAX(CASE WHEN recency = 1 THEN direction END) AS last_direction,
        MAX(CASE WHEN recency = 1 AND direction = 'outbound' THEN written_by END) AS last_written_by,
        MAX(use_case) AS use_case,
        MAX(recipient_country) AS recipient_country,
        MAX(tenant_id) AS tenant_id,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM turns
    GROUP BY channel, originator, recipient_id, session_number, turn
),

sessions AS (
    -- one row per session in which the person wrote
    SELECT
        channel,
        originator,
        recipient_id,
        MIN(began_at) AS began_at,
        MAX(ended_at) AS ended_at,
        SUM(inbound_count) AS inbound_count,
        SUM(outbound_count) AS outbound_count,
        MIN_BY(response_s, turn) FILTER (WHERE response_s IS NOT NULL) AS first_response_s,
        COUNT(response_s) AS response_count,
        SUM(response_s) AS response_sum_s,
        MAX(last_direction) AS last_direction,
        MAX(last_written_by) AS last_written_by,
        MIN_BY(use_case, turn) FILTER (WHERE use_case IS NOT NULL) AS use_case,
        MAX(recipient_country) AS recipient_country,
        MAX(tenant_id) AS tenant_id,
        MAX(account_id) AS account_id,
        MAX(region) AS region
    FROM answers
    GROUP BY channel, originator, recipient_id, session_number
    HAVING SUM(inbound_count) > 0
),

ended_sessions AS (
    -- the sessions that began within the window, with what they came to by now
    SELECT
        *,
        {{ utc_day("began_at") }} AS day,
        {{ utc_hour("began_at") }} AS hour,
        ended_at + INTERVAL '24' HOUR > {{ instant(now) }} AS is_open,
        ended_at + INTERVAL '24' HOUR <= {{ instant(now) }} AND last_direction = 'outbound' AS is_resolved,
        CASE WHEN ended_at + INTERVAL '24' HOUR <= {{ instant(now) }} THEN last_written_by END AS resolved_by
    FROM sessions
    WHERE {{ within_window("began_at") }}
        AND {{ filtered_by("use_case") }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS conversation_count,
        {{ count_where("is_open") }} AS open_count,
        {{ count_where("response_count > 0") }} AS answered_count,
        {{ count_where("is_resolved") }} AS resolved_count,
        COUNT(DISTINCT recipient_id) AS recipient_count,
        CAST(SUM(inbound_count) AS BIGINT) AS inbound_count,
        CAST(SUM(outbound_count) AS BIGINT) AS outbound_count,
        SUM(response_sum_s) AS response_sum_s,
        SUM(response_count) AS response_count,
        {{ percentile("first_response_s", 0.5) }} AS first_response_p50_s,
        {{ percentile("first_response_s", 0.95) }} AS first_response_p95_s,
        {{ percentile(seconds_between("began_at", "ended_at"), 0.5) }} AS duration_p50_s
    FROM ended_sessions
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    conversation_count,
    open_count,
    answered_count,
    resolved_count,
    recipient_count,
    inbound_count,
    outbound_count,
    {{ rate("answered_count", "conversation_count") }} AS answered_rate,
    {{ rate("resolved_count", "(conversation_count - open_count)") }} AS resolved_rate,
    first_response_p50_s,
    first_response_p95_s,
    {{ rate("response_sum_s", "response_count") }} AS response_mean_s,
    duration_p50_s
FROM counted_groups
{{ order_by() }}
