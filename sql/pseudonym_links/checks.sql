-- fail: a person is linked once to each older key.
{{ rows_repeated("pseudonym, key_id") }};
