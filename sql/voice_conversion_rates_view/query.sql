WITH dated AS (
    -- one row per voice message, with its day and the hour of its arrival
    SELECT
        *,
        {{ utc_day("message_timestamp") }} AS message_date,
        {{ utc_hour("ingest_timestamp") }} AS ingest_hour
    FROM voice_message_status
)

SELECT
    ingest_hour AS ingest_timestamp,
    message_date,
    iso_country_code,
    sending_address,
    COUNT(*) AS total_messages,
    {{ count_where("message_status = 'success'") }} AS successful_messages,
    ROUND({{ rate(count_where("message_status = 'success'"), "COUNT(*)") }}, 3) AS success_rate_percentage,
    ROUND(SUM(message_price), 4) AS total_message_price,
    ROUND(AVG(call_duration), 2) AS avg_call_duration
FROM dated
GROUP BY ingest_hour, message_date, iso_country_code, sending_address
ORDER BY message_date, ingest_hour, iso_country_code, sending_address
