{# Metrics and phrases that are the same text on every engine. #}

{# The rows that the caller asked for: the window on the relation's time column, and the filters but those `without`. #}
{% macro asked_for(without="") -%}
    {% if since_around %}{{ time }} >= {{ (stored_instant if columns else instant)(since_around) }}
        AND {% endif %}
    {%- if until_around %}{{ time }} < {{ (stored_instant if columns else instant)(until_around) }}
        AND {% endif %}
    {%- for column, values in filters if column != without %}{{ column }} IN ({{ values | map("literal") | join(", ") }})
        AND {% endfor %}TRUE
{%- endmacro %}

{# Of rows that were made of several events, those that pass the filter on this column. #}
{% macro filtered_by(name) -%}
    {% for column, values in filters if column == name %}{{ column }} IN ({{ values | map("literal") | join(", ") }})
        AND {% endfor %}TRUE
{%- endmacro %}

{# Of rows read around the window, those whose time lies within it. #}
{% macro within_window(moment) -%}
    {% if since %}{{ moment }} >= {{ instant(since) }}
        AND {% endif %}
    {%- if until %}{{ moment }} < {{ instant(until) }}
        AND {% endif %}TRUE
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

{# The outbound messages that the caller asked for, with day and hour; a row that only feedback made is no message yet. #}
{% macro sent_messages() -%}
    SELECT
        *,
        {{ utc_day(time) }} AS day,
        {{ utc_hour(time) }} AS hour
    FROM messages
    WHERE direction = 'outbound'
        AND channel IS NOT NULL
        AND {{ asked_for() }}
{%- endmacro %}

{# Counts of sent messages by outcome, and how long the delivered ones took. #}
{% macro delivery_counts() -%}
    COUNT(*) AS messages,
        {{ count_where("outcome = 'delivered'") }} AS delivered_count,
        {{ count_where("outcome = 'accepted'") }} AS accepted_count,
        {{ count_where("outcome = 'failed'") }} AS failed_count,
        {{ count_where("outcome = 'blocked'") }} AS blocked_count,
        {{ count_where("outcome = 'expired'") }} AS expired_count,
        {{ count_where("outcome = 'unknown'") }} AS unknown_count,
        {{ count_where("outcome = 'pending'") }} AS pending_count,
        {{ percentiles("delivered_latency_s", [0.5, 0.95]) }} AS latency_s
{%- endmacro %}

{# The columns of a delivery mart, from delivery_counts; the rate divides by the messages with a final outcome. #}
{% macro delivery_columns() -%}
    messages,
    delivered_count,
    accepted_count,
    failed_count,
    blocked_count,
    expired_count,
    unknown_count,
    pending_count,
    {{ rate("(delivered_count + accepted_count)", "(messages - pending_count)") }} AS delivery_rate,
    latency_s[1] AS latency_p50_s,
    latency_s[2] AS latency_p95_s
{%- endmacro %}

{# Common table expressions that add to the rows of `source` who vouches for their receipts, ending in vouched_messages. #}
{% macro vouched(source) -%}
channel_trust AS (
    -- one row per channel: who vouches for its receipts where the country says nothing else
    SELECT channel, receipt_trust
    FROM receipt_trust
    WHERE recipient_country IS NULL
),

country_trust AS (
    -- one row per channel and country that differs from its channel
    SELECT channel, recipient_country, receipt_trust
    FROM receipt_trust
    WHERE recipient_country IS NOT NULL
),

vouched_messages AS (
    -- the sent messages, with how far their receipts can be trusted: 0 nobody, 1 the carrier, 2 the handset
    SELECT
        {{ source }}.*,
        CASE COALESCE(country_trust.receipt_trust, channel_trust.receipt_trust)
            WHEN 'none' THEN 0
            WHEN 'carrier' THEN 1
            WHEN 'handset' THEN 2
        END AS trust_level
    FROM {{ source }}
    LEFT JOIN channel_trust
        ON {{ source }}.channel = channel_trust.channel
    LEFT JOIN country_trust
        ON {{ source }}.channel = country_trust.channel
        AND {{ source }}.recipient_country = country_trust.recipient_country
)
{%- endmacro %}

{# The weakest trust of a group, in words. #}
{% macro weakest_trust() -%}
    CASE MIN(trust_level) WHEN 0 THEN 'none' WHEN 1 THEN 'carrier' WHEN 2 THEN 'handset' END
{%- endmacro %}

{# Price and fee of a message, once; NULL when nobody states either. #}
{% macro cost(price, fee) -%}
    CASE
        WHEN {{ price }} IS NOT NULL OR {{ fee }} IS NOT NULL THEN COALESCE({{ price }}, 0) + COALESCE({{ fee }}, 0)
    END
{%- endmacro %}

{# True for a message that the carrier itself blocked, as its last word from the provider says. #}
{% macro carrier_blocked() -%}
    (
            event_type LIKE '%CARRIER_BLOCKED' OR event_type LIKE '%_SPAM'
            OR provider_status IN ('CARRIER_BLOCKED', 'SPAM')
        )
{%- endmacro %}

{# True for an e-mail whose mailbox does not exist or refuses for good. #}
{% macro hard_bounced() -%}
    (channel = 'email' AND outcome = 'failed' AND permanent_failure_at IS NOT NULL)
{%- endmacro %}

{# What carriers, mailboxes and people think of the sender; a complaint or an unsubscription shows that the message arrived. #}
{% macro reputation_counts() -%}
    {{ count_where("outcome = 'blocked' AND " ~ carrier_blocked()) }} AS carrier_blocked_count,
        {{ count_where(hard_bounced()) }} AS hard_bounce_count,
        {{ count_where("channel = 'email' AND outcome <> 'pending'") }} AS ended_email_count,
        {{ count_where("first_complained_at IS NOT NULL") }} AS complaint_count,
        {{ count_where("first_unsubscribed_at IS NOT NULL") }} AS unsubscribe_count,
        {{ count_where("outcome IN ('delivered', 'accepted') OR first_complained_at IS NOT NULL OR first_unsubscribed_at IS NOT NULL") }} AS arrived_count,
        {{ count_where("feedback_state = 'received'") }} AS confirmed_count,
        {{ count_where("feedback_state IN ('received', 'failed', 'silent')") }} AS answerable_count
{%- endmacro %}

{# The columns of a reputation mart, from reputation_counts. #}
{% macro reputation_columns() -%}
    carrier_blocked_count,
    hard_bounce_count,
    complaint_count,
    unsubscribe_count,
    {{ rate("carrier_blocked_count", "(messages - pending_count)") }} AS carrier_blocked_rate,
    {{ rate("hard_bounce_count", "ended_email_count") }} AS hard_bounce_rate,
    {{ rate("complaint_count", "arrived_count") }} AS complaint_rate,
    {{ rate("unsubscribe_count", "arrived_count") }} AS unsubscribe_rate,
    {{ rate("confirmed_count", "answerable_count") }} AS completion_rate
{%- endmacro %}

{# For checks.sql: a check passes when its query gives no row. #}
{% macro rows_outside_0_1(column) -%}
    SELECT {{ column }} FROM {{ relation }} WHERE {{ column }} < 0 OR {{ column }} > 1
{%- endmacro %}

{# The outcomes of a row add up to its messages. #}
{% macro outcomes_that_do_not_add_up() -%}
    SELECT messages
    FROM {{ relation }}
    WHERE messages <> delivered_count + accepted_count + failed_count + blocked_count + expired_count + unknown_count + pending_count
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

{# For the views of the AWS sample: one row per message of a channel, from its events, which the window and filters choose. #}
{% macro sample_messages(channel) -%}
told AS (
    -- one row per event of the channel's messages, in the order in which the last one is found
    SELECT
        *,
        ROW(event_time, event_id) AS moment,
        stage NOT IN ('feedback', 'opened', 'clicked') AS tells_status
    FROM events
    WHERE channel = '{{ channel }}'
        AND direction = 'outbound'
        AND message_key IS NOT NULL
        AND source <> 'conversation'
        AND {{ asked_for() }}
)
{%- endmacro %}

{# The last time of an event that the provider calls so. #}
{% macro sample_time(event_type, name) -%}
    MAX(CASE WHEN event_type = '{{ event_type }}' THEN event_time END) AS {{ name }}
{%- endmacro %}

{# The latest value of a column among the events, or among those that the condition keeps. #}
{% macro latest(column, condition="TRUE") -%}
    MAX_BY({{ column }}, moment) FILTER (WHERE {{ column }} IS NOT NULL AND {{ condition }})
{%- endmacro %}

{# success, pending, failed or unknown: a delivery settles it, else the last word of the provider does. #}
{% macro sample_outcome() -%}
    CASE
        WHEN MAX(CASE WHEN stage IN ('delivered', 'read') THEN 1 END) = 1 THEN 'success'
        ELSE CASE {{ latest("stage", "tells_status") }}
            WHEN 'accepted' THEN 'success'
            WHEN 'queued' THEN 'pending'
            WHEN 'sent' THEN 'pending'
            WHEN 'failed' THEN 'failed'
            WHEN 'blocked' THEN 'failed'
            WHEN 'expired' THEN 'failed'
            ELSE 'unknown'
        END
    END
{%- endmacro %}
