-- fail: a country has one row per hour of one clock.
{{ rows_repeated("recipient_country, clock, hour_of_day") }};

-- fail: hours are hours of a day, and ranked only when they hold enough messages.
SELECT recipient_country, hour_of_day
FROM {{ relation }}
WHERE hour_of_day < 0 OR hour_of_day > 23 OR noticed_count > delivered_count OR (hour_rank IS NOT NULL) <> (delivered_count >= 30);

-- fail: noticed_rate lies between 0 and 1.
{{ rows_outside_0_1("noticed_rate") }};
