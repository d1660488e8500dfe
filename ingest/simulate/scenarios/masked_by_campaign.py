"""An attack during a real campaign: one to three ranges are pumped while a sale sends the country's customers offers and codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import busy_customers, daily_messages, draw_daytime, draw_disguise, draw_market, draw_per_hour, draw_pumping
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    country = draw_market(rng)
    hours, lead, attack_hours = 8, int(rng.integers(1, 4)), int(rng.integers(2, 5))
    starts_at = draw_daytime(window, rng, country, hours)
    usual = daily_messages(window, country)
    sale = [
        busy_customers(country, starts_at, starts_at + hours * HOUR_MS, round(usual * rng.uniform(0.6, 2.0)), use_case)
        for use_case in ("marketing", "otp")
    ]
    disguise = draw_disguise(rng)
    attacks = [
        draw_pumping(rng, country, starts_at + lead * HOUR_MS, attack_hours, draw_per_hour(rng, 20, 120), disguise)
        for _ in range(int(rng.integers(1, 4)))
    ]
    return [*sale, *attacks]
