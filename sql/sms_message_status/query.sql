WITH {{ sample_messages("sms") }}

SELECT
    MAX(message_id) AS messageid,
    {{ latest("recipient_country") }} AS iso_country_code,
    UPPER({{ latest("message_type") }}) AS type,
    CAST({{ latest("carrier_fee_usd") }} AS DOUBLE) AS carrier_fee,
    CAST({{ latest("message_price_usd") }} AS DOUBLE) AS message_price,
    MAX(parts) AS message_parts,
    CAST({{ cost(latest("message_price_usd"), latest("carrier_fee_usd")) }} AS DOUBLE) AS total_price,
    {{ latest("recipient_id") }} AS destination_address,
    {{ latest("originator") }} AS sending_address,
    {{ latest("carrier") }} AS carrier_name,
    {{ sample_time("TEXT_DELIVERED", "text_delivered") }},
    {{ sample_time("TEXT_SUCCESSFUL", "text_successful") }},
    {{ sample_time("TEXT_QUEUED", "text_queued") }},
    {{ sample_time("TEXT_PENDING", "text_pending") }},
    {{ sample_time("TEXT_BLOCKED", "text_blocked") }},
    {{ sample_time("TEXT_TTL_EXPIRED", "text_ttl_expired") }},
    {{ sample_time("TEXT_CARRIER_UNREACHABLE", "text_carrier_unreachable") }},
    {{ sample_time("TEXT_INVALID", "text_invalid") }},
    {{ sample_time("TEXT_INVALID_MESSAGE", "text_invalid_message") }},
    {{ sample_time("TEXT_CARRIER_BLOCKED", "text_carrier_blocked") }},
    {{ sample_time("TEXT_UNREACHABLE", "text_unreachable") }},
    {{ sample_time("TEXT_SPAM", "text_spam") }},
    {{ sample_time("TEXT_UNKNOWN", "text_unknown") }},
    {{ latest("tags") }} AS context,
    MIN(COALESCE(received_at, event_time)) AS ingest_timestamp,
    MIN(event_time) AS message_timestamp,
    {{ latest("provider_status", "tells_status") }} AS last_status,
    {{ latest("status_reason", "tells_status") }} AS status_description,
    {{ sample_outcome() }} AS message_status
FROM told
GROUP BY message_key
ORDER BY message_timestamp, message_key
