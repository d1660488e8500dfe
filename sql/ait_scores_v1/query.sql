{% set weights = {"volume": 1, "concentration": 2, "new_recipients": 1, "feedback": 3, "recommendation": 1.5, "sequential": 1, "cost": 1} %}
{% set thresholds = [
    "least_messages", "volume_ratio", "concentration_ratio", "new_recipient_excess", "completion_ratio", "recommended_rate",
    "sequential_ranges", "cost_ratio", "busiest_hour_share", "suspect_score",
] %}
{% set signals = [
    "volume_ratio", "concentration_ratio", "new_recipient_share", "new_recipient_excess", "completion_rate", "completion_ratio",
    "recommended_rate", "sequential_ranges", "cost_ratio", "busiest_hour_share", "baseline_days",
] %}
{% set strengths = ["volume_strength", "concentration_strength", "new_recipients_strength", "feedback_strength", "recommendation_strength",
    "sequential_strength", "cost_strength"] %}
{% set by_day = "NOT judged_hours.is_suspect AND dripping_days.hour IS NOT NULL" %}
WITH {{ ait_signals() }},

strong_signals AS (
    -- the same rows with how far each signal went towards its threshold
    SELECT
        *,
        {{ ait_strengths() }}
    FROM signals
),

scored AS (
    -- the same rows with the weighted mean of the signals that can be had
    SELECT
        *,
        CAST({% for name, weight in weights.items() %}{{ " + " if not loop.first }}{{ weight }} * COALESCE({{ name }}_strength, 0){% endfor %} AS DOUBLE)
        / NULLIF({% for name, weight in weights.items() %}{{ " + " if not loop.first }}CASE WHEN {{ name }}_strength IS NULL THEN 0 ELSE {{ weight }} END{% endfor %}, 0) AS score
    FROM strong_signals
),

judged AS (
    -- the same rows with the verdict on each by itself; a day is suspect as a whole only when no hour of it stands out
    SELECT
        *,
        COALESCE(
            messages >= least_messages_threshold
            AND score >= suspect_score_threshold
            AND (scale = 'hour' OR busiest_hour_share <= busiest_hour_share_threshold),
            FALSE
        ) AS is_suspect
    FROM scored
),

judged_hours AS (
    -- one row per hour and range
    SELECT
        *,
        DATE_TRUNC('day', hour) AS day
    FROM judged
    WHERE scale = 'hour'
),

dripping_days AS (
    -- the days and ranges that are suspect as a whole
    SELECT *
    FROM judged
    WHERE scale = 'day'
        AND is_suspect
),

decided AS (
    -- the hours with what decided on each: its own signals, or those of its day when the day alone makes it suspect
    SELECT
        judged_hours.hour,
        judged_hours.recipient_country,
        judged_hours.number_range,
        judged_hours.configuration,
        judged_hours.messages,
        judged_hours.cost_usd,
        {% for name in ["scale", "score", "is_suspect"] + signals + strengths %}
        CASE WHEN {{ by_day }} THEN dripping_days.{{ name }} ELSE judged_hours.{{ name }} END AS {{ name }},
        {% endfor %}
        CASE WHEN {{ by_day }} THEN dripping_days.messages ELSE judged_hours.messages END AS scale_messages,
        {% for name in thresholds %}
        judged_hours.{{ name }}_threshold{{ "" if loop.last else "," }}
        {% endfor %}
    FROM judged_hours
    LEFT JOIN dripping_days
        ON judged_hours.day = dripping_days.hour
        AND judged_hours.recipient_country = dripping_days.recipient_country
        AND judged_hours.configuration = dripping_days.configuration
        AND judged_hours.number_range = dripping_days.number_range
)

SELECT
    hour,
    recipient_country,
    number_range,
    NULLIF(configuration, '') AS protect_configuration_id,
    messages,
    score,
    is_suspect,
    {% for name in weights %}
    {{ "|| " if not loop.first }}CASE WHEN {{ name }}_strength >= 1 THEN ARRAY['{{ name }}'] ELSE CAST(ARRAY[] AS {{ strings() }}) END
    {% endfor %}
    || CASE WHEN scale = 'day' THEN ARRAY['slow_drip'] ELSE CAST(ARRAY[] AS {{ strings() }}) END AS reasons,
    cost_usd AS exposure_usd,
    scale,
    scale_messages,
    {% for name in signals %}
    {{ name }},
    {% endfor %}
    {% for name in thresholds %}
    {{ name }}_threshold{{ "" if loop.last else "," }}
    {% endfor %}
FROM decided
WHERE {{ filtered_by("recipient_country") }}
ORDER BY hour, recipient_country, number_range, configuration
