"""Messages that climb a ladder of statuses: what MMS, voice, RCS and WhatsApp have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import Ints, chance, generator, pick, spread
from ingest.simulate.eum import Status
from ingest.simulate.feed import LATEST_RECEIPT_MS, arrive
from ingest.simulate.people import draw_people
from ingest.simulate.rhythm import times_of_day
from ingest.simulate.truth import Truth
from ingest.simulate.world import World


@dataclass(frozen=True, slots=True)
class Path:
    """One way a message can go: the statuses (indexes) in turn, each with its median wait in ms after the one before."""

    weight: float
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Climb:
    """One value per message, then one per event. Times are Unix ms."""

    ids: Ints
    country: Ints
    person: Ints
    requested: Ints
    event_message: Ints
    event_status: Ints
    event_at: Ints
    event_arrivals: Ints


def draw_messages(
    world: World, kind: str, day: int, shard: int, where: Sequence[str], *, campaign: bool
) -> tuple[np.random.Generator, Ints, Ints, Ints]:
    """A generator, and country (one of `where`), person and request time of each message of this kind on that day."""
    rng = generator(world.seed, kind, day, shard)
    weights = [c.weight if c.code in where else 0.0 for c in countries()]
    country = pick(rng, weights, world.messages(kind, day, shard))
    return rng, country, draw_people(rng, country, world.population), world.day_ms(day) + times_of_day(rng, country, campaign)


def climb(
    rng: np.random.Generator, country: Ints, person: Ints, requested: Ints, paths: Sequence[Path], *, ms: int = 1, late: float = 0.02
) -> Climb:
    """The events of these messages; times are multiples of `ms`, and a share `late` of the steps waits for hours, up to three days."""
    count = len(requested)
    which = pick(rng, [path.weight for path in paths], count)
    messages, statuses, times = [], [], []
    for index, path in enumerate(paths):
        members = np.flatnonzero(which == index)
        at = requested[members]
        for status, median in path.steps:
            wait = spread(rng, median, 0.8, len(members), LATEST_RECEIPT_MS)
            wait = np.where(chance(rng, late, len(members)), wait + spread(rng, 5_400_000, 1.0, len(members), LATEST_RECEIPT_MS // 4), wait)
            at = np.minimum(at + wait, requested[members] + LATEST_RECEIPT_MS)
            messages.append(members)
            statuses.append(np.full(len(members), status, dtype=np.int64))
            times.append(at // ms * ms)
    at = np.concatenate(times)
    return Climb(
        rng.integers(1, 1 << 62, count), country, person, requested,
        np.concatenate(messages).astype(np.int64), np.concatenate(statuses), at, arrive(rng, at),
    )  # fmt: skip


def count_climb(truth: Truth, channel: str, statuses: Sequence[Status], plan: Climb) -> None:
    """Adds events by their words, messages that any event landed of, and their outcomes (the last step that landed wins)."""
    landed = truth.landed(plan.event_arrivals)
    truth.add_words(f"events/{channel}", [s.event_type for s in statuses], plan.event_status[landed])
    seen = np.zeros(len(plan.ids), dtype=bool)
    seen[plan.event_message[landed]] = True
    truth.add(f"messages/{channel}/outbound", int(seen.sum()))
    outcomes = ["pending", *sorted({s.outcome for s in statuses if s.outcome})]
    code = np.asarray([outcomes.index(s.outcome) if s.outcome else 0 for s in statuses], dtype=np.int64)[plan.event_status]
    best = np.zeros(len(plan.ids), dtype=np.int64)
    decisive = landed & (code > 0)
    best[plan.event_message[decisive]] = code[decisive]
    truth.add_words(f"{channel}/outcomes", outcomes, best[seen])
