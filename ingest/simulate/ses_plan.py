"""The e-mails of one day, drawn: deliveries, bounces, complaints, delays, and who opens and clicks, people or scanners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.simulate.draw import Bools, Ints, chance, generator, pick, spread
from ingest.simulate.feed import arrive
from ingest.simulate.people import SCANNED_FROM, domain_of, draw_people
from ingest.simulate.rhythm import HOUR_MS, times_of_day
from ingest.simulate.world import World

USE_CASES: Final = ("newsletter", "order_confirmation", "invoice", "password_reset")
NEWSLETTER: Final = 0
WORDS: Final = ("Send", "Reject", "Rendering Failure", "DeliveryDelay", "Delivery", "Bounce", "Complaint", "Open", "Click", "Subscription")
SEND, REJECT, RENDERING_FAILURE, DELAY, DELIVERY, BOUNCE, COMPLAINT, OPEN, CLICK, SUBSCRIPTION = range(len(WORDS))
FOR_ALL: Final = (SEND, REJECT, RENDERING_FAILURE)
MOST_RECIPIENTS: Final = 3
LINKS: Final = 3
LATEST_OPEN_MS: Final = 60 * HOUR_MS
LATEST_MS: Final = 72 * HOUR_MS
_BY_SCANNER, _FIRST, _AGAIN = range(3)
_WAYS: Final = {"delivered": 9595, "rejected": 10, "unrendered": 25, "bounced": 120, "suppressed": 40, "full": 60, "delayed": 120,
                "delayed_bounced": 10, "bounced_later": 12, "full_later": 8}  # fmt: skip
_GOES: Final = tuple(_WAYS)
PERMANENT, SUPPRESSED, TRANSIENT = range(3)


@dataclass(frozen=True, slots=True)
class MailPlan:
    """One value per message (`people` has one row per recipient), then one per event. Times are Unix ms.

    `event_slot` is the recipient concerned; `event_detail` the bounce kind, the link clicked; `event_bot` tells scanners.
    """

    ids: Ints
    people: Ints
    recipients: Ints
    use_case: Ints
    sent: Ints
    event_message: Ints
    event_slot: Ints
    event_kind: Ints
    event_detail: Ints
    event_bot: Bools
    event_at: Ints
    event_arrivals: Ints


def plan_mail(world: World, day: int, shard: int) -> MailPlan:
    """The e-mails sent on that day."""
    rng = generator(world.seed, "email", day, shard)
    count = world.messages("email", day, shard)
    country = pick(rng, world.country_weights, count)
    use_case = pick(rng, (50, 26, 12, 12), count)
    at = np.where(use_case == NEWSLETTER, times_of_day(rng, country, True), times_of_day(rng, country, False))
    sent = world.day_ms(day) + at
    people = np.stack([draw_people(rng, country, world.population) for _ in range(MOST_RECIPIENTS)])
    alone = (use_case == NEWSLETTER) | (people[0] == people[1]) | (people[1] == people[2]) | (people[0] == people[2])
    recipients = np.where(alone, 1, 1 + pick(rng, (94, 4, 2), count))

    events = _Events()
    goes = pick(rng, tuple(_WAYS.values()), count)
    unrendered = goes == _GOES.index("unrendered")
    everyone = np.arange(count, dtype=np.int64)
    rejected = everyone[goes == _GOES.index("rejected")]
    events.add(everyone[~unrendered], 0, SEND, sent[~unrendered] + rng.integers(2, 90, int((~unrendered).sum())))
    events.add(everyone[unrendered], 0, RENDERING_FAILURE, sent[unrendered] + 40)
    events.add(rejected, 0, REJECT, sent[rejected] + 800)
    for slot in range(MOST_RECIPIENTS):
        members = np.flatnonzero((recipients > slot) & ~unrendered & (goes != _GOES.index("rejected")))
        _deliver(rng, events, members, slot, goes[members] if slot == 0 else np.zeros(len(members), dtype=np.int64), sent[members])
    _engage(rng, events, people, use_case, recipients)
    message, slots, kinds, details, bots, times = events.columns()
    kept = times <= sent[message] + LATEST_MS
    times = times[kept]
    return MailPlan(
        ids=rng.integers(1, 1 << 62, count), people=people, recipients=recipients, use_case=use_case, sent=sent,
        event_message=message[kept], event_slot=slots[kept], event_kind=kinds[kept], event_detail=details[kept], event_bot=bots[kept],
        event_at=times, event_arrivals=arrive(rng, times),
    )  # fmt: skip


class _Events:
    """Grows the event columns group by group."""

    def __init__(self) -> None:
        self.groups: list[tuple[Ints, Ints, Ints, Ints, Bools, Ints]] = []

    def add(self, message: Ints, slot: int, kind: int, at: Ints, detail: Ints | int = 0, bot: bool = False) -> None:
        size = len(message)
        details = np.broadcast_to(np.asarray(detail, dtype=np.int64), size)
        same = [np.full(size, value, dtype=np.int64) for value in (slot, kind)]
        self.groups.append((message, same[0], same[1], details, np.full(size, bot), at))

    def columns(self) -> tuple[Ints, Ints, Ints, Ints, Bools, Ints]:
        message, slot, kind, detail, bot, at = (np.concatenate(column) for column in zip(*self.groups, strict=True))
        return message, slot, kind, detail, bot, at


def _apart(at: Ints, slot: int, mark: int) -> Ints:
    """The same times to within 16 ms, so set that no two opens (or clicks) of a message share an instant."""
    return at // 16 * 16 + slot * 4 + mark


def _deliver(rng: np.random.Generator, events: _Events, members: Ints, slot: int, goes: Ints, sent: Ints) -> None:
    """What the recipients' mail servers answer."""
    which = {name: goes == index for index, name in enumerate(_GOES)}
    after = sent + 300 + spread(rng, 1_800, 0.8, len(members), 10 * 60_000)
    delayed = which["delayed"] | which["delayed_bounced"]
    events.add(members[delayed], slot, DELAY, sent[delayed] + rng.integers(600_000, 900_000, int(delayed.sum())))
    after = np.where(delayed, sent + spread(rng, 4 * HOUR_MS, 0.8, len(members), 40 * HOUR_MS).clip(20 * 60_000), after)
    arrives = which["delivered"] | which["delayed"] | which["bounced_later"] | which["full_later"]
    events.add(members[arrives], slot, DELIVERY, after[arrives])
    late = after + rng.integers(60_000, 6 * HOUR_MS, len(members))
    for name, kind, at in (
        ("bounced", PERMANENT, after), ("suppressed", SUPPRESSED, sent + 200), ("full", TRANSIENT, after),
        ("delayed_bounced", PERMANENT, after), ("bounced_later", PERMANENT, late), ("full_later", TRANSIENT, late),
    ):  # fmt: skip
        events.add(members[which[name]], slot, BOUNCE, at[which[name]], kind)
    complains = which["delivered"] & chance(rng, 0.0006, len(members))
    events.add(members[complains], slot, COMPLAINT, late[complains] + HOUR_MS)


