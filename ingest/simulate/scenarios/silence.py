"""Feedback goes silent: for one whole day the application stops reporting which codes were entered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.simulate.rhythm import DAY_MS
from ingest.simulate.scenarios.effects import Effect, Silence, Window


def effects(window: Window, rng: np.random.Generator) -> Sequence[Effect]:
    starts_at = window.start_ms + min(4, window.days - 1) * DAY_MS
    return [Silence(starts_at=starts_at, ends_at=starts_at + DAY_MS)]
