WITH stored AS (
    -- one row per stored message of the window
    SELECT
        {{ stored_columns() }}
    FROM messages_stored
    WHERE {{ asked_for() }}
),

ended AS (
    -- the same rows, with the last receipt of the person's device, and the last end without one (1970: never)
    SELECT
        *,
        GREATEST(
            COALESCE(last_delivered_at, {{ instant("1970-01-01 00:00:00") }}),
            COALESCE(last_read_at, {{ instant("1970-01-01 00:00:00") }})
        ) AS last_receipt_at,
        GREATEST(
            COALESCE(last_blocked_at, {{ instant("1970-01-01 00:00:00") }}),
            COALESCE(last_failed_at, {{ instant("1970-01-01 00:00:00") }}),
            COALESCE(last_expired_at, {{ instant("1970-01-01 00:00:00") }}),
            COALESCE(final_accepted_at, {{ instant("1970-01-01 00:00:00") }})
        ) AS last_end_at
    FROM stored
)

SELECT
    {{ column_names() }},
    CASE
        WHEN direction = 'inbound' THEN 'received'
        -- a permanent failure takes back the delivery before it; opens and clicks do not undo that
        WHEN permanent_failure_at > last_receipt_at THEN 'failed'
        -- a reader, an opener and a clicker have the message, even when no receipt says so
        WHEN COALESCE(last_delivered_at, last_read_at, last_opened_at, last_clicked_at) IS NOT NULL THEN 'delivered'
        -- without a delivery the last word counts; words of the same instant in the order of the stages
        WHEN last_blocked_at = last_end_at THEN 'blocked'
        WHEN last_failed_at = last_end_at THEN 'failed'
        WHEN last_expired_at = last_end_at THEN 'expired'
        WHEN final_accepted_at = last_end_at THEN 'accepted'
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
FROM ended
