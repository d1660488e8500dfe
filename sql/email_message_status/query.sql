WITH {{ sample_messages("email") }}

SELECT
    MAX(message_id) AS messageid,
    {{ latest("originator") }} AS sendingaddress,
    {{ latest("recipient_id") }} AS destinationaddress,
    MIN(COALESCE(received_at, event_time)) AS ingest_timestamp,
    MIN(COALESCE(requested_at, event_time)) AS message_timestamp,
    {{ sample_time("Send", "send_timestamp") }},
    {{ sample_time("Bounce", "bounce_timestamp") }},
    {{ sample_time("Complaint", "complaint_timestamp") }},
    {{ sample_time("Delivery", "delivery_timestamp") }},
    {{ sample_time("Reject", "reject_timestamp") }},
    MAX(CASE WHEN stage = 'opened' AND NOT COALESCE(is_bot, FALSE) THEN event_time END) AS last_open_timestamp,
    {{ count_where("stage = 'opened' AND NOT COALESCE(is_bot, FALSE)") }} AS open_count,
    MAX(CASE WHEN stage = 'clicked' AND NOT COALESCE(is_bot, FALSE) THEN event_time END) AS last_click_timestamp,
    {{ count_where("stage = 'clicked' AND NOT COALESCE(is_bot, FALSE)") }} AS click_count,
    {{ latest("link", "stage = 'clicked' AND NOT COALESCE(is_bot, FALSE)") }} AS last_clicked_link,
    {{ sample_time("Rendering Failure", "rendering_failure_timestamp") }},
    {{ sample_time("DeliveryDelay", "delivery_delay_timestamp") }},
    {{ sample_time("Subscription", "subscription_timestamp") }},
    {{ latest("NULLIF(SPLIT_PART(provider_status, '/', 1), '')", "event_type = 'Bounce'") }} AS bouncetype,
    {{ latest("NULLIF(SPLIT_PART(provider_status, '/', 2), '')", "event_type = 'Bounce'") }} AS bouncesubtype,
    {{ latest("NULLIF(SPLIT_PART(provider_status, '/', 1), '')", "event_type = 'Complaint'") }} AS complaintfeedbacktype,
    {{ latest("event_type", "event_type IN ('Bounce', 'Complaint', 'Delivery', 'Reject', 'Send')") }} AS last_status,
    CASE {{ latest("recipient_domain") }}
        WHEN 'gmail.com' THEN 'gmail'
        WHEN 'yahoo.com' THEN 'yahoo'
        ELSE {{ latest("recipient_domain") }}
    END AS isp,
    COALESCE(NULLIF(SPLIT_PART({{ latest("originator") }}, '@', 2), ''), 'none') AS sending_domain,
    {{ latest(map_value("tags", "ses:source-tls-version")) }} AS source_tls_version,
    {{ latest("subject") }} AS subject,
    {{ latest(map_value("tags", "ses:source-ip")) }} AS source_ip,
    COALESCE({{ latest("configuration_set") }}, 'none') AS configuration_set,
    COALESCE({{ latest("campaign") }}, 'none') AS campaign
FROM told
GROUP BY message_key
ORDER BY message_timestamp, message_key
