{% set numbers = [
    "least_messages", "volume_ratio", "concentration_ratio", "new_recipient_excess", "completion_ratio", "least_completion_rate",
    "recommended_rate", "sequential_ranges", "cost_ratio", "busiest_hour_share", "suspect_score",
] %}
{% set above_1 = ["volume_ratio", "concentration_ratio", "sequential_ranges"] %}
{% set below_1 = ["completion_ratio"] %}
{% set unbounded = ["least_messages", "cost_ratio"] %}
-- fail: a number range has one row per hour, country and protect configuration.
{{ rows_repeated("hour, recipient_country, number_range, protect_configuration_id") }};

-- fail: score lies between 0 and 1.
{{ rows_outside_0_1("score") }};

-- fail: suspects have enough messages and a score that reaches the threshold.
SELECT number_range
FROM {{ relation }}
WHERE is_suspect
    AND (score IS NULL OR score < suspect_score_threshold OR scale_messages < least_messages_threshold);

-- fail: exposure_usd is not negative.
SELECT number_range FROM {{ relation }} WHERE exposure_usd < 0;

-- fail: ait_thresholds.csv has one row for every country, and it is filled.
SELECT COUNT(*) AS row_count
FROM ait_thresholds
WHERE recipient_country IS NULL
{% for name in numbers %}
    AND TRY_CAST({{ name }} AS DOUBLE) IS NOT NULL
{% endfor %}
HAVING COUNT(*) <> 1;

-- fail: ait_thresholds.csv names a country once.
SELECT recipient_country FROM ait_thresholds GROUP BY recipient_country HAVING COUNT(*) > 1;

-- fail: ait_thresholds.csv names countries of countries.csv.
SELECT ait_thresholds.recipient_country
FROM ait_thresholds
LEFT JOIN countries
    ON ait_thresholds.recipient_country = countries.country
WHERE ait_thresholds.recipient_country IS NOT NULL
    AND countries.country IS NULL;

-- fail: ait_thresholds.csv holds numbers: ratios of growth above 1, shares from 0 to 1, the others above 0.
SELECT recipient_country
FROM ait_thresholds
WHERE FALSE
{% for name in numbers %}
    OR ({{ name }} IS NOT NULL AND NOT COALESCE(TRY_CAST({{ name }} AS DOUBLE) > {{ 1 if name in above_1 else 0 }}
        {%- if name in below_1 %} AND TRY_CAST({{ name }} AS DOUBLE) < 1{% elif name not in above_1 + unbounded %} AND TRY_CAST({{ name }} AS DOUBLE) <= 1{% endif %}, FALSE))
{% endfor %};

-- fail: ait_allow_list.csv has no row that allows everything.
SELECT originator
FROM ait_allow_list
WHERE COALESCE(recipient_country, number_range, protect_configuration_id, originator) IS NULL;

-- warn: ait_allow_list.csv names countries of countries.csv.
SELECT ait_allow_list.recipient_country
FROM ait_allow_list
LEFT JOIN countries
    ON ait_allow_list.recipient_country = countries.country
WHERE ait_allow_list.recipient_country IS NOT NULL
    AND countries.country IS NULL;
