-- fail: a country and carrier have one row.
{{ rows_repeated("recipient_country, carrier") }};

-- fail: the outcomes of a row add up to its messages.
{{ outcomes_that_do_not_add_up() }};

-- fail: the carrier's blocks are among all blocks.
SELECT recipient_country, carrier FROM {{ relation }} WHERE carrier_blocked_count > blocked_count;

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};

-- fail: carrier_blocked_rate lies between 0 and 1.
{{ rows_outside_0_1("carrier_blocked_rate") }};
