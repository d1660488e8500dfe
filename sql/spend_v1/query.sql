{% set matches = [
    ("country_category_rate", ["recipient_country", "pricing_category"]),
    ("country_rate", ["recipient_country"]),
    ("category_rate", ["pricing_category"]),
    ("channel_rate", []),
] %}
WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

dated_rates AS (
    -- one row per kind of message and day from which its rate holds, with the day on which the next one begins
    SELECT
        channel,
        recipient_country,
        pricing_category,
        CAST(valid_from AS DATE) AS valid_from,
        LEAD(CAST(valid_from AS DATE)) OVER (
            PARTITION BY channel, recipient_country, pricing_category
            ORDER BY CAST(valid_from AS DATE)
        ) AS valid_until,
        MAX(CAST(message_price_usd AS DECIMAL(18, 8))) AS price_usd,
        MAX(CAST(carrier_fee_usd AS DECIMAL(18, 8))) AS fee_usd
    FROM rate_card
    GROUP BY channel, recipient_country, pricing_category, valid_from
),

rated AS (
    -- the sent messages with the nearest row of the rate card; WhatsApp bills no message that is free or never arrived
    SELECT
        sent.*,
        sent.message_price_usd IS NOT NULL OR sent.carrier_fee_usd IS NOT NULL AS is_stated,
        COALESCE({% for name, _ in matches %}{{ name }}.price_usd{{ ", " if not loop.last }}{% endfor %})
            * CASE WHEN sent.channel = 'whatsapp' AND (sent.billable = FALSE OR sent.outcome <> 'delivered') THEN 0 ELSE 1 END
            AS rated_price_usd,
        COALESCE({% for name, _ in matches %}{{ name }}.fee_usd{{ ", " if not loop.last }}{% endfor %}) AS rated_fee_usd
    FROM sent
    {% for name, keys in matches %}
    LEFT JOIN dated_rates AS {{ name }}
        ON sent.channel = {{ name }}.channel
        {% for key in ["recipient_country", "pricing_category"] %}
        AND {{ "sent." ~ key ~ " = " ~ name ~ "." ~ key if key in keys else name ~ "." ~ key ~ " IS NULL" }}
        {% endfor %}
        AND sent.day >= {{ name }}.valid_from
        AND (sent.day < {{ name }}.valid_until OR {{ name }}.valid_until IS NULL)
    {% endfor %}
),

priced AS (
    -- the same rows with price and fee: what the provider states, else what the rate card says, else nothing
    SELECT
        *,
        CASE WHEN is_stated THEN message_price_usd ELSE rated_price_usd END AS price_usd,
        CASE WHEN is_stated THEN carrier_fee_usd ELSE rated_fee_usd END AS fee_usd
    FROM rated
),

costed AS (
    -- the same rows with the sum of both
    SELECT
        *,
        {{ cost("price_usd", "fee_usd") }} AS cost_usd
    FROM priced
),

counted_groups AS (
    -- one row per group
    SELECT
        {{ grouped_columns() }}
        COUNT(*) AS messages,
        COUNT(cost_usd) AS priced_count,
        SUM(price_usd) AS price_usd,
        SUM(fee_usd) AS fee_usd,
        SUM(cost_usd) AS spend_usd,
        {{ count_where("cost_usd IS NOT NULL AND outcome IN ('delivered', 'accepted')") }} AS delivered_count,
        {{ count_where("cost_usd IS NOT NULL AND feedback_state = 'received'") }} AS confirmed_count,
        SUM(CASE WHEN feedback_state <> 'not_expected' THEN cost_usd END) AS expecting_spend_usd
    FROM costed
    {{ group_by() }}
)

SELECT
    {{ grouped_columns() }}
    messages,
    priced_count,
    price_usd,
    fee_usd,
    spend_usd,
    delivered_count,
    confirmed_count,
    {{ rate("spend_usd", "delivered_count") }} AS spend_per_delivered_usd,
    expecting_spend_usd,
    {{ rate("expecting_spend_usd", "confirmed_count") }} AS spend_per_confirmed_usd
FROM counted_groups
{{ order_by() }}
