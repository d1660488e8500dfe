-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};

-- fail: open_rate lies between 0 and 1.
{{ rows_outside_0_1("open_rate") }};

-- fail: open_to_click_rate lies between 0 and 1.
{{ rows_outside_0_1("open_to_click_rate") }};

-- fail: bounce_rate lies between 0 and 1.
{{ rows_outside_0_1("bounce_rate") }};

-- fail: complaint_rate lies between 0 and 1.
{{ rows_outside_0_1("complaint_rate") }};
