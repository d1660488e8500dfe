WITH {{ sample_messages("whatsapp") }},

grouped AS (
    -- one row per conversation, originator and person
    SELECT
        conversation_id,
        originator,
        recipient_id,
        COUNT(DISTINCT message_key) AS total_messages,
        MIN(COALESCE(received_at, event_time)) AS ingest_timestamp,
        MIN(event_time) AS first_message_timestamp,
        MAX(event_time) AS last_message_timestamp,
        {{ latest(map_value("attributes", "whatsAppWebhookEntry.changes[].value.statuses[].biz_opaque_callback_data")) }} AS biz_opaque,
        {{ latest("NULLIF(SPLIT_PART(status_reason, ':', 1), '')", "stage = 'failed'") }} AS status_code,
        COALESCE(
            {{ latest(map_value("attributes", "whatsAppWebhookEntry.changes[].value.statuses[].conversation.origin.type")) }},
            {{ latest("pricing_category") }}
        ) AS origin_type
    FROM told
    WHERE conversation_id IS NOT NULL
        AND stage <> 'feedback'
        AND event_type <> 'accepted'
    GROUP BY conversation_id, originator, recipient_id
)

SELECT
    conversation_id,
    total_messages,
    ingest_timestamp,
    first_message_timestamp AS message_timestamp,
    first_message_timestamp,
    last_message_timestamp,
    CAST(FLOOR({{ seconds_between("first_message_timestamp", "last_message_timestamp") }}) AS BIGINT) AS conversation_duration_seconds,
    CAST({{ seconds_between("first_message_timestamp", "last_message_timestamp") }} AS DOUBLE) / 60 AS conversation_duration_minutes,
    originator AS sending_address,
    recipient_id AS destination_address,
    biz_opaque,
    status_code,
    origin_type
FROM grouped
ORDER BY first_message_timestamp, conversation_id, originator, recipient_id
