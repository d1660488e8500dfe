"""A batch into a large lake: deduplicated, committed and folded, a twentieth of it late over 30 days.

    python -m tests.benchmark.bench_batch [--millions 1 5 10 20] [--days 90] [--batch 50000] [--place FOLDER]

Events are drawn without the transform (tests/benchmark/delivery.py) over so many days. The batch is committed by a process
of its own, whose highest memory and CPU are told; seconds are of the clock. The same batch is then committed again,
which must add nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engagedb.cli import prepare_process
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch, commit
from lake.datafiles import newest_files, read_files
from tests.benchmark.delivery import EVENTS_A_MESSAGE, deliver
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, MESSAGES, NOTICES
from transforms.pseudonyms import derive_first

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
DAY: Final = timedelta(days=1)
LATE_DAYS: Final = 30
LATE_SHARE: Final = 1 / 20
KEYRING: Final = derive_first(b"b" * 32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_batch", description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 5, 10, 20])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--place", type=Path, help="folder for the lakes, which are kept")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        for millions in asked.millions:
            settings = Settings(lake=str((asked.place or Path(temporary)) / f"lake-{millions:g}-{asked.days}"))
            for work in (fill, commit_late):
                process = context.Process(target=work, args=(settings, int(millions * 1e6), asked.days, asked.batch))
                process.start()
                process.join()
                if process.exitcode:
                    raise SystemExit(process.exitcode)


def fill(settings: Settings, events: int, days: int, batch: int) -> None:
    """Commits the events, a day at a time; most of each message's events are of its day."""
    prepare_process()
    began = time.perf_counter()
    lake = Lake.create(settings, KEYRING)
    for day in range(days):
        commit(lake, _batch(deliver(int(events / days / EVENTS_A_MESSAGE), START + day * DAY, DAY, 3.0, day)), START)
    print(f"{events:,} events of {days} days, filled in {time.perf_counter() - began:,.0f} s", flush=True)


def commit_late(settings: Settings, events: int, days: int, batch: int) -> None:
    """Tells what the batch takes, step by step."""
    prepare_process()
    rows = _drawn(Lake.open(settings), days, batch)
    touched = len(pc.unique(rows["requested_at"].cast(pa.date32())))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    lake = Lake.open(settings)
    for what in ("a batch", "the same again"):
        watch, cpu = _Stopwatch(), time.process_time()
        commit(lake, _batch(rows), datetime.now(UTC), checkpoint=watch)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        told = ", ".join(f"{point} {seconds:.1f}" for point, seconds in watch.steps if seconds >= 0.05)
        print(
            f"{what} of {rows.num_rows:,} on {touched} days into {events:,} of {days} days: {watch.seconds:.1f} s,"
            f" {time.process_time() - cpu:.1f} s of CPU, {peak:.2f} GB at most ({before:.2f} before): {told}",
            flush=True,
        )
    messages = lake.table(MESSAGES.name)
    print(f"{sum(file.record_count for file in newest_files(messages)):,} messages in {len(newest_files(messages)):,} files", flush=True)


class _Stopwatch:
    """Seconds between the checkpoints of a commit."""

    def __init__(self) -> None:
        self._began = self._at = time.perf_counter()
        self.steps: list[tuple[str, float]] = []

    def __call__(self, point: str) -> None:
        now = time.perf_counter()
        self.steps.append((point, now - self._at))
        self._at = now

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began


def _drawn(lake: Lake, days: int, batch: int) -> pa.Table:
    """New messages of the day after the last, and late receipts of messages that were sent in the days before."""
    draw = np.random.default_rng(5)
    late = int(batch * LATE_SHARE)
    new = deliver(int((batch - late) / EVENTS_A_MESSAGE), START + days * DAY, DAY, 0.0, days)
    parts = [_late(lake, START + day * DAY, late // LATE_DAYS, draw) for day in range(days - LATE_DAYS, days)]
    return pa.concat_tables([new, *parts])


def _late(lake: Lake, day: datetime, count: int, draw: np.random.Generator) -> pa.Table:
    """Receipts that say delivered once more, hours after the send, for some of the day's messages."""
    files = newest_files(lake.table(EVENTS.name), {day.date()})
    stored = read_files(lake, EVENTS, files)
    sent = stored.filter(pc.equal(stored["stage"], "delivered"))
    rows = sent.take(pa.array(np.sort(draw.choice(sent.num_rows, count, replace=False))))
    changed: dict[str, Any] = {
        "event_id": pc.binary_join_element_wise(rows["event_id"], "late", ""),
        "event_time": pc.add(rows["event_time"], pa.scalar(timedelta(hours=3), pa.duration("us"))),
        "ingested_at": pa.repeat(pa.scalar(day + (LATE_DAYS + 2) * DAY, EVENTS.column("ingested_at").type), count),
    }
    for name, column in changed.items():
        rows = rows.set_column(EVENTS.names.index(name), EVENTS.schema.field(name), column)
    return rows


def _batch(events: pa.Table) -> Batch:
    notices, letters, log = (table.schema.empty_table() for table in (NOTICES, DEAD_LETTERS, INGEST_LOG))
    return Batch(events, notices, letters, lambda committed: log)


if __name__ == "__main__":
    main()
