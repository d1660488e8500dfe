WITH logged AS (
    -- one row per message of the application's own log
    SELECT *
    FROM events
    WHERE source = 'conversation'
        AND {{ asked_for() }}
)

SELECT
    account_id AS accountid,
    tenant_id AS organizationid,
    message_id AS messageid,
    CASE WHEN direction = 'inbound' THEN recipient_id ELSE originator END AS sendingaddress,
    CASE WHEN direction = 'inbound' THEN originator ELSE recipient_id END AS destinationaddress,
    CASE channel WHEN 'sms' THEN 'text' WHEN 'mms' THEN 'media' ELSE COALESCE(channel, event_type) END AS channel,
    direction,
    {{ map_value("attributes", "knowledgeBaseId") }} AS knowledgebaseid,
    conversation_id AS sessionid,
    {{ map_value("attributes", "source") }} AS source,
    body AS message,
    {{ epoch_ms("event_time") }} AS timestamp,
    tags
FROM logged
ORDER BY event_time, event_id
