-- fail: message_key names one message.
{{ rows_repeated("message_key") }};

-- fail: events lie between first_event_at and last_event_at.
SELECT message_key FROM {{ relation }} WHERE first_event_at > last_event_at OR event_count < 1;

-- fail: every message has an outcome.
SELECT message_key FROM {{ relation }} WHERE outcome IS NULL;

-- fail: inbound messages are received, and outbound ones never are.
SELECT message_key FROM {{ relation }} WHERE (direction = 'inbound') <> (outcome = 'received');

-- fail: a message whose feedback is known expects feedback.
SELECT message_key FROM {{ relation }} WHERE feedback_status IS NOT NULL AND NOT feedback_expected;

-- warn: a message is not delivered before it is sent, by more than the second to which some providers round.
SELECT message_key FROM {{ relation }} WHERE delivered_latency_s < -1;
