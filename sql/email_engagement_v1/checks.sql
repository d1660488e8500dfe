-- fail: an originator has one row.
{{ rows_repeated("originator") }};

-- fail: delivered, bounced, rejected and pending e-mails are among all, and no e-mail is two of them.
SELECT originator
FROM {{ relation }}
WHERE delivered_count + hard_bounce_count + soft_bounce_count + rejected_count + pending_count > messages;

-- fail: nobody opens or clicks more e-mails than are traceable.
SELECT originator
FROM {{ relation }}
WHERE traceable_count > delivered_count
    OR opened_count + bot_opened_count > traceable_count
    OR clicked_count + bot_clicked_count > traceable_count;

-- fail: delivery_rate lies between 0 and 1.
{{ rows_outside_0_1("delivery_rate") }};

-- fail: hard_bounce_rate lies between 0 and 1.
{{ rows_outside_0_1("hard_bounce_rate") }};

-- fail: soft_bounce_rate lies between 0 and 1.
{{ rows_outside_0_1("soft_bounce_rate") }};

-- fail: complaint_rate lies between 0 and 1.
{{ rows_outside_0_1("complaint_rate") }};

-- fail: unsubscribe_rate lies between 0 and 1.
{{ rows_outside_0_1("unsubscribe_rate") }};

-- fail: open_rate lies between 0 and 1.
{{ rows_outside_0_1("open_rate") }};

-- fail: click_rate lies between 0 and 1.
{{ rows_outside_0_1("click_rate") }};

-- fail: click_to_open_rate lies between 0 and 1.
{{ rows_outside_0_1("click_to_open_rate") }};
