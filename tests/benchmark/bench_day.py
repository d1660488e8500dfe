"""A day's steady delivery, one commit a minute: what each commit takes from the first to the last, then what `maintain` gains.

    python -m tests.benchmark.bench_day [--commits 1440] [--records 500] [--days-before 0] [--spacing 6] [--place FOLDER]

Events are drawn without the transform (tests/benchmark/delivery.py): most are of the moment, every sixtieth is a receipt
up to three days late, and feedback comes within the hour. CPU seconds are those of the process, which a busy machine
changes little; steps and scans are told in seconds of the clock.
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
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch, commit
from lake.maintenance.maintain import maintain
from lake.query.session import Session
from lake.snapshot import Published
from lake.thin import SPACING
from tests.benchmark.delivery import EVENTS_A_MESSAGE, deliver
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, MESSAGES, NOTICES
from transforms.pseudonyms import derive_first

TODAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
EDGE: Final = 20  # commits whose median is told
SCANS: Final = {
    "mart": "select * from delivery_by_country_v1",
    "events": "select count(distinct message_id), max(length(body)), count(distinct recipient_id), sum(message_price_usd) from events",
    "messages": "select outcome, count(*), count(distinct recipient_id), max(delivered_latency_s) from messages group by all",
}


class Stopwatch:
    """Seconds of each step of each commit: a checkpoint ends the step of its name."""

    def __init__(self) -> None:
        self.commits: list[dict[str, float]] = []

    def begin(self) -> None:
        self._steps: dict[str, float] = defaultdict(float)
        self._at = self._began = time.perf_counter()
        self._cpu = time.process_time()

    def __call__(self, point: str) -> None:
        now = time.perf_counter()
        self._steps[point] += now - self._at
        self._at = now

    def end(self) -> None:
        self.commits.append(self._steps | {"all": time.perf_counter() - self._began, "CPU": time.process_time() - self._cpu})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_day", description=__doc__)
    parser.add_argument("--commits", type=int, default=1_440)
    parser.add_argument("--records", type=int, default=500)
    parser.add_argument("--days-before", type=int, default=0, help="days that the lake holds already")
    parser.add_argument("--place", type=Path, help="folder for the lake, which is kept")
    parser.add_argument(
        "--spacing", type=float, help="seconds between snapshots that stay, such as 6: here commits come faster than one a minute"
    )
    asked = parser.parse_args()
    spacing = SPACING if asked.spacing is None else timedelta(seconds=asked.spacing)
    with tempfile.TemporaryDirectory() as temporary, patch("lake.thin.SPACING", spacing):
        settings = Settings(lake=str((asked.place or Path(temporary)) / "lake"))
        lake = Lake.create(settings, derive_first(b"b" * 32))
        _commit_day(lake, asked.commits, asked.records, asked.days_before)
        _tell_scans("before maintain", lake, settings)
        began = time.perf_counter()
        maintain(lake, datetime.now(UTC))
        print(f"maintain took {time.perf_counter() - began:.1f} s", flush=True)
        _tell_scans("after maintain", lake, settings)


def _commit_day(lake: Lake, commits: int, records: int, days_before: int) -> None:
    began = TODAY - days_before * DAY
    span = days_before * DAY + commits * MINUTE
    events = deliver(int(records * (span / MINUTE) / EVENTS_A_MESSAGE), began, span, 3.0, 1)
    for number in range(days_before * 24):
        commit(lake, _batch(_between(events, began + number * HOUR, began + (number + 1) * HOUR), number), datetime.now(UTC))
    watch = Stopwatch()
    for number in range(commits):
        batch = _batch(_between(events, TODAY + number * MINUTE, TODAY + (number + 1) * MINUTE), number + 10_000)
        watch.begin()
        commit(lake, batch, datetime.now(UTC), checkpoint=watch)
        watch.end()
        if (number + 1) % EDGE == 0:
            _tell_commits(number + 1, watch.commits[-EDGE:])


def _between(events: pa.Table, start: datetime, end: datetime) -> pa.Table:
    kind = EVENTS.column("ingested_at").type
    arrived = events.column("ingested_at")
    return events.filter(pc.and_(pc.greater_equal(arrived, pa.scalar(start, kind)), pc.less(arrived, pa.scalar(end, kind))))


def _batch(events: pa.Table, number: int) -> Batch:
    counts = {field.name: 0 for field in INGEST_LOG.schema if field.name.endswith("_count")}
    place = {"object_key": f"object {number}", "object": f"object {number}", "etag": "1", "size_bytes": 1}
    log = pa.Table.from_pylist([place | counts | {"ingested_at": TODAY, "duration_s": 1.0}], schema=INGEST_LOG.schema)
    return Batch(events, NOTICES.schema.empty_table(), DEAD_LETTERS.schema.empty_table(), lambda committed: log)


def _tell_commits(number: int, commits: Sequence[dict[str, float]]) -> None:
    points = list(dict.fromkeys(point for steps in commits for point in steps))
    wall, cpu = (statistics.median(steps[name] for steps in commits) for name in ("all", "CPU"))
    told = ", ".join(f"{point} {statistics.mean(steps.get(point, 0.0) for steps in commits):.3f}" for point in points)
    print(f"to commit {number}: median {wall:.2f} s, {cpu:.2f} s of CPU; means {told}", flush=True)


def _tell_scans(when: str, lake: Lake, settings: Settings) -> None:
    published = Published(lake)
    for table in (EVENTS, MESSAGES, INGEST_LOG):
        paths = published.files(table.name)
        print(f"{when}: {table.name} {len(paths)} files, {sum(Path(path).stat().st_size for path in paths) / 1e6:.1f} MB", flush=True)
    for name, query in SCANS.items():
        print(f"{when}: {name} {min(_timed(settings, query) for _ in range(3)):.3f} s", flush=True)


def _timed(settings: Settings, query: str) -> float:
    """Seconds of a session of its own, from opening the lake to the last row."""
    began = time.perf_counter()
    session = Session.open(settings, TODAY + 2 * DAY)
    session.sql(query).fetchall()
    session.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
