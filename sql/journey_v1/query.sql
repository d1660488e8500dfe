WITH asked_messages AS (
    -- one row per message with a person whom the lake still knows
    SELECT *
    FROM messages
    WHERE COALESCE(customer_id, recipient_id) IS NOT NULL
        AND channel IS NOT NULL
        AND {{ asked_for() }}
),

customers_of_addresses AS (
    -- the same rows, with the customer that the address belongs to, as far as messages name one and no other
    SELECT
        *,
        MIN(customer_id) OVER (PARTITION BY recipient_id) AS lowest_customer_id,
        MAX(customer_id) OVER (PARTITION BY recipient_id) AS highest_customer_id
    FROM asked_messages
),

people AS (
    -- the same rows, with the person: the customer where one is known, else the address
    SELECT
        *,
        COALESCE(
            customer_id,
            CASE WHEN recipient_id IS NOT NULL AND lowest_customer_id = highest_customer_id THEN lowest_customer_id END,
            recipient_id
        ) AS person_id
    FROM customers_of_addresses
)

SELECT
    person_id,
    ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY message_time, message_key) AS step,
    message_time,
    {{ seconds_between("LAG(message_time) OVER (PARTITION BY person_id ORDER BY message_time, message_key)", "message_time") }} AS since_previous_s,
    channel,
    direction,
    originator,
    recipient_id,
    recipient_country,
    use_case,
    campaign,
    template_name,
    outcome,
    COALESCE(outcome = 'delivered' AND (first_read_at IS NOT NULL OR open_count + click_count > 0), FALSE) AS is_noticed,
    feedback_state,
    message_id,
    message_key
FROM people
ORDER BY person_id, step
