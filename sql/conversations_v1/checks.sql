-- fail: a day, channel and originator have one row.
{{ rows_repeated("day, channel, originator") }};

-- fail: open and resolved conversations are among all, none is both, and nobody is answered before the question.
SELECT day, channel, originator
FROM {{ relation }}
WHERE open_count + resolved_count > conversation_count OR answered_count > conversation_count OR first_response_p50_s < 0;

-- fail: answered_rate lies between 0 and 1.
{{ rows_outside_0_1("answered_rate") }};

-- fail: resolved_rate lies between 0 and 1.
{{ rows_outside_0_1("resolved_rate") }};
