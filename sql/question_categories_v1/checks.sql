-- fail: a category has one row.
{{ rows_repeated("category") }};

-- fail: people are no more than their messages.
SELECT category FROM {{ relation }} WHERE recipient_count > question_count;

-- fail: category_rate lies between 0 and 1.
{{ rows_outside_0_1("category_rate") }};
