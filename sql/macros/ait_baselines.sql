{# Baselines of artificially inflated traffic (AIT), the same text on every engine: what a range usually has. #}

{# A threshold of sql/reference/ait_thresholds.csv: the country's own, else that of every country; NULL when it is no number. #}
{% macro threshold(name) -%}
    COALESCE(own.{{ name }}, every.{{ name }})
{%- endmacro %}

{# The join that has them ready for the rows of a relation with a country. #}
{% macro join_thresholds(rows) -%}
    LEFT JOIN own_thresholds AS own
        ON {{ rows }}.recipient_country = own.recipient_country
    CROSS JOIN general_thresholds AS every
{%- endmacro %}

{# The sum over the fourteen days before the row's own, which are what a baseline learns from. #}
{% macro before(value, keys) -%}
    SUM({{ value }}) OVER (
            PARTITION BY {{ keys }}
            ORDER BY day_number
            RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING
        )
{%- endmacro %}

{# Common table expressions that end in `days`, one row per day and range, and leave hour_cells, one per hour and range. #}
{% macro ait_baselines(thresholds, counts, usual) -%}
{% set learned = ["messages", "identified_count", "new_recipient_count", "answerable_count", "received_count", "cost_usd"] %}
seen AS (
    -- all messages of the window and of the days before it, with when their person was last written to or wrote
    SELECT
        message_time,
        {{ utc_hour("message_time") }} AS hour,
        direction,
        channel,
        recipient_country,
        number_range,
        COALESCE(protect_configuration_id, '') AS configuration,
        COALESCE(originator, '') AS originator,
        recipient_id,
        LAG(message_time) OVER (
            PARTITION BY recipient_id
            ORDER BY message_time, message_key
        ) AS previous_at,
        feedback_state,
        outcome,
        protect_recommendation,
        {{ cost("message_price_usd", "carrier_fee_usd") }} AS cost_usd
    FROM messages
    -- an e-mail address is nobody's number
    WHERE channel <> 'email'
        AND {{ asked_for("recipient_country") }}
),

sent AS (
    -- one row per message to a number range
    SELECT
        *,
        recipient_id IS NOT NULL
        AND (previous_at IS NULL OR previous_at < message_time - INTERVAL '14' DAY) AS is_new,
        -- whoever answers within the hour would hide those who never will, and nobody can answer what did not arrive
        feedback_state IN ('received', 'failed', 'silent')
        AND message_time + INTERVAL '1' HOUR < {{ instant(now) }}
        AND (feedback_state = 'received' OR outcome NOT IN ('failed', 'blocked', 'expired')) AS is_answerable
    FROM seen
    WHERE direction = 'outbound'
        AND channel IN ('sms', 'mms', 'voice', 'rcs')
        AND number_range IS NOT NULL
        AND recipient_country IS NOT NULL
),

counted_hours AS (
    -- one row per hour, country, configuration and range, of the messages that the allow-list does not name
    SELECT
        sent.hour,
        DATE_TRUNC('day', sent.hour) AS day,
        sent.recipient_country,
        sent.configuration,
        sent.number_range,
        COUNT(*) AS messages,
        COUNT(sent.recipient_id) AS identified_count,
        {{ count_where("sent.is_new") }} AS new_recipient_count,
        {{ count_where("sent.is_answerable") }} AS answerable_count,
        {{ count_where("sent.is_answerable AND sent.feedback_state = 'received'") }} AS received_count,
        {{ count_where("sent.protect_recommendation IS NOT NULL") }} AS assessed_count,
        {{ count_where("sent.protect_recommendation = 'block'") }} AS recommended_count,
        SUM(sent.cost_usd) AS cost_usd
    FROM sent
    -- empty cells of the allow-list fit everything, a row of empty cells nothing
    LEFT JOIN ait_allow_list AS listed
        ON (listed.recipient_country IS NULL OR listed.recipient_country = sent.recipient_country)
        AND (listed.number_range IS NULL OR listed.number_range = sent.number_range)
        AND (listed.protect_configuration_id IS NULL OR listed.protect_configuration_id = sent.configuration)
        AND (listed.originator IS NULL OR listed.originator = sent.originator)
        AND COALESCE(listed.recipient_country, listed.number_range, listed.protect_configuration_id, listed.originator) IS NOT NULL
    WHERE COALESCE(listed.recipient_country, listed.number_range, listed.protect_configuration_id, listed.originator) IS NULL
    GROUP BY sent.hour, DATE_TRUNC('day', sent.hour), sent.recipient_country, sent.configuration, sent.number_range
),

heard_ranges AS (
    -- one row per day and range: was there feedback to be had, and did any come?
    SELECT day, number_range, MAX(answerable_count) AS answerable_count, MAX(received_count) AS received_count
    FROM counted_hours
    GROUP BY day, number_range
),

silent_days AS (
    -- days on which the application hardly reported any feedback: their silence says nothing about a range
    SELECT day
    FROM heard_ranges
    WHERE answerable_count > 0
    GROUP BY day
    HAVING COUNT(*) >= 5 AND COUNT(*) > 5 * COUNT(*) FILTER (WHERE received_count > 0)
),

hour_cells AS (
    -- the same hours, without the answers of silent days
    SELECT
        counted_hours.hour,
        counted_hours.day,
        counted_hours.recipient_country,
        counted_hours.configuration,
        counted_hours.number_range,
        counted_hours.messages,
        counted_hours.identified_count,
        counted_hours.new_recipient_count,
        CASE WHEN silent_days.day IS NULL THEN counted_hours.answerable_count ELSE 0 END AS answerable_count,
        CASE WHEN silent_days.day IS NULL THEN counted_hours.received_count ELSE 0 END AS received_count,
        counted_hours.assessed_count,
        counted_hours.recommended_count,
        counted_hours.cost_usd
    FROM counted_hours
    LEFT JOIN silent_days
        ON counted_hours.day = silent_days.day
),

day_cells AS (
    -- one row per day, country, configuration and range
    SELECT
        day,
        CAST({{ rate(epoch_ms("day"), 86400000) }} AS BIGINT) AS day_number,
        recipient_country,
        configuration,
        number_range,
        {% for name in counts %}
        CAST(SUM({{ name }}) AS BIGINT) AS {{ name }},
        {% endfor %}
        SUM(cost_usd) AS cost_usd,
        MAX(messages) AS busiest_hour_messages
    FROM hour_cells
    GROUP BY day, recipient_country, configuration, number_range
),

country_days AS (
    -- one row per day, country and configuration
    SELECT
        day,
        day_number,
        recipient_country,
        configuration,
        CAST(SUM(messages) AS BIGINT) AS messages,
        COUNT(*) AS ranges,
        CAST(SUM(answerable_count) AS BIGINT) AS answerable_count,
        CAST(SUM(received_count) AS BIGINT) AS received_count
    FROM day_cells
    GROUP BY day, day_number, recipient_country, configuration
),

answered_days AS (
    -- the same days with the country's completion over the fourteen days that end with each
    SELECT
        *,
        {% for name in ["received_count", "answerable_count"] %}
        {{ "CAST(" if loop.first else "NULLIF(" }}SUM({{ name }}) OVER (
            PARTITION BY recipient_country, configuration
            ORDER BY day_number
            RANGE BETWEEN 13 PRECEDING AND CURRENT ROW
        ){{ " AS DOUBLE) /" if loop.first else ", 0) AS completion_rate" }}
        {% endfor %},
        day_number - MIN(day_number) OVER (
            PARTITION BY recipient_country, configuration
            ORDER BY day_number
            RANGE BETWEEN 14 PRECEDING AND CURRENT ROW
        ) AS earlier_days
    FROM country_days
),

remembered_days AS (
    -- the days of a range with what it had before, verified or not
    SELECT
        *,
        COALESCE({{ before("messages", "recipient_country, configuration, number_range") }}, 0) AS earlier_messages
    FROM day_cells
),

own_thresholds AS (
    -- one row per country that the thresholds name, however often
    SELECT
        recipient_country,
        {% for name in thresholds %}
        MAX(TRY_CAST({{ name }} AS DOUBLE)) AS {{ name }}{{ "" if loop.last else "," }}
        {% endfor %}
    FROM ait_thresholds
    WHERE recipient_country IS NOT NULL
    GROUP BY recipient_country
),

general_thresholds AS (
    -- one row, for every country
    SELECT
        {% for name in thresholds %}
        MAX(TRY_CAST({{ name }} AS DOUBLE)) AS {{ name }}{{ "" if loop.last else "," }}
        {% endfor %}
    FROM ait_thresholds
    WHERE recipient_country IS NULL
),

judged_days AS (
    -- the days of a range, and whether a baseline may learn from them: feedback decides, and without it the shape
    SELECT
        remembered_days.*,
        CASE
            WHEN remembered_days.recommended_count >= 2
                AND remembered_days.recommended_count >= {{ threshold("recommended_rate") }} * remembered_days.assessed_count
                THEN FALSE
            WHEN remembered_days.answerable_count >= 5
                THEN remembered_days.received_count >= remembered_days.answerable_count * {{ threshold("least_completion_rate") }}
                    AND remembered_days.received_count
                    >= remembered_days.answerable_count * {{ threshold("completion_ratio") }} * COALESCE(answered_days.completion_rate, 0)
            WHEN remembered_days.messages < {{ threshold("least_messages") }} THEN TRUE
            -- ordinary is a day with people who are known, with a share like other ranges', or much like the range's own days before
            ELSE 2 * remembered_days.new_recipient_count < remembered_days.identified_count
                OR remembered_days.messages * CASE WHEN answered_days.ranges > 1 THEN answered_days.ranges - 1 ELSE 1 END
                < 2 * (answered_days.messages - remembered_days.messages + 1)
                OR (answered_days.earlier_days > 0 AND remembered_days.messages * answered_days.earlier_days <= 2 * remembered_days.earlier_messages)
        END AS is_verified
    FROM remembered_days
    INNER JOIN answered_days
        ON remembered_days.day = answered_days.day
        AND remembered_days.recipient_country = answered_days.recipient_country
        AND remembered_days.configuration = answered_days.configuration
    {{ join_thresholds("remembered_days") }}
),

range_baselines AS (
    -- the same days with what the range had on verified days before
    SELECT
        *,
        COALESCE({{ before("CASE WHEN is_verified THEN messages ELSE 0 END", "recipient_country, configuration, number_range") }}, 0)
            AS range_messages
    FROM judged_days
),

verified_days AS (
    -- one row per day, country and configuration: what is verified of it
    SELECT
        day,
        day_number,
        recipient_country,
        configuration,
        CAST(SUM(messages) AS BIGINT) AS messages,
        COUNT(*) AS ranges,
        {% for name in learned %}
        SUM(CASE WHEN is_verified THEN {{ name }} ELSE 0 END) AS verified_{{ name }}{{ "" if loop.last else "," }}
        {% endfor %}
    FROM judged_days
    GROUP BY day, day_number, recipient_country, configuration
),

country_baselines AS (
    -- the same days with what the country had on verified days before, and over how many days
    SELECT
        day,
        recipient_country,
        configuration,
        messages AS country_messages,
        COALESCE(
            day_number - MIN(day_number) OVER (
                PARTITION BY recipient_country, configuration
                ORDER BY day_number
                RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING
            ), 0
        ) AS baseline_days,
        {{ before("ranges", "recipient_country, configuration") }} AS range_days,
        {{ before("1", "recipient_country, configuration") }} AS counted_days,
        {% for name in learned %}
        {{ before("verified_" ~ name, "recipient_country, configuration") }} AS usual_{{ name }}{{ "" if loop.last else "," }}
        {% endfor %}
    FROM verified_days
),

days AS (
    -- one row per day and range with both baselines
    SELECT
        range_baselines.*,
        {% for name in usual %}
        country_baselines.{{ name }},
        {% endfor %}
        country_baselines.country_messages
    FROM range_baselines
    INNER JOIN country_baselines
        ON range_baselines.day = country_baselines.day
        AND range_baselines.recipient_country = country_baselines.recipient_country
        AND range_baselines.configuration = country_baselines.configuration
)
{%- endmacro %}
