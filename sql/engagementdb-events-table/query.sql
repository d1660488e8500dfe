WITH told AS (
    -- one row per event of the kinds that the sample knows
    SELECT
        *,
        message_price_usd IS NOT NULL OR carrier_fee_usd IS NOT NULL AS is_priced
    FROM events
    WHERE stage <> 'feedback'
        AND source <> 'conversation'
        AND (direction = 'outbound' OR channel = 'whatsapp')
        AND {{ asked_for() }}
),

numbered AS (
    -- the same rows, the last one with a price first: price and fee stand on that event only, so that sums count them once
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY COALESCE(message_key, event_id), is_priced ORDER BY event_time DESC, event_id DESC) AS recency
    FROM told
)

SELECT
    account_id AS accountid,
    tenant_id AS organizationid,
    originator AS sendingid,
    originator AS sendingaddress,
    CASE WHEN recipient_id IS NOT NULL THEN ARRAY[recipient_id] ELSE CAST(ARRAY[] AS {{ strings() }}) END AS destinationaddress,
    CASE channel WHEN 'sms' THEN 'text' WHEN 'mms' THEN 'media' ELSE channel END AS channel,
    CASE
        WHEN channel = 'email' THEN event_type
        WHEN channel = 'whatsapp' AND direction = 'inbound' THEN 'message'
        WHEN channel = 'whatsapp' THEN 'messageStatus'
        ELSE UPPER(message_type)
    END AS type,
    event_type AS status,
    CASE
        WHEN channel = 'email' THEN NULLIF(SPLIT_PART(provider_status, '/', 1), '')
        WHEN channel = 'whatsapp' THEN NULLIF(SPLIT_PART(status_reason, ':', 1), '')
        ELSE provider_status
    END AS statuscode,
    CASE
        WHEN channel = 'email' AND stage = 'failed' THEN NULLIF(SPLIT_PART(provider_status, '/', 2), '')
        WHEN stage = 'clicked' THEN link
        ELSE status_reason
    END AS statusmessage,
    CAST(NULL AS VARCHAR) AS rawstatus,
    {{ epoch_ms("event_time") }} AS timestamp,
    message_id AS messageid,
    tags,
    MAP(
        ARRAY[
            'isocountrycode', 'totalmessageparts', 'totalmessageprice', 'totalcarrierfee', 'mcc', 'mnc',
            'calldurationinseconds', 'subject', 'conversationid'
        ],
        ARRAY[
            recipient_country,
            CAST(parts AS VARCHAR),
            CASE WHEN is_priced AND recency = 1 THEN CAST(message_price_usd AS VARCHAR) END,
            CASE WHEN is_priced AND recency = 1 THEN CAST(carrier_fee_usd AS VARCHAR) END,
            mcc,
            mnc,
            CAST(duration_s AS VARCHAR),
            subject,
            conversation_id
        ]
    ) AS channeldata,
    raw_event AS rawevent,
    COALESCE(received_at, event_time) AS ingest_timestamp
FROM numbered
ORDER BY event_time, event_id
