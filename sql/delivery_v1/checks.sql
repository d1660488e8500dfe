-- fail: a day and channel have one row.
{{ rows_repeated("day, channel") }};

-- fail: the outcomes of a row add up to its messages.
SELECT day, channel
FROM {{ relation }}
WHERE messages <> delivered_count + accepted_count + failed_count + blocked_count + expired_count + unknown_count + pending_count;

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};
