"""Commits of a day's steady delivery, one a minute: what each takes, step by step, from the first to the last.

    python -m tests.benchmark.bench_day [--commits 1440] [--records 500] [--days-before 2]

Events are drawn without the transform (tests/benchmark/delivery.py): most are of today, every sixtieth is a receipt of
up to three days ago. The lake holds the days before already. Times are medians of this machine: compare them within one run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch, commit
from tests.benchmark.delivery import EVENTS_A_MESSAGE, deliver
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, NOTICES
from transforms.pseudonyms import derive_first

TODAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
EDGE: Final = 20  # commits whose median is told


class Stopwatch:
    """Seconds of each step of each commit: a checkpoint ends the step of its name."""

    def __init__(self) -> None:
        self.commits: list[dict[str, float]] = []

    def begin(self) -> None:
        self._steps: dict[str, float] = defaultdict(float)
        self._at = self._began = time.perf_counter()

    def __call__(self, point: str) -> None:
        now = time.perf_counter()
        self._steps[point] += now - self._at
        self._at = now

    def end(self) -> None:
        self.commits.append(dict(self._steps) | {"all": time.perf_counter() - self._began})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_day", description=__doc__)
    parser.add_argument("--commits", type=int, default=1_440)
    parser.add_argument("--records", type=int, default=500)
    parser.add_argument("--days-before", type=int, default=2)
    parser.add_argument("--place", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        lake = Lake.create(Settings(lake=str((asked.place or Path(temporary)) / "lake")), derive_first(b"b" * 32))
        days = asked.days_before + 1
        began = TODAY - asked.days_before * DAY
        events = deliver(int(asked.records * 1_440 * days / EVENTS_A_MESSAGE), began, days * DAY, 3.0, 1)
        for number in range(asked.days_before):
            commit(lake, _batch(_between(events, began + number * DAY, began + (number + 1) * DAY), number), TODAY)
        watch = Stopwatch()
        for number in range(asked.commits):
            batch = _batch(_between(events, TODAY + number * MINUTE, TODAY + (number + 1) * MINUTE), number + 100)
            watch.begin()
            commit(lake, batch, TODAY + number * MINUTE, checkpoint=watch)
            watch.end()
            if (number + 1) % EDGE == 0:
                _tell(number + 1, watch.commits[-EDGE:])


def _between(events: pa.Table, start: datetime, end: datetime) -> pa.Table:
    kind = EVENTS.column("ingested_at").type
    arrived = events.column("ingested_at")
    return events.filter(pc.and_(pc.greater_equal(arrived, pa.scalar(start, kind)), pc.less(arrived, pa.scalar(end, kind))))


def _batch(events: pa.Table, number: int) -> Batch:
    counts = {field.name: 0 for field in INGEST_LOG.schema if field.name.endswith("_count")}
    row = {
        "object_key": f"object {number}",
        "object": f"object {number}",
        "etag": "1",
        "size_bytes": 1,
        "ingested_at": TODAY,
        "duration_s": 1.0,
    }
    log = pa.Table.from_pylist([row | counts], schema=INGEST_LOG.schema)
    return Batch(events, NOTICES.schema.empty_table(), DEAD_LETTERS.schema.empty_table(), lambda committed: log)


def _tell(number: int, commits: Sequence[dict[str, float]]) -> None:
    points = list(dict.fromkeys(point for steps in commits for point in steps))
    told = ", ".join(f"{point} {statistics.mean(steps.get(point, 0.0) for steps in commits):.3f}" for point in points)
    print(f"to commit {number}: median {statistics.median(steps['all'] for steps in commits):.2f} s; means {told}", flush=True)


if __name__ == "__main__":
    main()
