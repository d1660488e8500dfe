-- One row per message key, folded from all events of these keys, in the columns of the table messages.
-- Relation `key_events` holds the events, in any order and any number of copies; the result is the same.
-- "First" and "last" mean by (event_time, rank of the stage, event_id). Rendered by lake/fold.py, which gives
-- stages (in the order that breaks ties) and carried (columns that take their last value that is not null).

with ranked_events as (
    select
        *,
        row_number() over lifecycle as position,
        lag(event_id) over lifecycle as previous_event_id
    from key_events
    where message_key is not null
    window lifecycle as (
        partition by message_key
        order by event_time, list_position([{% for stage in stages %}'{{ stage }}'{{ ', ' if not loop.last }}{% endfor %}], stage), event_id
    )
),

distinct_events as (
    select
        *,
        stage not in ('feedback', 'opened', 'clicked') as tells_status,
        coalesce(is_bot, false) as by_bot
    from ranked_events
    where previous_event_id is distinct from event_id
),

folded as (
    select
        message_key,
        min(requested_at) as requested_at,
        min(event_time) as first_event_at,
        max(event_time) as last_event_at,
        list_sort(list(distinct cast(event_time as date))) as event_days,
        count(*) as event_count,
{%- for column in carried %}
        arg_max({{ column }}, position) as {{ column }},
{%- endfor %}
{%- for amount in ('message_price_usd', 'carrier_fee_usd') %}
        -- an RCS read receipt states 0 for a message that cost something
        coalesce(arg_max({{ amount }}, position) filter (where stage <> 'read' or {{ amount }} <> 0), arg_max({{ amount }}, position)) as {{ amount }},
{%- endfor %}
        coalesce(arg_max(direction, position) filter (where stage <> 'feedback'), arg_max(direction, position)) as direction,
{%- for column in ('event_type', 'provider_status', 'status_reason') %}
        arg_max_null({{ column }}, position) filter (where tells_status) as {{ column }},
{%- endfor %}
{%- for stage in stages %}
        min(event_time) filter (where stage = '{{ stage }}') as first_{{ stage }}_at,
        max(event_time) filter (where stage = '{{ stage }}') as last_{{ stage }}_at,
{%- endfor %}
        max(event_time) filter (where stage = 'accepted' and is_final) as final_accepted_at,
        max(event_time) filter (
            where stage = 'failed' and case when channel = 'email' then starts_with(provider_status, 'Permanent') else is_final end
        ) as permanent_failure_at,
        count(*) filter (where stage = 'opened' and not by_bot) as open_count,
        count(*) filter (where stage = 'opened' and by_bot) as bot_open_count,
        count(*) filter (where stage = 'clicked' and not by_bot) as click_count,
        count(*) filter (where stage = 'clicked' and by_bot) as bot_click_count,
        arg_max(feedback_status, position) as feedback_status,
        max(event_time) filter (where feedback_status is not null) as feedback_at,
        bool_or(coalesce(feedback_expected, false) or feedback_status is not null) as feedback_expected,
        min(event_time) filter (where stage = 'opened' and not by_bot) as first_person_open_at
    from distinct_events
    group by message_key
)

select
    *,
    coalesce(requested_at, first_event_at) as message_time,
    (epoch_us(first_accepted_at) - epoch_us(requested_at)) / 1e6 as accepted_latency_s,
    (epoch_us(first_delivered_at) - epoch_us(requested_at)) / 1e6 as delivered_latency_s,
    (epoch_us(first_read_at) - epoch_us(requested_at)) / 1e6 as read_latency_s,
    (epoch_us(first_person_open_at) - epoch_us(requested_at)) / 1e6 as opened_latency_s
from folded
