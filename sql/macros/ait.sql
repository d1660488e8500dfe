{# Signals of artificially inflated traffic (AIT), the same text on every engine, for ait_signals_v1 and ait_scores_v1. #}

{# 0 to 1: how far a value went towards its threshold. #}
{% macro strength(value) -%}
    CASE WHEN {{ value }} >= 1 THEN 1.0 WHEN {{ value }} <= 0 THEN 0.0 ELSE {{ value }} END
{%- endmacro %}

{# Common table expressions that end in `signals`: one row per scale, time, country, configuration and number range. #}
{% macro ait_signals() -%}
{% set thresholds = [
    "least_messages", "volume_ratio", "concentration_ratio", "new_recipient_excess", "completion_ratio", "least_completion_rate",
    "recommended_rate", "sequential_ranges", "cost_ratio", "busiest_hour_share", "suspect_score",
] %}
{% set counts = ["messages", "identified_count", "new_recipient_count", "answerable_count", "received_count", "assessed_count", "recommended_count"] %}
{% set cell = ["recipient_country", "configuration", "number_range"] + counts + ["cost_usd"] %}
{% set usual = ["baseline_days", "range_days", "counted_days", "usual_messages", "usual_identified_count", "usual_new_recipient_count", "usual_answerable_count",
    "usual_received_count", "usual_cost_usd"] %}
{{ ait_baselines(thresholds, counts, usual) }},

country_hours AS (
    -- one row per hour, country and configuration: what the country has, and what is verified of it
    SELECT
        hour_cells.hour,
        hour_cells.recipient_country,
        hour_cells.configuration,
        judged_days.day_number,
        {{ local_hour("hour_cells.hour", "'UTC'") }} AS hour_of_day,
        CAST(SUM(hour_cells.messages) AS BIGINT) AS country_messages,
        CAST(SUM(CASE WHEN judged_days.is_verified THEN hour_cells.messages ELSE 0 END) AS BIGINT) AS verified_messages
    FROM hour_cells
    INNER JOIN judged_days
        ON hour_cells.day = judged_days.day
        AND hour_cells.recipient_country = judged_days.recipient_country
        AND hour_cells.configuration = judged_days.configuration
        AND hour_cells.number_range = judged_days.number_range
    GROUP BY hour_cells.hour, hour_cells.recipient_country, hour_cells.configuration, judged_days.day_number
),

usual_hours AS (
    -- the same rows with what the country had at that hour on verified days before
    SELECT
        hour,
        recipient_country,
        configuration,
        country_messages,
        COALESCE({{ before("verified_messages", "recipient_country, configuration, hour_of_day") }}, 0) AS usual_hour_messages
    FROM country_hours
),

hours AS (
    -- one row per hour of the window and range, with what its day and its country know
    SELECT
        {% for name in ["hour"] + cell %}
        hour_cells.{{ name }},
        {% endfor %}
        {% for name in ["range_messages", "is_verified"] + usual %}
        days.{{ name }},
        {% endfor %}
        usual_hours.country_messages,
        usual_hours.usual_hour_messages
    FROM hour_cells
    INNER JOIN days
        ON hour_cells.day = days.day
        AND hour_cells.recipient_country = days.recipient_country
        AND hour_cells.configuration = days.configuration
        AND hour_cells.number_range = days.number_range
    -- each hour has its country's; no engine may pair days with hours of their country first
    LEFT JOIN usual_hours
        ON hour_cells.hour = usual_hours.hour
        AND hour_cells.recipient_country = usual_hours.recipient_country
        AND hour_cells.configuration = usual_hours.configuration
    WHERE {{ within_window("hour_cells.hour") }}
),

scaled AS (
    -- one row per hour and range, and one per day and range, with what the country has and usually has in such a time
    SELECT
        'hour' AS scale,
        hour,
        {{ (cell + usual) | join(",
        ") }},
        range_messages,
        is_verified,
        messages AS busiest_hour_messages,
        country_messages,
        -- a day of even hours is added, so that no hour is unheard of
        {{ rate("(usual_hour_messages + " ~ rate("usual_messages", "(24 * baseline_days)") ~ ")", "(baseline_days + 1)") }} AS usual_country_messages
    FROM hours
    UNION ALL
    SELECT
        'day' AS scale,
        day AS hour,
        {{ (cell + usual) | join(",
        ") }},
        range_messages,
        is_verified,
        busiest_hour_messages,
        country_messages,
        {{ rate("usual_messages", "baseline_days") }} AS usual_country_messages
    FROM days
    WHERE {{ within_window("day") }}
),

expected AS (
    -- the same rows with the range's usual share; none before the country was seen on three days
    SELECT
        scaled.*,
        {% for name in thresholds %}
        {{ threshold(name) }} AS {{ name }}_threshold,
        {% endfor %}
        CASE
            -- two messages more for each range keep a range that had none from a share of nothing
            WHEN baseline_days >= 3 AND usual_messages > 0
                THEN {{ rate("range_messages + 2", "(usual_messages + " ~ rate("2 * range_days", "counted_days") ~ ")") }}
        END AS usual_range_share
    FROM scaled
    {{ join_thresholds("scaled") }}
),

measured AS (
    -- the same rows with what each signal compares
    SELECT
        *,
        usual_range_share * usual_country_messages AS usual_range_messages,
        {{ rate("messages", "country_messages") }} AS range_share,
        {{ rate("new_recipient_count", "identified_count") }} AS new_recipient_share,
        CASE WHEN usual_range_share IS NOT NULL THEN {{ rate("usual_new_recipient_count", "usual_identified_count") }} END AS usual_new_recipient_share,
        CASE WHEN answerable_count >= 3 THEN {{ rate("received_count", "answerable_count") }} END AS completion_rate,
        CASE WHEN usual_answerable_count >= 5 THEN {{ rate("usual_received_count", "usual_answerable_count") }} END AS usual_completion_rate,
        {{ rate("recommended_count", "assessed_count") }} AS recommended_rate,
        CASE WHEN usual_range_share IS NOT NULL
            THEN {{ rate("usual_cost_usd", "usual_messages") }} * usual_country_messages
        END AS usual_country_cost_usd,
        {{ rate("busiest_hour_messages", "messages") }} AS busiest_hour_share
    FROM expected
),

awaited AS (
    -- the same rows with the completion that they are held against
    SELECT
        *,
        COALESCE(usual_completion_rate, {{ rate("least_completion_rate_threshold", "completion_ratio_threshold") }}) AS expected_completion_rate
    FROM measured
),

compared AS (
    -- the same rows with the ratios
    SELECT
        *,
        {{ rate("messages", "usual_range_messages") }} AS volume_ratio,
        -- the odds of this range against the rest of its country, now and usually
        {{ rate(rate("messages", "country_messages - messages + 1"), rate("usual_range_share", "1 - usual_range_share")) }} AS concentration_ratio,
        {{ rate("(new_recipient_share - usual_new_recipient_share)", "1 - usual_new_recipient_share") }} AS new_recipient_excess,
        -- two messages are added that behave as usual, so that a few alone prove little
        CASE WHEN completion_rate IS NOT NULL
            THEN {{ rate("(received_count + 2 * expected_completion_rate)", "((answerable_count + 2) * expected_completion_rate)") }}
        END AS completion_ratio,
        {{ rate("cost_usd", "usual_country_cost_usd") }} AS cost_ratio
    FROM awaited
),

swept AS (
    -- ranges that got far more than their share, most of it for new people, with a number that neighbours share
    SELECT
        scale,
        hour,
        recipient_country,
        configuration,
        number_range,
        TRY_CAST(SUBSTR(number_range, 2) AS BIGINT) - ROW_NUMBER() OVER (
            PARTITION BY scale, hour, recipient_country, configuration
            ORDER BY TRY_CAST(SUBSTR(number_range, 2) AS BIGINT)
        ) AS neighbourhood
    FROM compared
    WHERE concentration_ratio >= 2
        AND 2 * new_recipient_count >= messages
        AND messages >= 3
        AND TRY_CAST(SUBSTR(number_range, 2) AS BIGINT) IS NOT NULL
),

neighbours AS (
    -- the same rows with how many of them are neighbours
    SELECT
        *,
        COUNT(*) OVER (PARTITION BY scale, hour, recipient_country, configuration, neighbourhood) AS sequential_ranges
    FROM swept
),

signals AS (
    -- one row per scale, time and range with all that is measured
    SELECT
        compared.*,
        COALESCE(neighbours.sequential_ranges, 0) AS sequential_ranges
    FROM compared
    LEFT JOIN neighbours
        ON compared.scale = neighbours.scale
        AND compared.hour = neighbours.hour
        AND compared.recipient_country = neighbours.recipient_country
        AND compared.configuration = neighbours.configuration
        AND compared.number_range = neighbours.number_range
)
{%- endmacro %}

{# How far each signal went towards its threshold, 0 to 1; NULL when it cannot be had. Each has its weight, reason and threshold below. #}
{% macro ait_strengths() -%}
    {{ strength(rate("LN(volume_ratio)", "LN(volume_ratio_threshold)")) }} AS volume_strength,
        {{ strength(rate("LN(NULLIF(concentration_ratio, 0))", "LN(concentration_ratio_threshold)")) }} AS concentration_strength,
        {{ strength(rate("new_recipient_excess", "new_recipient_excess_threshold")) }} AS new_recipients_strength,
        {{ strength(rate("(1 - completion_ratio)", "1 - completion_ratio_threshold")) }} AS feedback_strength,
        CASE WHEN assessed_count > 0
            THEN {{ strength(rate("recommended_count", "((assessed_count + 2) * recommended_rate_threshold)")) }}
        END AS recommendation_strength,
        CASE WHEN sequential_ranges > 1 THEN {{ strength(rate("sequential_ranges", "sequential_ranges_threshold")) }} END AS sequential_strength,
        {{ strength(rate("cost_ratio", "cost_ratio_threshold")) }} AS cost_strength
{%- endmacro %}
