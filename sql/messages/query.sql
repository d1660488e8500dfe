{# The ends without a receipt. Which is the last is asked of the few rows only that have none: CASE stops at the first that holds. #}
{% set ends = ["last_blocked_at", "last_failed_at", "last_expired_at", "final_accepted_at"] -%}
WITH stored AS (
    -- one row per stored message of the window
    SELECT
        {{ stored_columns() }}
    FROM messages_stored
    WHERE {{ asked_for() }}
)

SELECT
    {{ column_names() }},
    CASE
        WHEN direction = 'inbound' THEN 'received'
        -- a permanent failure takes back the delivery before it; opens and clicks do not undo that
        WHEN permanent_failure_at IS NOT NULL
            AND NOT COALESCE(last_delivered_at >= permanent_failure_at OR last_read_at >= permanent_failure_at, FALSE) THEN 'failed'
        -- a reader, an opener and a clicker have the message, even when no receipt says so
        WHEN COALESCE(last_delivered_at, last_read_at, last_opened_at, last_clicked_at) IS NOT NULL THEN 'delivered'
        -- without a delivery the last word counts; words of the same instant in the order of the stages
        WHEN last_blocked_at = {{ last_of(ends) }} THEN 'blocked'
        WHEN last_failed_at = {{ last_of(ends) }} THEN 'failed'
        WHEN last_expired_at = {{ last_of(ends) }} THEN 'expired'
        WHEN final_accepted_at = {{ last_of(ends) }} THEN 'accepted'
        WHEN last_unknown_at IS NOT NULL THEN 'unknown'
        ELSE 'pending'
    END AS outcome,
    CASE
        WHEN feedback_status IS NOT NULL THEN feedback_status
        WHEN NOT feedback_expected THEN 'not_expected'
        WHEN message_time + INTERVAL '1' HOUR < {{ instant(now) }} THEN 'silent'
        ELSE 'pending'
    END AS feedback_state,
    feedback_at > message_time + INTERVAL '1' HOUR AS feedback_late
FROM stored
