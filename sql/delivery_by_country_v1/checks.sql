-- fail: a country has one row.
{{ rows_repeated("recipient_country") }};

-- fail: the outcomes of a row add up to its messages.
{{ outcomes_that_do_not_add_up() }};

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};

-- warn: every country code is one that sql/reference/countries.csv knows.
SELECT recipient_country FROM {{ relation }} WHERE recipient_country IS NOT NULL AND country_name IS NULL;
