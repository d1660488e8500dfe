-- fail: dead_letter_id names one dead letter.
{{ rows_repeated("dead_letter_id") }};

-- warn: no dead letter is open.
SELECT dead_letter_id FROM {{ relation }} WHERE status = 'open';