def _engage(rng: np.random.Generator, events: _Events, people: Ints, use_case: Ints, recipients: Ints) -> None:
    """Opens and clicks after each delivery; scanners of companies come first, at once, and click everything."""
    deliveries = [(group[0], int(group[1][0]), group[5]) for group in events.groups if len(group[0]) and group[2][0] == DELIVERY]
    for message, slot, delivered in deliveries:
        size = len(message)
        scanned = (domain_of(people[slot][message]) >= SCANNED_FROM) & chance(rng, 0.8, size)
        seen_at = delivered[scanned] + rng.integers(900, 6_000, int(scanned.sum()))
        events.add(message[scanned], slot, OPEN, _apart(seen_at, slot, _BY_SCANNER), bot=True)
        for link in range(LINKS):
            clicked_at = seen_at + 1_000 + rng.integers(0, 9_000, len(seen_at))
            events.add(message[scanned], slot, CLICK, _apart(clicked_at, slot, _BY_SCANNER), link, bot=True)
        likes = np.asarray((0.27, 0.52, 0.44, 0.61))[use_case[message]]
        opens = chance(rng, likes, size)
        at = delivered + spread(rng, 1.4 * HOUR_MS, 1.5, size, LATEST_OPEN_MS).clip(8_000)
        at = np.where(use_case[message] == USE_CASES.index("password_reset"), delivered + spread(rng, 25_000, 0.7, size, HOUR_MS), at)
        again = at + rng.integers(120_000, 10 * HOUR_MS, size)
        events.add(message[opens], slot, OPEN, _apart(at[opens], slot, _FIRST))
        twice = opens & chance(rng, 0.3, size)
        events.add(message[twice], slot, OPEN, _apart(again[twice], slot, _AGAIN))
        clicks = opens & chance(rng, np.asarray((0.16, 0.30, 0.25, 0.85))[use_case[message]], size)
        first_links = pick(rng, (60, 25, 15), size)
        clicked_at = at[clicks] + spread(rng, 15_000, 0.8, int(clicks.sum()), 30 * 60_000)
        events.add(message[clicks], slot, CLICK, _apart(clicked_at, slot, _FIRST), first_links[clicks])
        leaves = (use_case[message] == NEWSLETTER) & (recipients[message] == 1) & opens & chance(rng, 0.004, size)
        events.add(message[leaves], slot, SUBSCRIPTION, at[leaves] + 20_000)
