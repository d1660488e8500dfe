"""When messages are sent: by the recipient's local hour and by the weekday."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import Ints

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

# Share of a day's messages by local hour: what people trigger themselves, and what campaigns send.
_TRIGGERED: Final = (9, 5, 3, 2, 2, 4, 12, 26, 44, 56, 60, 60, 62, 58, 54, 54, 56, 62, 70, 76, 74, 60, 40, 20)
_CAMPAIGNS: Final = (0, 0, 0, 0, 0, 0, 0, 2, 12, 70, 130, 85, 60, 40, 35, 45, 60, 80, 90, 30, 6, 1, 0, 0)
_WEEKDAYS: Final = {"sms": (1.06, 1.05, 1.04, 1.05, 1.08, 0.88, 0.84), "email": (1.16, 1.18, 1.14, 1.10, 1.06, 0.70, 0.66)}


def _edges(weights: tuple[int, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Cumulated shares by UTC hour, one row per country."""
    rows = [np.cumsum(np.roll(np.asarray(weights, dtype=np.float64), -round(c.utc_offset_h))) for c in countries()]
    return np.asarray([row / row[-1] for row in rows])


_EDGES: Final = (_edges(_TRIGGERED), _edges(_CAMPAIGNS))


def times_of_day(rng: np.random.Generator, country: Ints, campaign: bool) -> Ints:
    """Milliseconds after UTC midnight, one per message, in the rhythm of its country (an index into `countries()`)."""
    hour = (rng.random(len(country))[:, None] >= _EDGES[campaign][country]).sum(axis=1).clip(0, 23)
    drawn: Ints = hour * HOUR_MS + rng.integers(0, HOUR_MS, len(country))
    return drawn


def weekday_share(channel: str, weekday: int) -> float:
    """How much busier than the average day that weekday is (0 = Monday), for `sms` or `email`."""
    return _WEEKDAYS[channel][weekday]
