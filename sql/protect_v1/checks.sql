-- fail: a country has one row.
{{ rows_repeated("recipient_country") }};

-- fail: flagged messages were either sent or blocked.
SELECT recipient_country
FROM {{ relation }}
WHERE recommended_count - flagged_sent_count <> blocked_count - blocked_unrecommended_count;

-- fail: blocked_rate lies between 0 and 1.
{{ rows_outside_0_1("blocked_rate") }};

-- fail: recommended_rate lies between 0 and 1.
{{ rows_outside_0_1("recommended_rate") }};

-- fail: exposure_usd is not negative.
SELECT recipient_country FROM {{ relation }} WHERE exposure_usd < 0;
