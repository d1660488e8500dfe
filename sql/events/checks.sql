-- fail: event_id names one event.
{{ rows_repeated("event_id") }};

-- fail: direction and stage are words of the vocabulary.
SELECT event_id
FROM {{ relation }}
WHERE direction NOT IN ('outbound', 'inbound')
    OR stage NOT IN (
        'queued', 'sent', 'delayed', 'accepted', 'unknown', 'expired', 'failed', 'blocked', 'delivered', 'read', 'opened',
        'clicked', 'complained', 'unsubscribed', 'received', 'feedback'
    );

-- fail: a price is not negative.
SELECT event_id FROM {{ relation }} WHERE message_price_usd < 0 OR carrier_fee_usd < 0;

-- warn: an event is not read before it happens.
SELECT event_id FROM {{ relation }} WHERE event_time > ingested_at;
