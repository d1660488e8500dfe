"""The fixed facts of one simulated history: its parameters, how much is sent on which day, and what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import Ints, Words, words
from ingest.simulate.numbers import neighbours
from ingest.simulate.people import MOST_PEOPLE, RANGES
from ingest.simulate.rhythm import DAY_MS, weekday_share
from ingest.simulate.scenarios import plan_scenarios
from ingest.simulate.scenarios.effects import Absence, Effect, Outage, Silence, Surge, Weakness, Window

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-west-1"

# Messages per event of the whole history; measured, so that `events` comes out right within a few per cent.
MESSAGES_PER_EVENT: Final = {
    "sms": 0.168,
    "mms": 0.0035,
    "voice": 0.0035,
    "rcs": 0.009,
    "inbound": 0.009,
    "email": 0.113,
    "whatsapp": 0.038,
    "chat": 0.0135,
}
MESSAGES_PER_SHARD: Final = 50_000
_SHARDED_LIKE: Final = {"mms": "sms", "voice": "sms", "rcs": "sms", "chat": "whatsapp"}  # they share a delivery stream


@dataclass(frozen=True)
class World:
    """One history; equal parameters make equal bytes. `day` below counts from the first day, from 0."""

    start: date
    days: int
    events: int
    seed: int
    scenarios: tuple[str, ...] = ()
    effects: dict[str, tuple[Effect, ...]] = field(init=False)

    def __post_init__(self) -> None:
        window = Window(self.start_ms, self.days, int(self.events * MESSAGES_PER_EVENT["sms"] / self.days))
        object.__setattr__(self, "effects", plan_scenarios(self.scenarios, window, self.seed))

    @cached_property
    def start_ms(self) -> int:
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp() * 1000)

    @cached_property
    def end_ms(self) -> int:
        return self.start_ms + self.days * DAY_MS

    @cached_property
    def country_weights(self) -> tuple[float, ...]:
        return tuple(c.weight for c in countries())

    @cached_property
    def population(self) -> Ints:
        """People per country that hear from the company."""
        share = np.asarray(self.country_weights) / sum(self.country_weights)
        return (share * self.events * MESSAGES_PER_EVENT["sms"] * 0.6).clip(300, MOST_PEOPLE).astype(np.int64)

    def day_ms(self, day: int) -> int:
        return self.start_ms + day * DAY_MS

    def shards(self, kind: str) -> int:
        """Into how many equal parts a day of this kind is cut, each a delivery stream of its own."""
        per_event = MESSAGES_PER_EVENT.get(_SHARDED_LIKE.get(kind, kind), 0)
        return 1 + int(self.events * per_event / self.days / MESSAGES_PER_SHARD)

    def messages(self, kind: str, day: int, shard: int) -> int:
        """How many messages of this kind this part of the day has, scenarios apart."""
        rhythm = "email" if kind == "email" else "sms"
        weights = [weekday_share(rhythm, (self.start + timedelta(d)).weekday()) for d in range(self.days)]
        total = round(self.events * MESSAGES_PER_EVENT[kind] * weights[day] / sum(weights))
        shards = self.shards(kind)
        return total // shards + (shard < total % shards)

    def _effects(self) -> Sequence[Effect]:
        return [effect for name in sorted(self.effects) for effect in self.effects[name]]

    @cached_property
    def surges(self) -> tuple[Surge, ...]:
        return tuple(e for e in self._effects() if isinstance(e, Surge))

    @cached_property
    def outages(self) -> tuple[Outage, ...]:
        return tuple(e for e in self._effects() if isinstance(e, Outage))

    @cached_property
    def silences(self) -> tuple[Silence, ...]:
        return tuple(e for e in self._effects() if isinstance(e, Silence))

    @cached_property
    def weaknesses(self) -> tuple[Weakness, ...]:
        return tuple(e for e in self._effects() if isinstance(e, Weakness))

    @cached_property
    def absences(self) -> tuple[Absence, ...]:
        return tuple(e for e in self._effects() if isinstance(e, Absence))

    @cached_property
    def ranges(self) -> Words:
        """Every number range that a message can go to: those of customers as in people.RANGES, then those that only surges know."""
        surged = [neighbour for surge in self.surges for neighbour in surge_ranges(surge)]
        known = set(RANGES.tolist())
        return words([*RANGES.tolist(), *dict.fromkeys(name for name in surged if name not in known)])


def surge_ranges(surge: Surge) -> tuple[str, ...]:
    """The number ranges of a surge that goes to ranges and not to customers."""
    return neighbours(surge.number_range, surge.ranges) if surge.number_range else ()
