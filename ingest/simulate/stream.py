"""One delivery stream over a run of days: what was planned on earlier days and arrives now, redelivered and spoiled records included."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ingest.simulate.delivery import store
from ingest.simulate.draw import Bools, Ints, chance, generator
from ingest.simulate.feed import LOOKBACK_DAYS, Feed, Source, join_feeds
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.spoil import spoiled_feed
from ingest.simulate.truth import Truth
from ingest.simulate.world import World

REDELIVERED_SHARE: Final = 0.004
_CHUNK: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Planned:
    """One day's records in the order planned; `records` are indexes into `feed`, the redelivered ones twice."""

    feed: Feed
    records: Ints
    arrivals: Ints
    again: Bools
    spoiled_from: int


def run_stream(out: Path, world: World, source: Source, shard: int, days: range) -> Truth:
    """Writes everything that arrives through this stream on these days; returns what it adds to the truth."""
    truth = Truth(world.end_ms)
    name = source.name if world.shards(source.kind) == 1 else f"{source.name}-{shard + 1}"
    recent: deque[_Planned] = deque(maxlen=LOOKBACK_DAYS + 1)
    for day in range(max(0, days.start - LOOKBACK_DAYS), days.stop):
        planned = _plan(world, source, day, shard)
        recent.append(planned)
        if day in days:
            planned.feed.count(truth)
            arriving = _arriving(world, source, day, list(recent), truth)
            rng = generator(world.seed, "delivery", source.name, day, shard)
            objects, size = store(out, source.prefix, name, arriving, rng)
            truth.add("objects", objects)
            truth.add("bytes", size)
    return truth


def _plan(world: World, source: Source, day: int, shard: int) -> _Planned:
    whole = source.plan(world, day, shard)
    count = len(whole.arrivals)
    if source.fate == "control":
        return _Planned(whole, np.arange(count), whole.arrivals, np.zeros(count, dtype=bool), count)
    feed = join_feeds([whole, spoiled_feed(world, source.name, day, shard, whole)])
    rng = generator(world.seed, "redelivery", source.name, day, shard)
    twice = np.flatnonzero(chance(rng, REDELIVERED_SHARE, count))
    soon = rng.integers(500, 30_000, len(twice))
    delay = np.where(chance(rng, 0.6, len(twice)), soon, rng.integers(60_000, 6 * HOUR_MS, len(twice)))
    records = np.concatenate([np.arange(len(feed.arrivals)), twice])
    arrivals = np.concatenate([feed.arrivals, whole.arrivals[twice] + delay])
    return _Planned(feed, records, arrivals, np.arange(len(records)) >= len(feed.arrivals), count)


def _arriving(world: World, source: Source, day: int, recent: list[_Planned], truth: Truth) -> Iterator[tuple[int, str]]:
    """Arrival and text of each record that reaches AWS on that day, in order; counts them by fate."""
    first, end = world.day_ms(day), world.day_ms(day + 1)
    chosen = [np.flatnonzero((p.arrivals >= first) & (p.arrivals < end)) for p in recent]
    origin = np.repeat(np.arange(len(recent)), [len(c) for c in chosen])
    position = np.concatenate(chosen)
    arrivals = np.concatenate([p.arrivals[c] for p, c in zip(recent, chosen, strict=True)])
    for p, c in zip(recent, chosen, strict=True):
        again, spoiled = int(p.again[c].sum()), int((~p.again[c] & (p.records[c] >= p.spoiled_from)).sum())
        truth.add("fates/duplicate", again)
        truth.add("fates/dead_letter", spoiled)
        truth.add(f"fates/{source.fate}", len(c) - again - spoiled)
        truth.add("records", len(c))
        truth.add(f"streams/{source.name}", len(c))

    order = np.lexsort((position, origin, arrivals))
    for start in range(0, len(order), _CHUNK):
        part = order[start : start + _CHUNK]
        texts = np.empty(len(part), dtype=object)
        for index in np.unique(origin[part]).tolist():
            here = origin[part] == index
            texts[here] = recent[index].feed.render(recent[index].records[position[part][here]])
        for arrival, text in zip(arrivals[part].tolist(), texts.tolist(), strict=True):
            yield arrival, text if text.endswith("\n") else text + source.delimiter
