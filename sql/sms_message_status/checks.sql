-- fail: a message has one of four states.
SELECT messageid FROM {{ relation }} WHERE message_status NOT IN ('success', 'pending', 'failed', 'unknown');

-- fail: no price is negative.
SELECT messageid FROM {{ relation }} WHERE message_price < 0;
