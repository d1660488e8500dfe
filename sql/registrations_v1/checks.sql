-- fail: a registration has one row.
{{ rows_repeated("registration_id, account_id, region") }};

-- fail: a registration came into its status within its events.
SELECT registration_id FROM {{ relation }} WHERE status_at < first_notice_at OR time_to_complete_s < 0;

-- warn: no registration waits for updates.
SELECT registration_id FROM {{ relation }} WHERE status = 'REQUIRES_UPDATES';
