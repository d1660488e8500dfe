"""A sudden burst: for some hours bots ask for codes on numbers of one range, from 15 to 300 an hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import draw_countries, draw_disguise, draw_per_hour, draw_pumping, draw_start
from ingest.simulate.scenarios.effects import Effect, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    hours = int(rng.integers(1, 6))
    (country,) = draw_countries(rng, 1)
    return [draw_pumping(rng, country, draw_start(window, rng, hours), hours, draw_per_hour(rng, 15, 300), draw_disguise(rng))]
