WITH {{ ait_signals() }}

SELECT
    scale,
    hour,
    recipient_country,
    number_range,
    NULLIF(configuration, '') AS protect_configuration_id,
    messages,
    usual_range_messages,
    volume_ratio,
    country_messages,
    range_share,
    usual_range_share,
    concentration_ratio,
    identified_count,
    new_recipient_count,
    new_recipient_share,
    usual_new_recipient_share,
    new_recipient_excess,
    answerable_count,
    completion_rate,
    usual_completion_rate,
    completion_ratio,
    assessed_count,
    recommended_count,
    recommended_rate,
    sequential_ranges,
    cost_usd AS exposure_usd,
    usual_country_cost_usd,
    cost_ratio,
    busiest_hour_share,
    baseline_days,
    is_verified
FROM signals
WHERE {{ filtered_by("recipient_country") }}
ORDER BY scale, hour, recipient_country, number_range, configuration
