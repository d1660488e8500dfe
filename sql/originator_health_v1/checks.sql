-- fail: an originator has one row per channel.
{{ rows_repeated("originator, channel") }};

-- fail: the outcomes of a row add up to its messages.
{{ outcomes_that_do_not_add_up() }};

-- fail: an originator writes to no more people than it sends messages.
SELECT originator FROM {{ relation }} WHERE recipient_count > messages;

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
