"""A carrier outage: for six hours of one day, most messages to one carrier in the United States fail and the rest is late."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Effect, Outage, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    starts_at = window.start_ms + min(3, window.days - 1) * DAY_MS + int(rng.integers(13, 18)) * HOUR_MS
    return [Outage(starts_at=starts_at, ends_at=starts_at + 6 * HOUR_MS, country="US", carrier="AT&T Wireless")]
