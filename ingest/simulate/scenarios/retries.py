"""No attack: a carrier is down for hours, most of its codes fail, and its customers ask for them again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import daily_messages, draw_daytime, draw_market
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Outage, Surge, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    country = draw_market(rng)
    hours = int(rng.integers(3, 8))
    starts_at = draw_daytime(window, rng, country, hours)
    ends_at = starts_at + hours * HOUR_MS
    carrier = country.carriers[int(rng.integers(0, len(country.carriers)))].name
    tries = int(rng.integers(2, 6))
    asking = daily_messages(window, country) * rng.uniform(0.3, 0.6) * hours / 24
    return [
        Outage(starts_at=starts_at, ends_at=ends_at, country=country.code, carrier=carrier, failed=float(rng.uniform(0.6, 0.95))),
        Surge(
            starts_at=starts_at,
            ends_at=ends_at,
            messages=round(asking * tries),
            country=country.code,
            is_attack=False,
            carrier=carrier,
            tries=tries,
            delivered=country.delivered,
            feedback=0.87,
            flagged=0.01,
        ),
    ]
