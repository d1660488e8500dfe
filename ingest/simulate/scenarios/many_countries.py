"""Many countries at once: the same hours, one or two ranges in each of five to twelve countries, 15 to 60 codes an hour in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import draw_countries, draw_disguise, draw_per_hour, draw_pumping, draw_start
from ingest.simulate.scenarios.effects import Effect, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    hours = int(rng.integers(1, 4))
    starts_at = draw_start(window, rng, hours)
    disguise = draw_disguise(rng)
    return [
        draw_pumping(rng, country, starts_at, hours, draw_per_hour(rng, 15, 60), disguise)
        for country in draw_countries(rng, int(rng.integers(5, 13)))
        for _ in range(int(rng.integers(1, 3)))
    ]
