"""Somebody who reads all the while: opens the lake again and again and complains about what no reader may ever see."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.query.session import Session
from lake.snapshot import Published
from tests.torture.ingester import event_of_forks, forked, queue_of_forks
from tests.torture.rows import complaint_of_pair, fingerprint, published_rows
from transforms.canonical import EVENTS, MESSAGES

PAUSE_S: Final = 0.2
PAUSE_OF_BUCKET_S: Final = 2.0  # a look costs a hundred requests, which the tests' server answers one by one


@dataclass(frozen=True)
class States:
    """Which events a reader may see: those of `whole` states only, or, record by record in `order`, what was read until some record.

    `order` gives each event that is to come the number of its record; those that it does not name were there before.
    `start` is the published pair that all of it begins with, which needs no look of its own.
    """

    whole: frozenset[str] = frozenset()
    order: dict[str, int] | None = None
    start: tuple[int | None, int | None] | None = None

    def complaint(self, events: pa.Table) -> str | None:
        """Half a batch, or None."""
        if self.order is None:
            return None if not self.whole or fingerprint(events) in self.whole else f"{events.num_rows} events are no state of this lake"
        numbers = [self.order[name] for name in events.column("event_id").to_pylist() if name in self.order]
        if not numbers:
            return None
        last = max(numbers)
        there, due = (sum(number < last for number in found) for found in (numbers, self.order.values()))
        return None if there == due else f"{due - there} events of records before the newest one are not there"


def reading_order(before: pa.Table, after: pa.Table) -> dict[str, int]:
    """The number of the record of each event that is in `after` alone; both with their lineage."""
    known = set(before.column("event_id").to_pylist())
    columns = [after.column(name).to_pylist() for name in ("source_object", "source_offset", "event_id")]
    fresh = [(place, offset, name) for place, offset, name in zip(*columns, strict=True) if name not in known]
    numbers = np.unique([f"{place}\n{offset:020}" for place, offset, _ in fresh], return_inverse=True)[1]
    return {name: int(number) for (_, _, name), number in zip(fresh, numbers, strict=True)}


def pair_of(published: Published) -> tuple[int | None, int | None]:
    """The snapshots of events and messages that belong together."""
    return published.events_snapshot, published.messages_snapshot


class Watch:
    """What the reader saw, filled when it has ended."""

    def __init__(self) -> None:
        self.looks = 0
        self.complaints: list[str] = []


@contextmanager
def watching(settings: Settings, states: States = States()) -> Iterator[Watch]:
    """A reader process beside the block."""
    watch, ended, told = Watch(), event_of_forks(), queue_of_forks()
    process = forked(_read, settings, states, ended, told)
    try:
        yield watch
    finally:
        ended.set()
        watch.looks, watch.complaints = told.get()
        process.join()


def _read(settings: Settings, states: States, ended: Any, told: Any) -> None:
    looks = 0
    complaints: list[str] = []
    seen = states.start
    while not complaints:
        is_last = ended.is_set()  # asked before the look, so that the last look sees the end
        began = time.monotonic()
        looks += 1
        try:
            lake = Lake.open(settings)
            published = Published(lake)
            pair = pair_of(published)
            complaint = None if pair == seen else _complaint(lake, published, states) or _complaint_of_session(settings)
            seen = pair
        except Exception:
            complaint = traceback.format_exc()
        if complaint:
            complaints.append(complaint)
        if is_last:
            break
        pause = PAUSE_OF_BUCKET_S if settings.lake.startswith("s3://") else PAUSE_S
        ended.wait(max(pause, 2 * (time.monotonic() - began)))  # so that watching takes less than what is watched
    told.put((looks, complaints))


def _complaint(lake: Lake, published: Published, states: States) -> str | None:
    events = published_rows(lake, published, EVENTS)
    return complaint_of_pair(events, published_rows(lake, published, MESSAGES)) or states.complaint(events)


def _complaint_of_session(settings: Settings) -> str | None:
    session = Session.open(settings, datetime.now(UTC))
    try:
        answer = session.sql(
            "SELECT (SELECT sum(event_count) FROM messages) AS of_messages,"
            " (SELECT count(*) FROM events WHERE message_key IS NOT NULL) AS of_events"
        ).fetchone()
    finally:
        session.close()
    assert answer is not None
    return None if (answer[0] or 0) == answer[1] else f"messages count {answer[0]} events, there are {answer[1]}"
