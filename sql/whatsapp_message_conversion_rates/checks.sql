-- fail: accepted_to_sent_rate lies between 0 and 1.
{{ rows_outside_0_1("accepted_to_sent_rate") }};

-- fail: sent_to_delivered_rate lies between 0 and 1.
{{ rows_outside_0_1("sent_to_delivered_rate") }};

-- fail: delivered_to_read_rate lies between 0 and 1.
{{ rows_outside_0_1("delivered_to_read_rate") }};

-- fail: sent_to_failed_rate lies between 0 and 1.
{{ rows_outside_0_1("sent_to_failed_rate") }};
