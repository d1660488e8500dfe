-- fail: notice_id names one notice.
{{ rows_repeated("notice_id") }};
