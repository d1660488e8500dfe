"""Artificially inflated traffic: for three hours of one night, bots ask for codes on numbers of one costly range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.numbers import number_ranges
from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Surge, Window

HOURS = 3


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    starts_at = window.start_ms + min(2, window.days - 1) * DAY_MS + int(rng.integers(1, 4)) * HOUR_MS
    number_range = number_ranges("AZ")[int(rng.integers(0, 20))]
    return [
        Surge(
            starts_at=starts_at,
            ends_at=starts_at + HOURS * HOUR_MS,
            messages=max(90, window.sms_per_day // 5),
            country="AZ",
            number_range=number_range,
            is_attack=True,
        )
    ]
