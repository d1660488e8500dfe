"""A batch into a large lake: deduplicated, committed and folded, a twentieth of it late over 30 days.

    python -m tests.benchmark.bench_batch [--millions 1 5 10 20] [--days 90] [--a-day 28000] [--batch 50000] [--place FOLDER] [--write PAGE]

Events are drawn without the transform (tests/benchmark/delivery.py). Lakes grow in two ways: with the days that they hold,
and with what each day holds. The batch is committed by a process of its own, whose highest memory and CPU are told. The
same batch is then committed again, which must add nothing.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing import get_context
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
from tests.benchmark.figures import Figure, machine, page
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, MESSAGES, NOTICES
from transforms.pseudonyms import derive_first

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
DAY: Final = timedelta(days=1)
LATE_DAYS: Final = 30
LATE_SHARE: Final = 1 / 20
KEYRING: Final = derive_first(b"b" * 32)
HEADING: Final = (
    "# A late batch into a large lake\n\n"
    "Made by `python -m tests.benchmark.bench_batch --millions {millions} --days {days} --a-day {a_day} --batch {batch} --write"
    " docs/benchmarks-batch.md`, not typed.\nEach lake holds made-up events. Then a batch is deduplicated, committed and folded, a"
    " twentieth of it late receipts over the\n30 days before, and once more, which adds nothing. Lakes that are larger because they"
    " hold more days show what the time\nowes to the lake; those that are larger because their days are fuller, what it owes to the"
    " touched days. Seconds by the clock;\nsteps are those that took 0.05 s and more.\n"
)
FILLED_AT_ONCE: Final = 100_000
"""Messages a commit while a lake is filled, and at least a day."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_batch", description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 5, 10, 20])
    parser.add_argument("--days", type=int, default=90, help="of the lakes whose days are ever fuller")
    parser.add_argument("--a-day", type=int, default=28_000, help="events a day of the lakes that hold ever more days")
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--place", type=Path, help="folder for the lakes, which are kept")
    parser.add_argument("--write", type=Path, help="also write the figures into this file")
    asked = parser.parse_args()
    millions = " ".join(f"{million:g}" for million in asked.millions)
    pages = [HEADING.format(millions=millions, days=asked.days, a_day=asked.a_day, batch=asked.batch)]
    pages.append(page("Machine", "", machine(datetime.now(UTC).date())))
    with tempfile.TemporaryDirectory() as temporary, ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for events, days in _sizes(asked.millions, asked.days, asked.a_day):
            settings = Settings(lake=str((asked.place or Path(temporary)) / f"lake-{events}-{days}"))
            told = [pool.submit(work, settings, events, days, asked.batch).result() for work in (fill, commit_late)]
            pages.append(page(f"{events:,} events of {days} days", "", chain.from_iterable(told)))
            print(pages[-1], flush=True)
    if asked.write:
        asked.write.write_text("\n".join(pages), encoding="utf-8")


def _sizes(millions: Sequence[float], days: int, a_day: int) -> Iterator[tuple[int, int]]:
    """Events and days of each lake: first ever more days of one size, then ever fuller days."""
    for million in millions:
        yield int(million * 1e6), round(million * 1e6 / a_day)
    for million in millions:
        yield int(million * 1e6), days


def fill(settings: Settings, events: int, days: int, batch: int) -> list[Figure]:
    """Commits the events; most of each message's events are of its day."""
    prepare_process()
    began = time.perf_counter()
    lake = Lake.create(settings, KEYRING)
    a_day = int(events / days / EVENTS_A_MESSAGE)
    at_once = max(1, FILLED_AT_ONCE // a_day)
    for first in range(0, days, at_once):
        some = [deliver(a_day, START + day * DAY, DAY, 3.0, day) for day in range(first, min(first + at_once, days))]
        commit(lake, _batch(pa.concat_tables(some)), START)
    return [Figure("filled", f"{time.perf_counter() - began:,.0f} s", f"{at_once} days a commit")]


def commit_late(settings: Settings, events: int, days: int, batch: int) -> list[Figure]:
    """What the batch takes, step by step."""
    prepare_process()
    rows = _drawn(Lake.open(settings), days, batch)
    touched = len(pc.unique(rows["requested_at"].cast(pa.date32())))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    lake = Lake.open(settings)
    figures = []
    for what in ("a batch", "the same again"):
        watch, cpu = _Stopwatch(), time.process_time()
        commit(lake, _batch(rows), datetime.now(UTC), checkpoint=watch)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        taken = f"{watch.seconds:.1f} s, {time.process_time() - cpu:.1f} s of CPU, {peak:.2f} GB at most ({before:.2f} before)"
        steps = ", ".join(f"{point} {seconds:.1f}" for point, seconds in watch.steps if seconds >= 0.05)
        figures.append(Figure(what, taken, f"{rows.num_rows:,} events on {touched} days: {steps}"))
    files = newest_files(lake.table(MESSAGES.name))
    return [*figures, Figure("messages", f"{sum(file.record_count for file in files):,}", f"in {len(files):,} files")]


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
