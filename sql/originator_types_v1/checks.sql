-- fail: a country and type of originator have one row.
{{ rows_repeated("recipient_country, originator_type") }};

-- fail: the outcomes of a row add up to its messages.
{{ outcomes_that_do_not_add_up() }};

-- fail: spend_usd is not negative.
SELECT recipient_country FROM {{ relation }} WHERE spend_usd < 0;

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};

-- fail: carrier_blocked_rate lies between 0 and 1.
{{ rows_outside_0_1("carrier_blocked_rate") }};

-- fail: hard_bounce_rate lies between 0 and 1.
{{ rows_outside_0_1("hard_bounce_rate") }};

-- fail: complaint_rate lies between 0 and 1.
{{ rows_outside_0_1("complaint_rate") }};

-- fail: unsubscribe_rate lies between 0 and 1.
{{ rows_outside_0_1("unsubscribe_rate") }};

-- fail: completion_rate lies between 0 and 1.
{{ rows_outside_0_1("completion_rate") }};
