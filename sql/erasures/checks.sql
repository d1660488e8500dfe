-- fail: whom to forget stands once.
{{ rows_repeated("kind, subject_key") }};
