{# What differs between engines, in DuckDB's words. macros/athena.sql defines the same names. #}

{# An instant written in UTC, or `now`, as the type of the time columns. #}
{% macro instant(text) -%}
    {% if text == "now" %}CURRENT_TIMESTAMP{% else %}TIMESTAMPTZ '{{ text }}+00'{% endif %}
{%- endmacro %}

{# The same instant, to compare a stored time column with. #}
{% macro stored_instant(text) -%}
    {{ instant(text) }}
{%- endmacro %}

{# A stored time column as readers see it. #}
{% macro stored_time(column) -%}
    {{ column }}
{%- endmacro %}

{# The UTC day of a time: counted, because asking a calendar of time zones takes longer than all else that a mart does. #}
{% macro utc_day(time) -%}
    CAST(MAKE_TIMESTAMP(EPOCH_US({{ time }})) AS DATE)
{%- endmacro %}

{# The UTC hour of a time. #}
{% macro utc_hour(time) -%}
    MAKE_TIMESTAMPTZ(EPOCH_US(DATE_TRUNC('hour', MAKE_TIMESTAMP(EPOCH_US({{ time }})))))
{%- endmacro %}

{# Values below which that share of all lies; NULL of no values. #}
{% macro percentile(value, share) -%}
    QUANTILE_CONT({{ value }}, {{ share }})
{%- endmacro %}

{# The same for several shares, as a list in their order: the values are looked at once. #}
{% macro percentiles(value, shares) -%}
    QUANTILE_CONT({{ value }}, [{{ shares | join(", ") }}])
{%- endmacro %}

{# Seconds from one time to another, with their fraction. #}
{% macro seconds_between(start, end) -%}
    (EPOCH_US({{ end }}) - EPOCH_US({{ start }})) / 1e6
{%- endmacro %}

{# The hour of the day, 0 to 23, on the clocks of a time zone; NULL without a zone. #}
{% macro local_hour(time, zone) -%}
    EXTRACT(HOUR FROM {{ time }} AT TIME ZONE {{ zone }})
{%- endmacro %}

{# What a map holds under a key; NULL when it holds nothing. #}
{% macro map_value(column, key) -%}
    {{ column }}['{{ key }}']
{%- endmacro %}

{# Milliseconds since 1970. #}
{% macro epoch_ms(time) -%}
    EPOCH_MS({{ time }})
{%- endmacro %}

{# The type of a list of strings. #}
{% macro strings() -%}
    VARCHAR[]
{%- endmacro %}
