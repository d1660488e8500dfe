"""Sequential numbers: bots count up through two to six neighbouring ranges of one country, 15 to 60 codes an hour in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import draw_countries, draw_disguise, draw_per_hour, draw_start
from ingest.simulate.numbers import dense_range
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Surge, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    hours, ranges = int(rng.integers(1, 5)), int(rng.integers(2, 7))
    (country,) = draw_countries(rng, 1)
    starts_at, disguise = draw_start(window, rng, hours), draw_disguise(rng)
    return [
        Surge(
            starts_at=starts_at,
            ends_at=starts_at + hours * HOUR_MS,
            messages=round(draw_per_hour(rng, 15, 60) * hours * ranges),
            country=country.code,
            number_range=dense_range(country.code, 6),
            ranges=ranges,
            sequential=True,
            is_attack=True,
            delivered=disguise.delivered,
            feedback=disguise.feedback,
            flagged=disguise.flagged,
        )
    ]
