{# What differs between engines, in DuckDB's words. macros/athena.sql defines the same names. #}

{# An instant written in UTC, as the type of the time columns. #}
{% macro instant(text) -%}
    TIMESTAMPTZ '{{ text }}+00'
{%- endmacro %}

{# A stored time column as readers see it. #}
{% macro stored_time(column) -%}
    {{ column }}
{%- endmacro %}

{# The UTC day of a time. #}
{% macro utc_day(time) -%}
    CAST({{ time }} AT TIME ZONE 'UTC' AS DATE)
{%- endmacro %}

{# The UTC hour of a time. #}
{% macro utc_hour(time) -%}
    DATE_TRUNC('hour', {{ time }})
{%- endmacro %}

{# Values below which that share of all lies; NULL of no values. #}
{% macro percentile(value, share) -%}
    QUANTILE_CONT({{ value }}, {{ share }})
{%- endmacro %}
