-- fail: a pricing category has one row.
{{ rows_repeated("pricing_category") }};

-- fail: outcomes are among all messages, and no message has two.
SELECT pricing_category
FROM {{ relation }}
WHERE delivered_count + failed_count + unknown_count + pending_count > messages;

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};

-- fail: read_rate lies between 0 and 1.
{{ rows_outside_0_1("read_rate") }};

-- fail: failed_rate lies between 0 and 1.
{{ rows_outside_0_1("failed_rate") }};
