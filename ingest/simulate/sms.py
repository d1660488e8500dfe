"""SMS as End User Messaging reports it: flat events, one JSON document each, no delimiter between them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import UUID, Ints, Words, uuid_fields, words
from ingest.simulate.eum import MODES, heads, protect_fragments
from ingest.simulate.feed import Feed
from ingest.simulate.people import CUSTOMER
from ingest.simulate.sms_plan import CAMPAIGNS, MARKETING, OTP, PROTECT_BLOCKED, STATUSES, USE_CASES, SmsPlan, plan_sms
from ingest.simulate.sms_truth import count_sms
from ingest.simulate.world import World

MOST_PARTS: Final = 3
_UNICODE: Final = {"ja", "ko", "zh", "ar", "ru", "uk", "el", "he", "th", "bn", "vi"}

_EVENT: Final = (
    '{%s%d%s,"originationPhoneNumber":"%s","destinationPhoneNumber":"%s%04d","isInternationalSend":false%s,"messageId":"' + UUID + '",'
    '"messageRequestTimestamp":%d%s,%s,"context":{%s"customerId":"' + CUSTOMER + '"%s},"totalMessageParts":%s%s}'
)

_HEADS, _FINALITY, _VERDICTS = heads(STATUSES)
_PROTECT: Final = protect_fragments()
_CARRIERS: Final = words([f',"mcc":"{x.mcc}","mnc":"{x.mnc}","carrierName":"{x.name}"' for c in countries() for x in c.carriers])
_FIRST_CARRIER: Final = np.cumsum([0] + [len(c.carriers) for c in countries()]).astype(np.int64)
_ORIGINATORS: Final = words([c.originators[use_case % len(c.originators)] for c in countries() for use_case in range(len(USE_CASES))])


def _kinds() -> Words:
    """Encoding and message type, by country x use case."""
    texts = []
    for country in countries():
        encoding = "UNICODE" if country.language in _UNICODE else "GSM"
        for use_case in range(len(USE_CASES)):
            message_type = "PROMOTIONAL" if use_case == MARKETING else "TRANSACTIONAL"
            texts.append(f',"messageEncoding":"{encoding}","messageType":"{message_type}"')
    return words(texts)


def price_of(country: int, parts: int) -> tuple[Decimal, Decimal]:
    """Price and carrier fee of a whole message that was not blocked by Protect."""
    return countries()[country].price_usd * parts, countries()[country].carrier_fee_usd * parts


def _charges() -> Words:
    """Parts, price, fee and country, by country x parts; the first of each country is the free one."""
    texts = []
    for index, country in enumerate(countries()):
        for parts in range(MOST_PARTS + 1):
            price, fee = price_of(index, parts)
            money = f',"totalMessagePrice":{price if parts else 0},"totalCarrierFee":{fee if parts else 0}'
            texts.append(f'{money},"isoCountryCode":"{country.code}"')
    return words(texts)


_KINDS: Final = _kinds()
_CHARGES: Final = _charges()
_CONTEXTS: Final = words(
    [(f'"campaign":"{campaign}",' if use_case == MARKETING else "") + f'"use_case":"{USE_CASES[use_case]}",'
     for use_case in range(len(USE_CASES)) for campaign in CAMPAIGNS]
)  # fmt: skip
_EXPECTED: Final = words(["", ',"feedback":"expected"'])


def sms_feed(world: World, day: int, shard: int) -> Feed:
    """The events of the SMS messages requested on that day."""
    plan = plan_sms(world, day, shard)
    return Feed(plan.event_arrivals, lambda records: _render(plan, records), lambda truth: count_sms(truth, world, plan))


def _render(plan: SmsPlan, records: Ints) -> list[str]:
    message, status = plan.event_message[records], plan.event_status[records]
    country, use_case, parts = plan.country[message], plan.use_case[message], plan.parts[message]
    charged = np.where(status == PROTECT_BLOCKED, 0, parts)
    protect = ((use_case == OTP) * len(MODES) + plan.mode[message]) * 2 + plan.flagged[message]
    columns = (
        _HEADS[status], plan.event_at[records], _FINALITY[status],
        _ORIGINATORS[country * len(USE_CASES) + use_case], plan.ranges[plan.number_range[message]], plan.last_digits[message],
        _CARRIERS[_FIRST_CARRIER[country] + plan.carrier[message]], *uuid_fields(plan.ids[message]), plan.requested[message],
        _KINDS[country * len(USE_CASES) + use_case], _VERDICTS[status],
        _CONTEXTS[use_case * len(CAMPAIGNS) + plan.campaign[message]], plan.person[message], _EXPECTED[(use_case == OTP).astype(np.int64)],
        parts, _CHARGES[country * (MOST_PARTS + 1) + charged] + _PROTECT[protect],
    )  # fmt: skip
    return list(map(_EVENT.__mod__, zip(*(column.tolist() for column in columns), strict=True)))
