-- One row per message key, folded from all events of these keys, in the columns of the table messages.
-- Relation `key_events` holds the events, in any order and any number of copies, each row with its `rowid`; the result is the same.
-- "First" and "last" mean by (event_time, rank of the stage, event_id). Rendered by lake/fold.py, which gives
-- stages (in the order that breaks ties) and carried (columns that take their last value that is not null).
-- Conditions stand in CASE and not in FILTER: each filtered aggregate would copy all columns of its rows. Days are counted, which
-- is faster than to ask a calendar of time zones.

with places as (
    -- narrow, because what is sorted is copied: the place of each event, and whether it is the first of its copies
    select
        rowid as event_row,
        row_number() over lifecycle as position,
        lag(message_key) over lifecycle is distinct from message_key or lag(event_id) over lifecycle is distinct from event_id as is_first
    from key_events
    where message_key is not null
    window lifecycle as (
        order by event_time, list_position([{% for stage in stages %}'{{ stage }}'{{ ', ' if not loop.last }}{% endfor %}], stage), event_id, message_key
    )
),

distinct_events as (
    select
        key_events.*,
        position,
        case when stage not in ('feedback', 'opened', 'clicked') then position end as status_position,
        coalesce(is_bot, false) as by_bot
    from key_events inner join places on key_events.rowid = event_row
    where is_first
),

folded as (
    select
        message_key,
        min(requested_at) as requested_at,
        min(event_time) as first_event_at,
        max(event_time) as last_event_at,
        list_sort(list_distinct(list(cast(make_timestamp(epoch_us(event_time)) as date)))) as event_days,
        count(*) as event_count,
{%- for column in carried %}
        arg_max({{ column }}, position) as {{ column }},
{%- endfor %}
{%- for amount in ('message_price_usd', 'carrier_fee_usd') %}
        -- an RCS read receipt states 0 for a message that cost something
        coalesce(arg_max(case when stage <> 'read' or {{ amount }} <> 0 then {{ amount }} end, position), arg_max({{ amount }}, position)) as {{ amount }},
{%- endfor %}
        coalesce(arg_max(case when stage <> 'feedback' then direction end, position), arg_max(direction, position)) as direction,
{%- for column in ('event_type', 'provider_status', 'status_reason') %}
        arg_max_null({{ column }}, status_position) as {{ column }},
{%- endfor %}
{%- for stage in stages %}
        min(case when stage = '{{ stage }}' then event_time end) as first_{{ stage }}_at,
        max(case when stage = '{{ stage }}' then event_time end) as last_{{ stage }}_at,
{%- endfor %}
        max(case when stage = 'accepted' and is_final then event_time end) as final_accepted_at,
        max(
            case when stage = 'failed' and case when channel = 'email' then starts_with(provider_status, 'Permanent') else is_final end then event_time end
        ) as permanent_failure_at,
        count_if(stage = 'opened' and not by_bot) as open_count,
        count_if(stage = 'opened' and by_bot) as bot_open_count,
        count_if(stage = 'clicked' and not by_bot) as click_count,
        count_if(stage = 'clicked' and by_bot) as bot_click_count,
        arg_max(feedback_status, position) as feedback_status,
        max(case when feedback_status is not null then event_time end) as feedback_at,
        bool_or(coalesce(feedback_expected, false) or feedback_status is not null) as feedback_expected,
        min(case when stage = 'opened' and not by_bot then event_time end) as first_person_open_at
    from distinct_events
    group by message_key
)

select
    *,
    coalesce(requested_at, first_event_at) as message_time,
    case
        when direction = 'inbound' then 'received'
        -- a permanent failure takes back the delivery before it; opens and clicks do not undo that
        when permanent_failure_at is not null
            and not coalesce(last_delivered_at >= permanent_failure_at or last_read_at >= permanent_failure_at, false) then 'failed'
        -- a reader, an opener and a clicker have the message, even when no receipt says so
        when coalesce(last_delivered_at, last_read_at, last_opened_at, last_clicked_at) is not null then 'delivered'
        -- without a delivery the last word counts; words of the same instant in this order
        when last_blocked_at = last_word_at then 'blocked'
        when last_failed_at = last_word_at then 'failed'
        when last_expired_at = last_word_at then 'expired'
        when final_accepted_at = last_word_at then 'accepted'
        when last_unknown_at is not null then 'unknown'
        else 'pending'
    end as outcome,
    (epoch_us(first_accepted_at) - epoch_us(requested_at)) / 1e6 as accepted_latency_s,
    (epoch_us(first_delivered_at) - epoch_us(requested_at)) / 1e6 as delivered_latency_s,
    (epoch_us(first_read_at) - epoch_us(requested_at)) / 1e6 as read_latency_s,
    (epoch_us(first_person_open_at) - epoch_us(requested_at)) / 1e6 as opened_latency_s
from (select *, greatest(last_blocked_at, last_failed_at, last_expired_at, final_accepted_at) as last_word_at from folded) as ended
