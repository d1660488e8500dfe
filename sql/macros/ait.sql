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

hours_of_days AS (
    -- one row per hour and range, with what its day knows
    SELECT
        {% for name in ["hour"] + cell %}
        hour_cells.{{ name }},
        {% endfor %}
        {% for name in ["range_messages", "is_verified"] + usual %}
        days.{{ name }},
        {% endfor %}
        days.day_number,
        {{ local_hour("hour_cells.hour", "'UTC'") }} AS hour_of_day
    FROM hour_cells
    INNER JOIN days
        ON hour_cells.day = days.day
        AND hour_cells.recipient_country = days.recipient_country
        AND hour_cells.configuration = days.configuration
        AND hour_cells.number_range = days.number_range
),

hours AS (
    -- the same rows with what the country has in the hour, and had at that hour on verified days before
    SELECT
        *,
        CAST(SUM(messages) OVER (PARTITION BY hour, recipient_country, configuration) AS BIGINT) AS country_messages,
        COALESCE(
            {{ before("CASE WHEN is_verified THEN messages ELSE 0 END", "recipient_country, configuration, hour_of_day") }}, 0
        ) AS usual_hour_messages
    FROM hours_of_days
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
    WHERE {{ within_window("hour") }}
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
        thresholds.{{ name }}_threshold,
        {% endfor %}
        CASE
            -- two messages more for each range keep a range that had none from a share of nothing
            WHEN baseline_days >= 3 AND usual_messages > 0
                THEN {{ rate("range_messages + 2", "(usual_messages + " ~ rate("2 * range_days", "counted_days") ~ ")") }}
        END AS usual_range_share
    FROM scaled
    LEFT JOIN thresholds
        ON scaled.recipient_country = thresholds.recipient_country
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
    -- the same rows, and whether the range got far more than its share, most of it for new people
    SELECT
        *,
        TRY_CAST(SUBSTR(number_range, 2) AS BIGINT) AS range_number,
        COALESCE(concentration_ratio >= 2 AND 2 * new_recipient_count >= messages AND messages >= 3, FALSE) AS is_swept
    FROM compared
),

numbered AS (
    -- the same rows with a number that neighbouring swept ranges share
    SELECT
        *,
        range_number - ROW_NUMBER() OVER (
            PARTITION BY scale, hour, recipient_country, configuration, is_swept
            ORDER BY range_number
        ) AS neighbourhood
    FROM swept
),

signals AS (
    -- the same rows with how many swept ranges are neighbours
    SELECT
        *,
        CASE
            WHEN is_swept AND range_number IS NOT NULL
                THEN COUNT(*) OVER (PARTITION BY scale, hour, recipient_country, configuration, is_swept, neighbourhood)
            ELSE 0
        END AS sequential_ranges
    FROM numbered
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
