WITH sent_messages AS (
    -- one row per outbound message; a row that only feedback made is no message yet
    SELECT
        channel,
        recipient_country,
        outcome,
        delivered_latency_s
    FROM messages
    WHERE direction = 'outbound'
        AND channel IS NOT NULL
        AND {{ asked_for() }}
),

channel_trust AS (
    -- one row per channel: who vouches for its receipts where the country says nothing else
    SELECT channel, receipt_trust
    FROM receipt_trust
    WHERE recipient_country IS NULL
),

country_trust AS (
    -- one row per channel and country that differs from its channel
    SELECT channel, recipient_country, receipt_trust
    FROM receipt_trust
    WHERE recipient_country IS NOT NULL
),

vouched_messages AS (
    -- the sent messages, with how far their receipts can be trusted: 0 nobody, 1 the carrier, 2 the handset
    SELECT
        sent_messages.*,
        CASE COALESCE(country_trust.receipt_trust, channel_trust.receipt_trust)
            WHEN 'none' THEN 0
            WHEN 'carrier' THEN 1
            WHEN 'handset' THEN 2
        END AS trust_level
    FROM sent_messages
    LEFT JOIN channel_trust
        ON sent_messages.channel = channel_trust.channel
    LEFT JOIN country_trust
        ON sent_messages.channel = country_trust.channel
        AND sent_messages.recipient_country = country_trust.recipient_country
),

counted_countries AS (
    -- one row per country, and one for the messages whose country nobody states
    SELECT
        recipient_country,
        {{ outcome_counts() }},
        {{ percentile("delivered_latency_s", 0.5) }} AS latency_p50_s,
        {{ percentile("delivered_latency_s", 0.95) }} AS latency_p95_s,
        MIN(trust_level) AS weakest_trust
    FROM vouched_messages
    GROUP BY recipient_country
)

SELECT
    counted_countries.recipient_country,
    countries.name AS country_name,
    countries.numeric AS country_numeric,
    countries.region AS country_region,
    messages,
    delivered_count,
    accepted_count,
    failed_count,
    blocked_count,
    expired_count,
    unknown_count,
    pending_count,
    {{ delivery_rate() }} AS delivery_rate,
    latency_p50_s,
    latency_p95_s,
    CASE weakest_trust WHEN 0 THEN 'none' WHEN 1 THEN 'carrier' WHEN 2 THEN 'handset' END AS receipt_trust
FROM counted_countries
LEFT JOIN countries
    ON counted_countries.recipient_country = countries.country
ORDER BY messages DESC, counted_countries.recipient_country
