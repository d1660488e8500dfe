-- fail: a day and source have one row.
{{ rows_repeated("day, source") }};

-- fail: every event goes one way.
SELECT day, source FROM {{ relation }} WHERE events <> outbound_count + inbound_count;

-- fail: late_rate lies between 0 and 1.
{{ rows_outside_0_1("late_rate") }};
