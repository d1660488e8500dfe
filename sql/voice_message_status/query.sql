WITH {{ sample_messages("voice") }}

SELECT
    MAX(message_id) AS messageid,
    {{ latest("recipient_country") }} AS iso_country_code,
    CAST({{ latest("message_price_usd") }} AS DOUBLE) AS message_price,
    MAX(duration_s) AS call_duration,
    {{ latest("recipient_id") }} AS destination_address,
    {{ latest("originator") }} AS sending_address,
    {{ sample_time("VOICE_INITIATED", "voice_initiated") }},
    {{ sample_time("VOICE_RINGING", "voice_ringing") }},
    {{ sample_time("VOICE_ANSWERED", "voice_answered") }},
    {{ sample_time("VOICE_COMPLETED", "voice_completed") }},
    {{ sample_time("VOICE_BUSY", "voice_busy") }},
    {{ sample_time("VOICE_NO_ANSWER", "voice_no_answer") }},
    {{ sample_time("VOICE_TTL_EXPIRED", "voice_ttl_expired") }},
    {{ sample_time("VOICE_FAILED", "voice_failed") }},
    {{ latest("tags") }} AS context,
    MIN(COALESCE(received_at, event_time)) AS ingest_timestamp,
    MIN(event_time) AS message_timestamp,
    {{ latest("provider_status", "tells_status") }} AS last_status,
    {{ sample_outcome() }} AS message_status
FROM told
GROUP BY message_key
ORDER BY message_timestamp, message_key
