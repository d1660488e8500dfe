{# What differs between engines, in Athena's words (engine version 3). macros/duckdb.sql defines the same names. #}

{# An instant written in UTC, or `now`, as the type of the time columns: Athena's views hold UTC without a zone. #}
{% macro instant(text) -%}
    {% if text == "now" %}CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS TIMESTAMP(6)){% else %}TIMESTAMP '{{ text }}'{% endif %}
{%- endmacro %}

{# The same instant, to compare a stored time column with: those have a zone, and partitions are found by them. #}
{% macro stored_instant(text) -%}
    TIMESTAMP '{{ text }} UTC'
{%- endmacro %}

{# A stored time column as readers see it. #}
{% macro stored_time(column) -%}
    CAST({{ column }} AT TIME ZONE 'UTC' AS TIMESTAMP(6)) AS {{ column }}
{%- endmacro %}

{# The UTC day of a time. #}
{% macro utc_day(time) -%}
    CAST({{ time }} AS DATE)
{%- endmacro %}

{# The UTC hour of a time. #}
{% macro utc_hour(time) -%}
    DATE_TRUNC('hour', {{ time }})
{%- endmacro %}

{# Values below which that share of all lies; NULL of no values. #}
{% macro percentile(value, share) -%}
    APPROX_PERCENTILE({{ value }}, {{ share }})
{%- endmacro %}

{# The same for several shares, as a list in their order: the values are looked at once. #}
{% macro percentiles(value, shares) -%}
    APPROX_PERCENTILE({{ value }}, ARRAY[{{ shares | join(", ") }}])
{%- endmacro %}

{# Seconds from one time to another, with their fraction. #}
{% macro seconds_between(start, end) -%}
    CAST(DATE_DIFF('millisecond', {{ start }}, {{ end }}) AS DOUBLE) / 1000
{%- endmacro %}

{# The hour of the day, 0 to 23, on the clocks of a time zone; NULL without a zone. #}
{% macro local_hour(time, zone) -%}
    HOUR(AT_TIMEZONE(WITH_TIMEZONE({{ time }}, 'UTC'), {{ zone }}))
{%- endmacro %}

{# What a map holds under a key; NULL when it holds nothing. #}
{% macro map_value(column, key) -%}
    ELEMENT_AT({{ column }}, '{{ key }}')
{%- endmacro %}

{# Milliseconds since 1970. #}
{% macro epoch_ms(time) -%}
    CAST(TO_UNIXTIME({{ time }}) * 1000 AS BIGINT)
{%- endmacro %}

{# The type of a list of strings. #}
{% macro strings() -%}
    ARRAY(VARCHAR)
{%- endmacro %}
