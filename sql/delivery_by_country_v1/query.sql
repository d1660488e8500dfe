WITH sent AS (
    -- one row per outbound message
    {{ sent_messages() }}
),

{{ vouched("sent") }},

counted_countries AS (
    -- one row per country, and one for the messages whose country nobody states
    SELECT
        recipient_country,
        {{ delivery_counts() }},
        {{ weakest_trust() }} AS receipt_trust
    FROM vouched_messages
    GROUP BY recipient_country
)

SELECT
    counted_countries.recipient_country,
    countries.name AS country_name,
    countries.numeric AS country_numeric,
    countries.region AS country_region,
    {{ delivery_columns() }},
    receipt_trust
FROM counted_countries
LEFT JOIN countries
    ON counted_countries.recipient_country = countries.country
ORDER BY messages DESC, counted_countries.recipient_country
