-- fail: a day and channel have one row.
{{ rows_repeated("day, channel") }};

-- fail: the outcomes of a row add up to its messages.
{{ outcomes_that_do_not_add_up() }};

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};
