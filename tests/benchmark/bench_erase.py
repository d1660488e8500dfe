"""Erasure of many subjects from a large lake in one pass: how long it takes, and how much it writes anew.

    python -m tests.benchmark.bench_erase [--events 1000000] [--subjects 1000] [--days 10] [--place FOLDER]

Events are drawn without the transform (tests/benchmark/delivery.py), some fifteen a person. Times are of this machine.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engagedb.settings import Settings
from ingest.erase import erase
from lake.catalog import Lake
from lake.commit import Batch, commit
from lake.datafiles import newest_files, scan_files
from tests.benchmark.delivery import EVENTS_A_MESSAGE, deliver
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, MAP, NOTICES
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.subject import SubjectReader

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
DAY: Final = timedelta(days=1)
EVENTS_A_PERSON: Final = 15
KEYRING: Final = derive_first(b"b" * 32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_erase", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--subjects", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--place", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = (asked.place or Path(temporary)) / "lake"
        lake = Lake.create(Settings(lake=str(place)), KEYRING)
        persons = people(asked.events // EVENTS_A_PERSON)
        began = time.perf_counter()
        fill(lake, persons, asked.events, asked.days)
        size = sum(path.stat().st_size for path in place.rglob("*.parquet"))
        print(
            f"{asked.events:,} events in {asked.days} days, {size / 1e6:,.0f} MB, made in {time.perf_counter() - began:,.0f} s", flush=True
        )
        reader = SubjectReader(KEYRING)
        subjects = [reader.read(name, "here") for name in persons[:: max(1, len(persons) // asked.subjects)][: asked.subjects].to_pylist()]
        watch, cpu = _Stopwatch(), time.process_time()
        done = erase(lake, KEYRING, subjects, now=datetime.now(UTC), checkpoint=watch)
        events, messages = done.tables["events"], done.tables["messages"]
        print(
            f"{done.subjects:,} subjects, {done.subjects_found:,} found: {events.rows_erased:,} events and {messages.rows_erased:,}"
            f" messages emptied, {events.files_rewritten:,} files of events written anew, {len(done.places):,} landing objects named"
        )
        peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        used = time.process_time() - cpu
        print(f"{watch.seconds:,.1f} s in all, {used:,.1f} s of CPU: {', '.join(watch.steps)}; {peak_gb:,.1f} GB at most")
        left = scan_files(lake, EVENTS, newest_files(lake.table(EVENTS.name)), ["recipient_id"]).read_all()["recipient_id"]
        gone = pa.array([name for subject in subjects for name in subject.pseudonyms])
        print(f"{pc.sum(pc.is_in(left, gone)).as_py() or 0:,} events of the subjects are left")


class _Stopwatch:
    """Seconds between the points of an erasure."""

    def __init__(self) -> None:
        self._began = self._at = time.perf_counter()
        self.steps: list[str] = []

    def __call__(self, point: str) -> None:
        now = time.perf_counter()
        self.steps.append(f"{point} {now - self._at:.1f}")
        self._at = now

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began


def people(count: int) -> pa.Array:
    """Pseudonyms of that many phone numbers."""
    person = Pseudonymiser(KEYRING).person
    return pa.array([person(f"+1206{number:07}") for number in range(count)])


def fill(lake: Lake, persons: pa.Array, events: int, days: int) -> None:
    """Commits the events, a day at a time, their recipients drawn from the persons."""
    draw = np.random.default_rng(7)
    notices, letters, log = (table.schema.empty_table() for table in (NOTICES, DEAD_LETTERS, INGEST_LOG))
    for day in range(days):
        rows = deliver(int(events / days / EVENTS_A_MESSAGE), START + day * DAY, DAY, 0.0, day)
        count = rows.num_rows
        recipients = persons.take(pa.array(draw.integers(0, len(persons), count)))
        sent = rows["message_key"].combine_chunks().dictionary_encode()
        recipients = recipients.take(sent.indices)  # one recipient a message
        recipients = pc.if_else(pc.is_null(rows["recipient_id"]), pa.scalar(None, pa.string()), recipients)
        for name, column in (
            ("recipient_id", recipients),
            ("tags", _map(draw, count, ("campaign", "note"))),
            ("attributes", _map(draw, count, ("carrierName", "context.flow", "messageStatusDescription"))),
        ):
            rows = rows.set_column(EVENTS.names.index(name), EVENTS.schema.field(name), column)
        commit(lake, Batch(rows, notices, letters, lambda committed: log), START)


def _map(draw: np.random.Generator, rows: int, keys: tuple[str, ...]) -> pa.Array:
    """Maps with these keys and short texts, some repeated and some not."""
    texts = pa.array([f"a text of some length, number {number}" for number in range(5_000)])
    members = texts.take(pa.array(draw.integers(0, len(texts), rows * len(keys))))
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * len(keys))
    return pa.MapArray.from_arrays(offsets, pa.array(np.tile(keys, rows)), members).cast(MAP)


if __name__ == "__main__":
    main()
