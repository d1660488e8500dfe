-- fail: a pseudonym has one row.
{{ rows_repeated("recipient_id") }};

-- fail: erased people are nobody.
SELECT recipient_id FROM {{ relation }} WHERE recipient_id IS NULL;

-- fail: what became of messages is among all messages.
SELECT recipient_id
FROM {{ relation }}
WHERE delivered_count + failed_count > messages OR noticed_count > delivered_count OR confirmed_count > messages;
