"""Account-level news: registrations change state (EventBridge), WhatsApp templates are reviewed (SNS)."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.draw import UUID, Ints, generator, uuid_fields
from ingest.simulate.feed import Feed, arrive
from ingest.simulate.rhythm import DAY_MS
from ingest.simulate.sns import iso_times, subscription_confirmation
from ingest.simulate.truth import Truth
from ingest.simulate.whatsapp import TOPIC, back, entry, front, record
from ingest.simulate.world import ACCOUNT, REGION, World

_STATES: Final = ("CREATED", "SUBMITTED", "REVIEWING", "REQUIRES_UPDATES", "COMPLETE")
_VERDICTS: Final = ("APPROVED", "REJECTED", "APPROVED")
_REGISTRATION: Final = (
    f'{{"version":"0","id":"{UUID}","detail-type":"Registration Status Change","source":"aws.sms-voice","account":"{ACCOUNT}","time":"%s",'
    f'"region":"{REGION}","resources":["arn:aws:sms-voice:{REGION}:{ACCOUNT}:registration/%s"],"detail":{{"registrationDetails":{{"registrationId":"%s",'
    '"registrationVersionNumber":1,"registrationType":"US_TEN_DLC_CAMPAIGN_REGISTRATION","registrationStatusChangeTimestamp":%d,"currentStatus":"%s"},'
    f'"registrationArn":"arn:aws:sms-voice:{REGION}:{ACCOUNT}:registration/%s"}}}}'
)
_REVIEW: Final = record(entry(
    '"event":"%s","message_template_id":%d,"message_template_name":"order_update_v%d","message_template_language":"en_US","reason":"%s",'
    '"message_template_category":"UTILITY"', "message_template_status_update", '"time":%d,'
))  # fmt: skip


def notices_feed(world: World, day: int, shard: int) -> Feed:
    """One registration's way through its states and three template reviews a day."""
    rng = generator(world.seed, "notices", day)
    count = len(_STATES) + len(_VERDICTS)
    at = np.sort(world.day_ms(day) + rng.integers(0, DAY_MS, count)) // 1000 * 1000
    ids = rng.integers(1, 1 << 62, count)
    arrivals = arrive(rng, at)

    def one(index: int) -> str:
        where = np.asarray([index])
        if index < len(_STATES):
            registration = f"registration-{ids[0]:016x}{ids[1]:016x}"
            time = iso_times(at[where])[0].replace(".000Z", "Z")
            fields = [column.item() for column in uuid_fields(ids[where])]
            return _REGISTRATION % (*fields, time, registration, registration, at[index], _STATES[index], registration)
        verdict = _VERDICTS[index - len(_STATES)]
        middle = (at[index] // 1000, verdict, ids[index] // 1000, 1 + ids[index] % 9, "NONE" if verdict == "APPROVED" else "INVALID_FORMAT")
        edges = [[value[0] for value in columns] for columns in (front(ids[where]), back(ids[where], arrivals[where]))]
        return _REVIEW % (*edges[0], *middle, *edges[1])

    def count_landed(truth: Truth) -> None:
        landed = truth.landed(arrivals)
        truth.add("notices/registration", int(landed[: len(_STATES)].sum()))
        truth.add("notices/whatsapp_notice", int(landed[len(_STATES) :].sum()))

    return Feed(arrivals, lambda records: [one(index) for index in records.tolist()], count_landed)


def confirmations_feed(world: World, day: int, shard: int) -> Feed:
    """One subscription confirmation when the history begins: envelope housekeeping."""
    at = world.start_ms + 1_000
    arrivals: Ints = np.asarray([at] if day == 0 else [], dtype=np.int64)
    return Feed(arrivals, lambda records: [subscription_confirmation(TOPIC, at)] * len(records), lambda truth: None)
