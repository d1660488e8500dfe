WITH judged AS (
    -- one row per e-mail and recipient, with its day, the hour of its arrival and how far it is known to have come
    SELECT
        *,
        {{ utc_day("message_timestamp") }} AS message_date,
        {{ utc_hour("ingest_timestamp") }} AS ingest_hour,
        delivery_timestamp IS NOT NULL OR open_count + click_count > 0 OR complaint_timestamp IS NOT NULL AS has_arrived,
        open_count + click_count > 0 AS is_noticed
    FROM email_message_status
),

counted AS (
    -- one row per group, with the counts that the rates divide
    SELECT
        message_date,
        isp,
        sending_domain,
        campaign,
        configuration_set,
        ingest_hour,
        MIN(send_timestamp) AS first_sent_at,
        COUNT(*) AS total_emails_sent,
        {{ count_where("delivery_timestamp IS NOT NULL") }} AS total_deliveries,
        {{ count_where("bounce_timestamp IS NOT NULL") }} AS total_bounces,
        {{ count_where("complaint_timestamp IS NOT NULL") }} AS total_complaints,
        {{ count_where("open_count > 0") }} AS total_emails_opened,
        {{ count_where("click_count > 0") }} AS total_emails_clicked,
        {{ count_where("has_arrived") }} AS arrived_count,
        {{ count_where("is_noticed") }} AS noticed_count
    FROM judged
    GROUP BY message_date, isp, sending_domain, campaign, configuration_set, ingest_hour
)

SELECT
    message_date,
    isp,
    sending_domain,
    campaign,
    configuration_set,
    ingest_hour AS ingest_timestamp,
    first_sent_at AS message_timestamp,
    total_emails_sent,
    total_deliveries,
    total_bounces,
    total_complaints,
    total_emails_opened,
    total_emails_clicked,
    ROUND({{ rate("total_deliveries", "total_emails_sent") }}, 2) AS delivery_rate,
    ROUND({{ rate("total_emails_opened", "arrived_count") }}, 2) AS open_rate,
    ROUND({{ rate("total_emails_clicked", "noticed_count") }}, 2) AS open_to_click_rate,
    ROUND({{ rate("total_bounces", "total_emails_sent") }}, 2) AS bounce_rate,
    ROUND({{ rate("total_complaints", "arrived_count") }}, 2) AS complaint_rate
FROM counted
ORDER BY message_date, ingest_hour, isp, sending_domain, campaign, configuration_set
