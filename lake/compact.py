"""Small files of a day become few: rows stay as they are, and the pair is published anew.

A merge takes the smallest files and stops before one that outweighs all of them twice, so that over many commits each
row is rewritten a logarithmic number of times.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date, datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.datafiles import day_of, in_order, newest_files, read_files, stage_change, write_ordered
from lake.fold import FILE_ROWS, divide
from lake.publish import pair_summary, stage_events
from lake.snapshot import published_events
from transforms.canonical import EVENTS, MESSAGES, Table

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile

MOST_FILES: Final = 16
MOST_MANIFESTS: Final = 10
OUTWEIGHS: Final = 2
LARGE_BYTES: Final = 64 * 1024 * 1024  # a file of this size is left as it is; one merge of a day reads about twice as much


def compact(
    lake: Lake,
    definition: Table,
    days: Collection[date] | None,
    now: datetime,
    checkpoint: Callable[[str], None] = lambda point: None,
    *,
    most: int | None = None,
) -> None:
    """Merges the files of those of the days (None: of the table) that have more than `most`, else MOST_FILES. Needs the lease.

    Without `most`, files of messages that are as large as the fold makes them stay apart: merged they would be rewritten
    whole at the next late event.

    Events are compacted only while all of them are published, so that no fold takes moved rows for changed ones; after
    a stop between compaction and publication the next fold does so once, which costs time and changes nothing.
    """
    swap(lake, f"the table {definition.name}", lambda: _compact_once(lake, definition, days, now, checkpoint, most))


def stale_files(files: Collection[DataFile], most: int) -> dict[date | None, list[DataFile]]:
    """The files worth merging, by day: the smallest ones of each day that has more than `most` files which are not large."""
    by_day: dict[date | None, list[DataFile]] = defaultdict(list)
    for file in files:
        if file.file_size_in_bytes < LARGE_BYTES:
            by_day[day_of(file)].append(file)
    stale = {}
    for day, found in by_day.items():
        if len(found) > most:
            found.sort(key=lambda file: file.file_size_in_bytes)
            sizes = [file.file_size_in_bytes for file in found]
            fitting = max(2, bisect_right(list(accumulate(sizes)), 2 * LARGE_BYTES))  # into memory together
            stale[day] = found[: min(choose_files(sizes), fitting)]
    return stale


def choose_files(sizes: list[int]) -> int:
    """How many of the files, from the smallest on, are worth merging; `sizes` is ascending."""
    total = 0
    for number, size in enumerate(sizes):
        if number > 1 and size > OUTWEIGHS * total:
            return number
        total += size
    return len(sizes)


def gather_manifests(lake: Lake, now: datetime) -> None:
    """Few manifests name the files of messages again: each rewriting left two, and every reader opens them all. Needs the lease."""
    swap(lake, f"the table {MESSAGES.name}", lambda: _gather_once(lake, now))


def _gather_once(lake: Lake, now: datetime) -> None:
    messages = lake.table(MESSAGES.name)
    covered, head = published_events(messages), messages.current_snapshot()
    if covered is not None and head is not None and len(head.manifests(messages.io)) > MOST_MANIFESTS:
        stage_change(messages, (), (), pair_summary(covered, now)).commit_transaction()


def _compact_once(
    lake: Lake, definition: Table, days: Collection[date] | None, now: datetime, checkpoint: Callable[[str], None], most: int | None
) -> None:
    messages = lake.table(MESSAGES.name)
    table = messages if definition is MESSAGES else lake.table(definition.name)
    files = newest_files(table, days)
    stays_divided = definition is MESSAGES and most is None
    if stays_divided:
        files = [file for file in files if file.record_count < FILE_ROWS]
    by_day = stale_files(files, MOST_FILES if most is None else most)
    stale = [file for found in by_day.values() for file in found]
    if not stale:
        return
    covered = published_events(messages)
    head = table.current_snapshot()
    if definition is EVENTS and (head is None or head.snapshot_id != covered):
        return
    summary = pair_summary(covered, now) if definition is MESSAGES and covered is not None else None
    merged: list[DataFile] = []
    for found in by_day.values():
        rows = read_files(lake, definition, found)
        for part in divide(rows, FILE_ROWS) if stays_divided else (in_order(definition, rows),):
            merged += write_ordered(table, definition, part)
    transaction = stage_events(table, merged, stale) if definition is EVENTS else stage_change(table, merged, stale, summary)
    checkpoint(f"{definition.name}_merged")
    transaction.commit_transaction()
    checkpoint(f"{definition.name}_replaced")
    if definition is EVENTS and (head := table.current_snapshot()) is not None:
        stage_change(messages, (), (), pair_summary(head.snapshot_id, now)).commit_transaction()
