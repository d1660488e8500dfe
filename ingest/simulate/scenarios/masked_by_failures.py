"""An attack that hides in a country where messages often fail: a third to two thirds arrive there, its own no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ingest.simulate.attack import draw_countries, draw_disguise, draw_per_hour, draw_pumping, draw_start
from ingest.simulate.rhythm import DAY_MS
from ingest.simulate.scenarios.effects import Effect, Weakness, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    hours = int(rng.integers(2, 5))
    (country,) = draw_countries(rng, 1)
    delivered = float(rng.uniform(0.35, 0.65))
    disguise = replace(draw_disguise(rng), delivered=delivered)
    weakness = Weakness(window.start_ms, window.start_ms + window.days * DAY_MS, country.code, delivered)
    return [weakness, draw_pumping(rng, country, draw_start(window, rng, hours), hours, draw_per_hour(rng, 15, 120), disguise)]
