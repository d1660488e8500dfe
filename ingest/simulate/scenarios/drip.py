"""A slow drip: for days one costly range gets one or two codes an hour, at most two per cent of the daily messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import COSTLY_USD, draw_day, draw_disguise, draw_pumping
from ingest.simulate.countries import countries
from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Window

LEAST, MOST = 24, 60  # messages a day


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    costly = [c for c in countries() if c.price_usd > COSTLY_USD and c.weight <= 30 and c.protect_mode != "BLOCK"]
    country = costly[int(rng.integers(0, len(costly)))]
    days = min(window.days, int(rng.integers(3, 7)))
    per_day = float(np.clip(window.sms_per_day * rng.uniform(0.005, 0.02), LEAST, MOST))
    starts_at = draw_day(window, rng, days)
    return [draw_pumping(rng, country, starts_at, days * DAY_MS / HOUR_MS, per_day / 24, draw_disguise(rng))]
