"""A batch into a large lake: deduplicated, committed and folded, a twentieth of it late over 30 days.

    python -m tests.benchmark.bench_batch [--millions 1 5 10 20] [--days 90] [--batch 50000] [--place FOLDER] [--write PAGE]

Events are drawn without the transform (tests/benchmark/delivery.py) over so many days. The batch is committed by a process
of its own, whose highest memory and CPU are told. The same batch is then committed again, which must add nothing.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
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
    "Made by `python -m tests.benchmark.bench_batch --millions {millions} --days {days} --batch {batch} --write docs/benchmarks-batch.md`,"
    " not typed.\nEach lake holds made-up events of {days} days. Then a batch is deduplicated, committed and folded, a twentieth"
    " of it late receipts over the\n30 days before, and once more, which adds nothing. Seconds by the clock; steps are those that took"
    " 0.05 s and more.\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_batch", description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 5, 10, 20])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--place", type=Path, help="folder for the lakes, which are kept")
    parser.add_argument("--write", type=Path, help="also write the figures into this file")
    asked = parser.parse_args()
    pages = [HEADING.format(millions=" ".join(f"{millions:g}" for millions in asked.millions), days=asked.days, batch=asked.batch)]
    pages.append(page("Machine", "", machine(datetime.now(UTC).date())))
    with tempfile.TemporaryDirectory() as temporary, ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for millions in asked.millions:
            settings = Settings(lake=str((asked.place or Path(temporary)) / f"lake-{millions:g}-{asked.days}"))
            told = [pool.submit(work, settings, int(millions * 1e6), asked.days, asked.batch).result() for work in (fill, commit_late)]
            pages.append(page(f"{int(millions * 1e6):,} events", "", chain.from_iterable(told)))
            print(pages[-1], flush=True)
    if asked.write:
        asked.write.write_text("\n".join(pages), encoding="utf-8")


def fill(settings: Settings, events: int, days: int, batch: int) -> list[Figure]:
    """Commits the events, a day at a time; most of each message's events are of its day."""
    prepare_process()
    began = time.perf_counter()
    lake = Lake.create(settings, KEYRING)
    for day in range(days):
        commit(lake, _batch(deliver(int(events / days / EVENTS_A_MESSAGE), START + day * DAY, DAY, 3.0, day)), START)
    return [Figure("filled", f"{time.perf_counter() - began:,.0f} s", f"{days} commits, a day each")]


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
