WITH dated AS (
    -- one row per MMS message, with its day and the hour of its arrival
    SELECT
        *,
        {{ utc_day("message_timestamp") }} AS message_date,
        {{ utc_hour("ingest_timestamp") }} AS ingest_hour
    FROM media_message_status
)

SELECT
    ingest_hour AS ingest_timestamp,
    message_date,
    iso_country_code,
    type,
    sending_address,
    COUNT(*) AS total_messages,
    {{ count_where("message_status = 'success'") }} AS successful_messages,
    ROUND({{ rate(count_where("message_status = 'success'"), "COUNT(*)") }}, 3) AS success_rate_percentage,
    ROUND(SUM(message_price), 4) AS total_message_price,
    ROUND(SUM(carrier_fee), 4) AS total_carrier_fee,
    ROUND(SUM(total_price), 4) AS total_cost,
    ROUND(AVG(message_parts), 2) AS avg_message_parts
FROM dated
GROUP BY ingest_hour, message_date, iso_country_code, type, sending_address
ORDER BY message_date, ingest_hour, iso_country_code, type, sending_address
