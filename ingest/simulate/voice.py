"""Voice calls as End User Messaging reports them; a completed call has a length and a price per minute begun."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import UUID, Ints, scatter, uuid_fields, words
from ingest.simulate.eum import Status, heads
from ingest.simulate.feed import Feed
from ingest.simulate.ladder import Climb, Path, climb, count_climb, draw_messages
from ingest.simulate.people import CUSTOMER, RANGES, phone_of
from ingest.simulate.truth import Truth
from ingest.simulate.world import World

PRICE_PER_MINUTE_USD: Final = Decimal("0.013")
LONGEST_CALL_S: Final = 150
_STATUSES: Final = (
    Status("VOICE_INITIATED", "INITIATED", "", False),
    Status("VOICE_RINGING", "RINGING", "", False),
    Status("VOICE_ANSWERED", "ANSWERED", "", False),
    Status("VOICE_COMPLETED", "COMPLETED", "", True, "delivered"),
    Status("VOICE_BUSY", "BUSY", "", True, "failed"),
    Status("VOICE_NO_ANSWER", "NO_ANSWER", "", True, "failed"),
    Status("VOICE_FAILED", "FAILED", "", True, "failed"),
)
COMPLETED: Final = 3
_PATHS: Final = (
    Path(72, ((0, 400), (1, 1_500), (2, 9_000), (COMPLETED, 40_000))),
    Path(8, ((0, 400), (4, 4_000))),
    Path(15, ((0, 400), (1, 1_500), (5, 30_000))),
    Path(5, ((0, 400), (6, 2_000))),
)
_HEADS, _FINALITY, _ = heads(_STATUSES)
_COUNTRIES: Final = words([c.code for c in countries()])
_WORDS: Final = words([s.status for s in _STATUSES])
_LENGTHS: Final = words([""] + [
    f',"callDurationInSeconds":{s},"totalDurationInMinutes":{-(-s // 60)},"totalMessagePrice":{PRICE_PER_MINUTE_USD * -(-s // 60)}'
    for s in range(1, LONGEST_CALL_S + 1)
])  # fmt: skip
_EVENT: Final = (
    '{%s%d%s,"originationPhoneNumber":"+12065550154","destinationPhoneNumber":"%s%04d","isoCountryCode":"%s","messageId":"' + UUID + '",'
    '"messageRequestTimestamp":%d,"messageStatus":"%s"%s,"context":{"use_case":"otp","customerId":"' + CUSTOMER + '"}}'
)


def voice_feed(world: World, day: int, shard: int) -> Feed:
    """The events of the calls requested on that day."""
    plan = climb(*draw_messages(world, "voice", day, shard, ("US", "CA", "GB", "AU"), campaign=False), _PATHS, late=0.0)
    return Feed(plan.event_arrivals, lambda records: _render(plan, records), lambda truth: _count(truth, plan))


def _length_s(ids: Ints) -> Ints:
    return 10 + scatter(ids, 21, LONGEST_CALL_S - 9)


def _render(plan: Climb, records: Ints) -> list[str]:
    message, status = plan.event_message[records], plan.event_status[records]
    person = plan.person[message]
    number_range, digits = phone_of(person)
    columns = (
        _HEADS[status], plan.event_at[records], _FINALITY[status], RANGES[number_range], digits, _COUNTRIES[plan.country[message]],
        *uuid_fields(plan.ids[message]), plan.requested[message], _WORDS[status],
        _LENGTHS[np.where(status == COMPLETED, _length_s(plan.ids[message]), 0)], person,
    )  # fmt: skip
    return list(map(_EVENT.__mod__, zip(*(column.tolist() for column in columns), strict=True)))


def _count(truth: Truth, plan: Climb) -> None:
    count_climb(truth, "voice", _STATUSES, plan)
    completed = truth.landed(plan.event_arrivals) & (plan.event_status == COMPLETED)
    seconds = _length_s(plan.ids[plan.event_message[completed]])
    truth.add_usd("voice/message_price_usd", PRICE_PER_MINUTE_USD * int((-(-seconds // 60)).sum()))
    truth.add("voice/duration_s", int(seconds.sum()))
