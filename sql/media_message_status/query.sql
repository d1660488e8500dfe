WITH {{ sample_messages("mms") }}

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
    {{ sample_time("MEDIA_DELIVERED", "media_delivered") }},
    {{ sample_time("MEDIA_SUCCESSFUL", "media_successful") }},
    {{ sample_time("MEDIA_QUEUED", "media_queued") }},
    {{ sample_time("MEDIA_PENDING", "media_pending") }},
    {{ sample_time("MEDIA_BLOCKED", "media_blocked") }},
    {{ sample_time("MEDIA_TTL_EXPIRED", "media_ttl_expired") }},
    {{ sample_time("MEDIA_CARRIER_UNREACHABLE", "media_carrier_unreachable") }},
    {{ sample_time("MEDIA_INVALID", "media_invalid") }},
    {{ sample_time("MEDIA_INVALID_MESSAGE", "media_invalid_message") }},
    {{ sample_time("MEDIA_CARRIER_BLOCKED", "media_carrier_blocked") }},
    {{ sample_time("MEDIA_UNREACHABLE", "media_unreachable") }},
    {{ sample_time("MEDIA_SPAM", "media_spam") }},
    {{ sample_time("MEDIA_UNKNOWN", "media_unknown") }},
    {{ sample_time("MEDIA_FILE_TYPE_UNSUPPORTED", "media_type_unsupported") }},
    {{ sample_time("MEDIA_FILE_SIZE_EXCEEDED", "media_size_exceeded") }},
    {{ sample_time("MEDIA_FILE_INACCESSIBLE", "media_inaccessible") }},
    {{ latest("tags") }} AS context,
    MIN(COALESCE(received_at, event_time)) AS ingest_timestamp,
    MIN(event_time) AS message_timestamp,
    {{ latest("provider_status", "tells_status") }} AS last_status,
    {{ latest("status_reason", "tells_status") }} AS status_description,
    {{ sample_outcome() }} AS message_status
FROM told
GROUP BY message_key
ORDER BY message_timestamp, message_key
