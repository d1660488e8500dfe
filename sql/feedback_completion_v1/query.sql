WITH expecting_messages AS (
    -- one row per outbound message that expects feedback or has it
    SELECT
        *,
        {{ utc_day("message_time") }} AS day,
        {{ utc_hour("message_time") }} AS hour
    FROM messages
    WHERE direction = 'outbound'
        AND feedback_state <> 'not_expected'
        AND {{ asked_for() }}
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS expected_count,
        {{ count_where("feedback_state = 'received'") }} AS received_count,
        {{ count_where("feedback_state = 'failed'") }} AS failed_count,
        {{ count_where("feedback_state = 'silent'") }} AS silent_count,
        {{ count_where("feedback_state = 'pending'") }} AS pending_count,
        {{ count_where("feedback_late") }} AS late_count
    FROM expecting_messages
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    expected_count,
    received_count,
    failed_count,
    silent_count,
    pending_count,
    late_count,
    {{ rate("received_count", "(received_count + failed_count + silent_count)") }} AS completion_rate,
    {{ rate("received_count", "(received_count + failed_count)") }} AS provider_completion_rate
FROM counted_groups
{{ order_by() }}
