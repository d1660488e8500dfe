"""No attack: a country that got no message before is opened, and everyone there is new; a part of the codes is asked for twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import draw_countries, draw_day
from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Absence, Effect, Surge, Window

OPEN_H = 12


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    (country,) = draw_countries(rng, 1)
    days = min(window.days, int(rng.integers(2, 6)))
    first_day = draw_day(window, rng, days)
    opens = round(9 - country.utc_offset_h) % 24
    per_day = window.sms_per_day * rng.uniform(0.05, 0.3)
    feedback, flagged = float(rng.uniform(0.75, 0.9)), float(rng.uniform(0.002, 0.05))
    crowds = [
        Surge(
            starts_at=first_day + day * DAY_MS + min(opens, 24 - OPEN_H) * HOUR_MS,
            ends_at=first_day + day * DAY_MS + min(opens, 24 - OPEN_H) * HOUR_MS + OPEN_H * HOUR_MS,
            messages=max(1, round(per_day * 0.8**day * share)),
            country=country.code,
            is_attack=False,
            new_people=True,
            tries=tries,
            delivered=country.delivered,
            feedback=feedback,
            flagged=flagged,
        )
        for day in range(days)
        for tries, share in ((1, 0.85), (2, 0.15))
    ]
    closed = [Absence(window.start_ms, first_day, country.code)] if first_day > window.start_ms else []
    return [*closed, *crowds]
