"""A feed: the records that one source produces from one day's messages, each with the time it reaches AWS.

Numbers are drawn first and for all records, text is made only of the records asked for: so a late receipt can be
written days later by drawing its day again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.simulate.draw import Ints, chance, spread
from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.truth import Truth
from ingest.simulate.world import World

LATEST_RECEIPT_MS = 72 * HOUR_MS
LATEST_ARRIVAL_MS = LATEST_RECEIPT_MS + 8 * HOUR_MS
LOOKBACK_DAYS = 1 + LATEST_ARRIVAL_MS // DAY_MS


@dataclass(frozen=True, slots=True)
class Feed:
    """`arrivals`: Unix ms per record. `render`: the texts of the records at these indexes. `count`: adds what landed to the truth."""

    arrivals: Ints
    render: Callable[[Ints], list[str]]
    count: Callable[[Truth], None]


@dataclass(frozen=True, slots=True)
class Source:
    """One delivery stream. `kind` names the volume that decides its shards; `delimiter` is what its producer puts after a record.

    `fate` is what its records become when they are read for the first time: event, notice or control.
    """

    name: str
    prefix: str
    delimiter: str
    kind: str
    plan: Callable[[World, int, int], Feed]
    fate: str = "event"


def join_feeds(feeds: Sequence[Feed]) -> Feed:
    """One feed with the records of all."""
    edges = np.cumsum([0] + [len(feed.arrivals) for feed in feeds])

    def render(records: Ints) -> list[str]:
        texts = np.empty(len(records), dtype=object)
        for feed, first, end in zip(feeds, edges, edges[1:], strict=False):
            here = (records >= first) & (records < end)
            if here.any():
                texts[here] = feed.render(records[here] - first)
        return texts.tolist()

    def count(truth: Truth) -> None:
        for feed in feeds:
            feed.count(truth)

    return Feed(np.concatenate([feed.arrivals for feed in feeds]), render, count)


def arrive(rng: np.random.Generator, happened: Ints) -> Ints:
    """When records of these times reach AWS: mostly within a second, one in a hundred up to two hours later."""
    lag = spread(rng, 700, 0.7, len(happened), 60_000)
    held_back = chance(rng, 0.01, len(happened))
    return happened + np.where(held_back, rng.integers(60_000, 2 * HOUR_MS, len(happened)), lag)
