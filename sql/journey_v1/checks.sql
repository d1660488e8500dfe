-- fail: a message stands in one journey, once.
{{ rows_repeated("message_key") }};

-- fail: a journey goes forward.
SELECT message_key FROM {{ relation }} WHERE since_previous_s < 0 OR (step = 1) <> (since_previous_s IS NULL);
