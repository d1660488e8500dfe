-- fail: a number range has one row per scale, time, country and protect configuration.
{{ rows_repeated("scale, hour, recipient_country, number_range, protect_configuration_id") }};

-- fail: completion_rate lies between 0 and 1.
{{ rows_outside_0_1("completion_rate") }};

-- fail: recommended_rate lies between 0 and 1.
{{ rows_outside_0_1("recommended_rate") }};

-- fail: range_share lies between 0 and 1.
{{ rows_outside_0_1("range_share") }};

-- fail: new_recipient_share lies between 0 and 1.
{{ rows_outside_0_1("new_recipient_share") }};

-- fail: the hours of a day hold its messages.
SELECT DATE_TRUNC('day', hour) AS day, recipient_country, number_range, protect_configuration_id
FROM {{ relation }}
GROUP BY DATE_TRUNC('day', hour), recipient_country, number_range, protect_configuration_id
HAVING SUM(CASE WHEN scale = 'hour' THEN messages ELSE 0 END) <> SUM(CASE WHEN scale = 'day' THEN messages ELSE 0 END);

-- fail: without a baseline there is no usual amount.
SELECT number_range FROM {{ relation }} WHERE baseline_days < 3 AND volume_ratio IS NOT NULL;
