"""No attack: a holiday doubles to quadruples offers and codes in most countries, from morning to night."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import busy_customers, daily_messages, draw_day
from ingest.simulate.countries import countries
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Window

AWAKE_H = 14


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    day = draw_day(window, rng)
    more = rng.uniform(1, 3)
    return [
        busy_customers(
            country,
            day + min(round(8 - country.utc_offset_h) % 24, 24 - AWAKE_H) * HOUR_MS,
            day + (min(round(8 - country.utc_offset_h) % 24, 24 - AWAKE_H) + AWAKE_H) * HOUR_MS,
            max(1, round(daily_messages(window, country) * more * share)),
            use_case,
        )
        for country in countries()
        if country.protect_mode != "BLOCK" and rng.random() < 0.8
        for use_case, share in (("otp", 0.5), ("marketing", 0.5))
    ]
