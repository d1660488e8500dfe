-- fail: a country has one row.
{{ rows_repeated("recipient_country") }};

-- fail: the states of a row add up to the messages that expect feedback.
SELECT recipient_country
FROM {{ relation }}
WHERE expected_count <> received_count + failed_count + silent_count + pending_count;

-- fail: completion_rate lies between 0 and 1.
{{ rows_outside_0_1("completion_rate") }};

-- fail: provider_completion_rate lies between 0 and 1 and never below completion_rate.
SELECT recipient_country
FROM {{ relation }}
WHERE provider_completion_rate < 0 OR provider_completion_rate > 1 OR provider_completion_rate < completion_rate;
