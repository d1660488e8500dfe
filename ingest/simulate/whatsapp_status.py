"""WhatsApp statuses of what the company sends: sent, delivered, read, failed; sometimes two in one entry."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.draw import Ints, scatter, words
from ingest.simulate.eum import Status
from ingest.simulate.feed import Feed
from ingest.simulate.ladder import Climb, Path, climb, draw_messages
from ingest.simulate.sns import escape
from ingest.simulate.truth import Truth
from ingest.simulate.whatsapp import METADATA, WHERE, back, digits_of, entry, front, record, wamids
from ingest.simulate.world import World

_SENT, _DELIVERED, _READ, _FAILED, _DELIVERED_AND_READ = range(5)
STATUSES: Final = (
    Status("sent", "sent", "", False),
    Status("delivered", "delivered", "", True, "delivered"),
    Status("read", "read", "", True, "delivered"),
    Status("failed", "failed", "", True, "failed"),
)
_PATHS: Final = (
    Path(52, ((_SENT, 800), (_DELIVERED, 2_500), (_READ, 600_000))),
    Path(24, ((_SENT, 800), (_DELIVERED, 4_000))),
    Path(6, ((_SENT, 800), (_READ, 5_000))),
    Path(4, ((_SENT, 800), (_DELIVERED_AND_READ, 5_000))),
    Path(6, ((_SENT, 800),)),
    Path(4, ((_SENT, 800), (_FAILED, 4_000))),
    Path(4, ((_FAILED, 1_000),)),
)
REPLY_PATHS: Final = (Path(80, ((_SENT, 400), (_DELIVERED, 900), (_READ, 20_000))), Path(20, ((_SENT, 400), (_DELIVERED, 1_500))))
_CATEGORIES: Final = ("marketing", "utility", "authentication", "service")
_CATEGORY_OF: Final = np.repeat(np.arange(3), (50, 35, 15))
SERVICE: Final = _CATEGORIES.index("service")
_PRICING: Final = words([
    escape(f',"pricing":{{"billable":{str(c != "service").lower()},"pricing_model":"PMP","type":"{t}","category":"{c}"}}', 2)
    for c, t in zip(_CATEGORIES, ("regular", "regular", "regular", "free_customer_service"), strict=True)
] + [""])  # fmt: skip
_UNPRICED: Final = len(_CATEGORIES)
_CALLBACKS: Final = words([""] + [escape(f',"biz_opaque_callback_data":"campaign={name}"', 2) for name in ("member_week", "win_back")])
_ERRORS: Final = words([
    escape(f',"errors":[{{"code":{code},"title":"{title}","message":"{title}","error_data":{{"details":"{details}"}},'
           '"href":"https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}]', 2)
    for code, title, details in (
        (131026, "Message undeliverable", "Message Undeliverable."),
        (131049, "This message was not delivered to maintain healthy ecosystem engagement.", "Too many marketing messages."),
        (131047, "Re-engagement message", "More than 24 hours have passed since the customer last replied."),
    )
])  # fmt: skip
_WORDS: Final = words([s.status for s in STATUSES])
_STATUS: Final = '{"id":"%s","status":"%s","timestamp":"%d","recipient_id":"%s"%s%s}'
_ONE: Final = record(entry(f'{METADATA},"statuses":[{_STATUS}]'))
_TWO: Final = record(entry(f'{METADATA},"statuses":[{_STATUS},{_STATUS}]'))


def status_feed(world: World, day: int, shard: int) -> Feed:
    """The statuses of the messages sent on that day, replies to chats apart."""
    rng, country, person, requested = draw_messages(world, "whatsapp", day, shard, WHERE, campaign=True)
    plan = climb(rng, country, person, requested, _PATHS, ms=1000)
    category = _CATEGORY_OF[scatter(plan.ids, 61, len(_CATEGORY_OF))]
    return statuses_of(plan, category)


def statuses_of(plan: Climb, category: Ints, logged: Ints | None = None) -> Feed:
    """The statuses of these messages, each of a pricing category; `logged` are the arrivals of their conversation records."""
    return Feed(plan.event_arrivals, lambda records: _render(plan, category, records), lambda truth: _count(truth, plan, logged))


def _render(plan: Climb, category: Ints, records: Ints) -> list[str]:
    texts = np.empty(len(records), dtype=object)
    both = plan.event_status[records] == _DELIVERED_AND_READ
    for pair in (False, True):
        chosen = records[both == pair]
        status = plan.event_status[chosen]
        if pair:
            delivered, read = (_fields(plan, category, chosen, np.full_like(status, word)) for word in (_DELIVERED, _READ))
            fields = delivered + read
        else:
            fields = _fields(plan, category, chosen, status)
        ids = plan.ids[plan.event_message[chosen]] ^ (status << 5)
        columns = [*front(ids), *fields, *back(ids, plan.event_arrivals[chosen])]
        texts[both == pair] = list(map((_TWO if pair else _ONE).__mod__, zip(*columns, strict=True)))
    return texts.tolist()


def _fields(plan: Climb, category: Ints, chosen: Ints, word: Ints) -> list[list[str] | list[int]]:
    """The columns of one status: message id, status, time, recipient, callback data, then pricing or errors."""
    message = plan.event_message[chosen]
    ids, kind = plan.ids[message], category[message]
    numbers = digits_of(plan.person[message])
    callback = _CALLBACKS[np.where(kind == 0, scatter(ids, 63, len(_CALLBACKS)), 0)].tolist()
    priced = _PRICING[np.where((word == _SENT) | (word == _DELIVERED), kind, _UNPRICED)]
    errors = np.where(word == _FAILED, _ERRORS[scatter(ids, 64, len(_ERRORS))], "")
    at = (plan.event_at[chosen] // 1000).tolist()
    return [wamids(numbers, ids, inbound=False), _WORDS[word].tolist(), at, numbers, callback, (priced + errors).tolist()]


def _count(truth: Truth, plan: Climb, logged: Ints | None) -> None:
    landed = truth.landed(plan.event_arrivals)
    status, message = plan.event_status[landed], plan.event_message[landed]
    pairs = int((status == _DELIVERED_AND_READ).sum())
    truth.add_words("events/whatsapp_status", [s.status for s in STATUSES], status[status < _DELIVERED_AND_READ])
    truth.add("events/whatsapp_status/delivered", pairs)
    truth.add("events/whatsapp_status/read", pairs)
    outcome = np.zeros(len(plan.ids), dtype=np.int64)
    for word, code in ((_SENT, 1), (_FAILED, 2), (_DELIVERED, 3), (_READ, 3), (_DELIVERED_AND_READ, 3)):
        outcome[message[status == word]] = code
    truth.add_words("whatsapp/outcomes", ("pending", "failed", "delivered"), outcome[outcome > 0] - 1)
    known = outcome > 0 if logged is None else (outcome > 0) | truth.landed(logged)
    truth.add("messages/whatsapp/outbound", int(known.sum()))
    truth.add("whatsapp/read", len(np.unique(message[(status == _READ) | (status == _DELIVERED_AND_READ)])))
