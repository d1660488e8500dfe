"""Rows older than their table's retention go. What expires then takes them from disk too (expire.py, sweep.py).

Events, messages and notices go by whole UTC days of their own time, dead letters and the ingest log by `ingested_at`.
Messages never outlive their events: without its events a message could not be folded again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.datafiles import FILE_COLUMN, dataset_path, day_of, newest_files, read_files, scan_files, stage_change, write_rows
from lake.lease import hold_lease
from lake.publish import pair_summary, publish, tag_snapshot
from lake.snapshot import published_events
from transforms import canonical
from transforms.canonical import EVENTS, MESSAGES

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

Checkpoint = Callable[[str], None]
AGE_COLUMN: Final = "ingested_at"


@dataclass(frozen=True, slots=True)
class Retained:
    """Rows of one table that were removed, or would be: all of them before the day `before`."""

    before: date
    rows: int


def retain(
    lake: Lake,
    retention_days: Mapping[str, int],
    now: datetime,
    *,
    dry_run: bool = False,
    checkpoint: Checkpoint = lambda point: None,
) -> dict[str, Retained]:
    """What was removed from each table that has a retention. Checkpoints: <table>_retained.

    Of the pair, events go first and one commit of messages removes theirs and publishes both. A stop in between is
    healed by the next publication, which folds what the removal left over, and the next retention, which removes that.
    """
    before = cutoffs(retention_days, now)
    if dry_run:
        return {name: Retained(day, _count(lake, canonical.TABLES[name], day)) for name, day in before.items()}
    done: dict[str, Retained] = {}
    if MESSAGES.name in before:
        with hold_lease(lake, "maintain"):
            done |= swap(lake, "the table messages", lambda: _remove_pair(lake, before, now, checkpoint))
    for name in before.keys() - done.keys():
        with hold_lease(lake, "maintain"):
            done[name] = swap(lake, f"the table {name}", partial(_remove, lake, canonical.TABLES[name], before[name], checkpoint))
    return {name: done[name] for name in before}


def cutoffs(retention_days: Mapping[str, int], now: datetime) -> dict[str, date]:
    """The first day that stays, of each table that has a retention."""
    days = dict(retention_days)
    if EVENTS.name in days:
        days[MESSAGES.name] = min(days[EVENTS.name], days.get(MESSAGES.name, days[EVENTS.name]))
    return {name: now.date() - timedelta(days=days[name]) for name in canonical.TABLES if name in days}


def _remove_pair(lake: Lake, before: Mapping[str, date], now: datetime, checkpoint: Checkpoint) -> dict[str, Retained]:
    from pyiceberg.exceptions import CommitFailedException

    publish(lake, now)
    messages, events = lake.table(MESSAGES.name), lake.table(EVENTS.name)
    head = events.current_snapshot()
    if head is None:
        return {name: Retained(before[name], 0) for name in before if name in (EVENTS.name, MESSAGES.name)}
    if head.snapshot_id != published_events(messages):
        raise CommitFailedException("other events were committed since the publication")
    old = {table.name()[-1]: _old_files(table, before[table.name()[-1]]) for table in (events, messages) if table.name()[-1] in before}
    if old.get(EVENTS.name):
        stage_change(events, (), old[EVENTS.name]).commit_transaction()
        checkpoint("events_retained")
        head = events.current_snapshot()
        assert head is not None
        tag_snapshot(events, head.snapshot_id)
    if any(old.values()):
        stage_change(messages, (), old[MESSAGES.name], pair_summary(head.snapshot_id, now)).commit_transaction()
        checkpoint("messages_retained")
    return {name: Retained(before[name], sum(file.record_count for file in files)) for name, files in old.items()}


def _remove(lake: Lake, definition: canonical.Table, before: date, checkpoint: Checkpoint) -> Retained:
    table = lake.table(definition.name)
    if definition.partition_by is not None:
        old, rows = _old_files(table, before), list[pa.Table]()
        count = sum(file.record_count for file in old)
    else:
        old, rows, count = _rewritten(lake, definition, newest_files(table), before)
    if old:
        written = [file for kept in rows for file in write_rows(table, definition, kept)]
        stage_change(table, written, old).commit_transaction()
        checkpoint(f"{definition.name}_retained")
    return Retained(before, count)


def _old_files(table: Table, before: date) -> list[DataFile]:
    return [file for file in newest_files(table) if (day := day_of(file)) is not None and day < before]


def _rewritten(lake: Lake, definition: canonical.Table, files: list[DataFile], before: date) -> tuple[list[DataFile], list[pa.Table], int]:
    """The files that hold old rows, their other rows, and how many rows are old."""
    paths = set(_old_rows(lake, definition, files, before).to_pylist())
    old = [file for file in files if dataset_path(lake, file) in paths]
    rows, count = [], 0
    for file in old:
        stored = read_files(lake, definition, [file])
        kept = stored.filter(pc.greater_equal(stored.column(AGE_COLUMN), _midnight(before)))
        rows.append(kept)
        count += stored.num_rows - kept.num_rows
    return old, rows, count


def _old_rows(lake: Lake, definition: canonical.Table, files: list[DataFile], before: date) -> pa.ChunkedArray:
    """The file of each old row."""
    found = scan_files(lake, definition, files, [FILE_COLUMN, AGE_COLUMN], pc.field(AGE_COLUMN) < _midnight(before))
    return found.read_all().column(FILE_COLUMN)


def _count(lake: Lake, definition: canonical.Table, before: date) -> int:
    table = lake.table(definition.name)
    if definition.partition_by is not None:
        return sum(file.record_count for file in _old_files(table, before))
    return len(_old_rows(lake, definition, newest_files(table), before))


def _midnight(day: date) -> pa.Scalar:
    return pa.scalar(datetime.combine(day, time(), UTC), canonical.TIMESTAMP)
