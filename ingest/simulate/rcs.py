"""RCS as End User Messaging reports it: a receipt carries the price, a read does not and may be dated before the delivery."""

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

_STATUSES: Final = (
    Status("RCS_QUEUED", "QUEUED", "Message is queued for delivery", False),
    Status("RCS_SENT", "SENT", "Message has been sent", False),
    Status("RCS_DELIVERED", "DELIVERED", "Message has been accepted by phone", True, "delivered"),
    Status("RCS_READ", "READ", "Message has been read by recipient", True, "delivered"),
    Status("RCS_FAILED", "FAILED", "Message could not be delivered", True, "failed"),
)
SENT, DELIVERED, READ, FAILED = 1, 2, 3, 4
_PATHS: Final = (
    Path(38, ((SENT, 500), (DELIVERED, 2_500), (READ, 240_000))),
    Path(38, ((0, 200), (SENT, 400), (DELIVERED, 3_000))),
    Path(6, ((SENT, 500), (READ, 3_000), (DELIVERED, 400))),
    Path(10, ((SENT, 500),)),
    Path(8, ((0, 200), (FAILED, 1_500))),
)
_HEADS, _FINALITY, _VERDICTS = heads(_STATUSES)
_PRICES: Final = (("RICH", Decimal("0.007"), Decimal("0.00494")), ("BASIC", Decimal("0.0055"), Decimal("0.00302")))
_CHARGES: Final = words(
    [f',"totalMessagePrice":{price},"totalCarrierFee":{fee},"rcsMetadata":{{"billingEventType":"{kind}"}}' for kind, price, fee in _PRICES]
    + [',"totalMessagePrice":0.0,"totalCarrierFee":0.0']
)
FREE: Final = len(_PRICES)
_AGENTS: Final = words([
    f',"isoCountryCode":"{c.code}","rcsBusinessId":"novashop_k2f8x1_agent","agentIsoCountryCode":"{c.code}"' for c in countries()
])  # fmt: skip
_EVENT: Final = (
    '{%s%d%s,"originationPhoneNumber":"rcs-5d0e41c7a9b84f7e9f0c2b6a13d85e77","destinationPhoneNumber":"%s%04d","isInternationalSend":false,'
    '"messageId":"' + UUID + '","messageRequestTimestamp":%d,"messageEncoding":"UNICODE","messageType":"TRANSACTIONAL",%s,'
    '"context":{"use_case":"order_update","customerId":"' + CUSTOMER + '"},"totalMessageParts":1%s%s}'
)


def rcs_feed(world: World, day: int, shard: int) -> Feed:
    """The events of the RCS messages requested on that day."""
    plan = climb(*draw_messages(world, "rcs", day, shard, ("US", "CA", "GB", "FR", "DE", "ES", "BR", "MX"), campaign=False), _PATHS)
    return Feed(plan.event_arrivals, lambda records: _render(plan, records), lambda truth: _count(truth, plan))


def _billing(plan: Climb) -> Ints:
    return scatter(plan.ids, 31, len(_PRICES))


def _render(plan: Climb, records: Ints) -> list[str]:
    message, status = plan.event_message[records], plan.event_status[records]
    person = plan.person[message]
    number_range, digits = phone_of(person)
    columns = (
        _HEADS[status], plan.event_at[records], _FINALITY[status], RANGES[number_range], digits,
        *uuid_fields(plan.ids[message]), plan.requested[message], _VERDICTS[status], person,
        _CHARGES[np.where(status == DELIVERED, _billing(plan)[message], FREE)], _AGENTS[plan.country[message]],
    )  # fmt: skip
    return list(map(_EVENT.__mod__, zip(*(column.tolist() for column in columns), strict=True)))


def _count(truth: Truth, plan: Climb) -> None:
    count_climb(truth, "rcs", _STATUSES, plan)
    landed = truth.landed(plan.event_arrivals)
    billed = plan.event_message[landed & (plan.event_status == DELIVERED)]
    for code, count in enumerate(np.bincount(_billing(plan)[billed], minlength=len(_PRICES)).tolist()):
        truth.add_usd("rcs/message_price_usd", _PRICES[code][1] * count)
        truth.add_usd("rcs/carrier_fee_usd", _PRICES[code][2] * count)
    truth.add("rcs/read", len(np.unique(plan.event_message[landed & (plan.event_status == READ)])))
