WITH stored AS (
    -- one row per stored message of the window
    SELECT
        {{ stored_columns() }}
    FROM messages_stored
    WHERE {{ asked_for() }}
)

SELECT
    {{ column_names() }},
    -- what depends on the clock is never stored
    CASE
        WHEN feedback_status IS NOT NULL THEN feedback_status
        WHEN NOT feedback_expected THEN 'not_expected'
        WHEN message_time + INTERVAL '1' HOUR < {{ instant(now) }} THEN 'silent'
        ELSE 'pending'
    END AS feedback_state,
    feedback_at > message_time + INTERVAL '1' HOUR AS feedback_late
FROM stored
