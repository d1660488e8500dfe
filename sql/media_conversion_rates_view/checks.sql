-- fail: a rate lies between 0 and 1.
{{ rows_outside_0_1("success_rate_percentage") }};
