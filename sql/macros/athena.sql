{# What differs between engines, in Athena's words (engine version 3). macros/duckdb.sql defines the same names. #}

{# An instant written in UTC, as the type of the time columns: Athena's views hold UTC without a zone. #}
{% macro instant(text) -%}
    TIMESTAMP '{{ text }}'
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
