{# Metrics and phrases that are the same text on every engine. #}

{# The rows that the caller asked for: the window on the relation's time column, and the filters. #}
{% macro asked_for() -%}
    {% if since %}{{ time }} >= {{ instant(since) }}
        AND {% endif %}
    {%- if until %}{{ time }} < {{ instant(until) }}
        AND {% endif %}
    {%- for column, values in filters %}{{ column }} IN ({{ values | map("literal") | join(", ") }})
        AND {% endfor %}TRUE
{%- endmacro %}

{# The columns that the caller groups by, each followed by a comma; nothing when all rows are one group. #}
{% macro grouped_columns() -%}
    {% for name in by %}{{ name }},
    {% endfor %}
{%- endmacro %}

{% macro group_by() -%}
    {% if by %}GROUP BY {{ by | join(", ") }}{% endif %}
{%- endmacro %}

{% macro order_by() -%}
    {% if by %}ORDER BY {{ by | join(", ") }}{% endif %}
{%- endmacro %}

{# A share between 0 and 1; NULL when the denominator is zero. #}
{% macro rate(part, whole) -%}
    CAST({{ part }} AS DOUBLE) / NULLIF({{ whole }}, 0)
{%- endmacro %}

{# Rows of the group that satisfy the condition; 0 of no rows. #}
{% macro count_where(condition) -%}
    COUNT(*) FILTER (WHERE {{ condition }})
{%- endmacro %}

{# Counts of messages by outcome. #}
{% macro outcome_counts() -%}
    COUNT(*) AS messages,
        {{ count_where("outcome = 'delivered'") }} AS delivered_count,
        {{ count_where("outcome = 'accepted'") }} AS accepted_count,
        {{ count_where("outcome = 'failed'") }} AS failed_count,
        {{ count_where("outcome = 'blocked'") }} AS blocked_count,
        {{ count_where("outcome = 'expired'") }} AS expired_count,
        {{ count_where("outcome = 'unknown'") }} AS unknown_count,
        {{ count_where("outcome = 'pending'") }} AS pending_count
{%- endmacro %}

{# Messages that reached the person or, finally, the carrier, among all with a final outcome. #}
{% macro delivery_rate() -%}
    {{ rate("(delivered_count + accepted_count)", "(messages - pending_count)") }}
{%- endmacro %}

{# For checks.sql: a check passes when its query gives no row. #}
{% macro rows_outside_0_1(column) -%}
    SELECT {{ column }} FROM {{ relation }} WHERE {{ column }} < 0 OR {{ column }} > 1
{%- endmacro %}

{% macro rows_repeated(columns) -%}
    SELECT {{ columns }}, COUNT(*) AS row_count FROM {{ relation }} GROUP BY {{ columns }} HAVING COUNT(*) > 1
{%- endmacro %}

{# True for a message that the protect configuration stopped, as its last word from the provider says. #}
{% macro protect_blocked() -%}
    (last_blocked_at IS NOT NULL AND (event_type LIKE '%PROTECT_BLOCKED' OR provider_status = 'PROTECT_BLOCKED'))
{%- endmacro %}

{# The stored table's columns as readers see them, and their names alone. #}
{% macro stored_columns() -%}
    {% for name in columns %}{{ stored_time(name) if name in times else name }}{{ "" if loop.last else ",\n    " }}{% endfor %}
{%- endmacro %}

{% macro column_names() -%}
    {{ columns | join(",\n    ") }}
{%- endmacro %}
