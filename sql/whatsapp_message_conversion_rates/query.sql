WITH reached AS (
    -- one row per message, with its day, the hour of its arrival and how far it came: a read message was delivered, a delivered one sent
    SELECT
        *,
        {{ utc_day("message_timestamp") }} AS message_date,
        {{ utc_hour("ingest_timestamp") }} AS ingest_hour,
        read_timestamp IS NOT NULL AS is_read,
        delivered_timestamp IS NOT NULL OR read_timestamp IS NOT NULL AS is_delivered,
        sent_timestamp IS NOT NULL OR delivered_timestamp IS NOT NULL OR read_timestamp IS NOT NULL AS is_sent
    FROM whatsapp_message_status
)

SELECT
    sending_address,
    ingest_hour AS ingest_timestamp,
    message_date AS message_timestamp,
    message_date,
    COUNT(*) AS total_messages,
    COUNT(accepted_timestamp) AS accepted_count,
    COUNT(sent_timestamp) AS sent_count,
    COUNT(delivered_timestamp) AS delivered_count,
    COUNT(read_timestamp) AS read_count,
    COUNT(failed_timestamp) AS failed_count,
    ROUND({{ rate(count_where("is_sent"), count_where("is_sent OR accepted_timestamp IS NOT NULL")) }}, 3) AS accepted_to_sent_rate,
    ROUND({{ rate(count_where("is_delivered"), count_where("is_sent")) }}, 3) AS sent_to_delivered_rate,
    ROUND({{ rate(count_where("is_read"), count_where("is_delivered")) }}, 3) AS delivered_to_read_rate,
    ROUND({{ rate("COUNT(failed_timestamp)", count_where("is_sent OR failed_timestamp IS NOT NULL")) }}, 3) AS sent_to_failed_rate
FROM reached
GROUP BY sending_address, ingest_hour, message_date
ORDER BY message_date, ingest_hour, sending_address
