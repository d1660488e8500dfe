-- fail: a country and channel have one row.
{{ rows_repeated("recipient_country, channel") }};

-- fail: priced messages are among all messages.
SELECT recipient_country FROM {{ relation }} WHERE priced_count > messages OR delivered_count > priced_count OR confirmed_count > priced_count;

-- fail: no sum is negative.
SELECT recipient_country FROM {{ relation }} WHERE price_usd < 0 OR fee_usd < 0 OR expecting_spend_usd < 0 OR expecting_spend_usd > spend_usd;

-- fail: spend is price and fee together, and unknown exactly when both are.
SELECT recipient_country
FROM {{ relation }}
WHERE (price_usd IS NOT NULL OR fee_usd IS NOT NULL) AND spend_usd <> COALESCE(price_usd, 0) + COALESCE(fee_usd, 0)
    OR (spend_usd IS NULL) <> (priced_count = 0);
