WITH {{ sample_messages("whatsapp") }}

SELECT
    MAX(message_id) AS messageid,
    {{ latest("originator") }} AS sending_address,
    {{ latest("recipient_id") }} AS destination_address,
    MIN(COALESCE(received_at, event_time)) AS ingest_timestamp,
    MIN(event_time) AS message_timestamp,
    {{ sample_time("accepted", "accepted_timestamp") }},
    {{ sample_time("sent", "sent_timestamp") }},
    {{ sample_time("delivered", "delivered_timestamp") }},
    {{ sample_time("read", "read_timestamp") }},
    {{ sample_time("failed", "failed_timestamp") }},
    {{ latest(map_value("attributes", "whatsAppWebhookEntry.changes[].value.statuses[].biz_opaque_callback_data")) }} AS biz_opaque,
    {{ latest("NULLIF(SPLIT_PART(status_reason, ':', 1), '')", "stage = 'failed'") }} AS status_code,
    {{ latest("conversation_id") }} AS conversation_id,
    COALESCE(
        {{ latest(map_value("attributes", "whatsAppWebhookEntry.changes[].value.statuses[].conversation.origin.type")) }},
        {{ latest("pricing_category") }}
    ) AS origin_type
FROM told
GROUP BY message_key
ORDER BY message_timestamp, message_key
