"""MMS as End User Messaging reports it."""

from __future__ import annotations

from typing import Final

from ingest.simulate.countries import countries
from ingest.simulate.draw import UUID, Ints, uuid_fields, words
from ingest.simulate.eum import Status, heads
from ingest.simulate.feed import Feed
from ingest.simulate.ladder import Climb, Path, climb, count_climb, draw_messages
from ingest.simulate.people import CUSTOMER, RANGES, phone_of
from ingest.simulate.world import World

_STATUSES: Final = (
    Status("MEDIA_QUEUED", "QUEUED", "Queued", False),
    Status("MEDIA_PENDING", "PENDING", "Pending", False),
    Status("MEDIA_DELIVERED", "DELIVERED", "Message has been accepted by phone", True, "delivered"),
    Status("MEDIA_UNREACHABLE", "UNREACHABLE", "Phone is currently unreachable/unavailable", True, "failed"),
    Status("MEDIA_FILE_SIZE_EXCEEDED", "INVALID_MESSAGE", "The media file is too large", True, "failed"),
    Status("MEDIA_FILE_TYPE_UNSUPPORTED", "INVALID_MESSAGE", "The media file type is not supported", True, "failed"),
)
_PATHS: Final = (
    Path(70, ((0, 200), (1, 400), (2, 4_000))),
    Path(22, ((1, 500), (2, 6_000))),
    Path(5, ((0, 200), (3, 20_000))),
    Path(2, ((0, 200), (4, 300))),
    Path(1, ((0, 200), (5, 300))),
)
_HEADS, _FINALITY, _VERDICTS = heads(_STATUSES)
_COUNTRIES: Final = words([f',"isoCountryCode":"{c.code}"' for c in countries()])
_EVENT: Final = (
    '{"contentType":"MMS",%s%d%s,"originationPhoneNumber":"+12065550153","destinationPhoneNumber":"%s%04d"%s,"messageId":"' + UUID + '",'
    '"messageRequestTimestamp":%d,"messageType":"PROMOTIONAL",%s,"context":{"campaign":"look_book","use_case":"marketing","customerId":"'
    + CUSTOMER + '"},"totalMessageParts":1,"totalMessagePrice":0.0195,"totalCarrierFee":0.00266}'
)  # fmt: skip


def mms_feed(world: World, day: int, shard: int) -> Feed:
    """The events of the MMS messages requested on that day."""
    plan = climb(*draw_messages(world, "mms", day, shard, ("US", "CA"), campaign=True), _PATHS)
    return Feed(plan.event_arrivals, lambda records: _render(plan, records), lambda truth: count_climb(truth, "mms", _STATUSES, plan))


def _render(plan: Climb, records: Ints) -> list[str]:
    message, status = plan.event_message[records], plan.event_status[records]
    person = plan.person[message]
    number_range, digits = phone_of(person)
    columns = (
        _HEADS[status], plan.event_at[records], _FINALITY[status], RANGES[number_range], digits, _COUNTRIES[plan.country[message]],
        *uuid_fields(plan.ids[message]), plan.requested[message], _VERDICTS[status], person,
    )  # fmt: skip
    return list(map(_EVENT.__mod__, zip(*(column.tolist() for column in columns), strict=True)))
