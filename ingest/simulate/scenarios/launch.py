"""No attack: a product launch brings one to five times a day's codes within some hours, most of them to people who are new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.attack import daily_messages, draw_daytime, draw_market
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Surge, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    country = draw_market(rng)
    hours = int(rng.integers(4, 11))
    starts_at = draw_daytime(window, rng, country, hours)
    messages = round(daily_messages(window, country) * rng.uniform(1, 5))
    share_new = rng.uniform(0.5, 0.9)
    return [
        Surge(
            starts_at=starts_at,
            ends_at=starts_at + hours * HOUR_MS,
            messages=round(messages * share),
            country=country.code,
            is_attack=False,
            new_people=new_people,
            delivered=country.delivered,
            feedback=float(rng.uniform(0.78, 0.9)),
            flagged=float(rng.uniform(0.002, 0.03)),
        )
        for new_people, share in ((True, share_new), (False, 1 - share_new))
    ]
