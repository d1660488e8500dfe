"""Dead letters as the lake keeps them: found by reason, source, time and status; their status changed, never their bytes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from engagedb.errors import Reason
from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.datafiles import FILE_COLUMN, dataset_path, newest_files, read_files, scan_files, stage_change, write_rows
from lake.lease import hold_lease
from transforms.canonical import DEAD_LETTERS
from transforms.vocabulary import DeadLetterStatus

_BYTES_AT_ONCE: Final = 64 * 1024 * 1024
_LETTERS_AT_ONCE: Final = 10_000


def find_dead_letters(
    lake: Lake,
    *,
    ids: Collection[str] | None = None,
    reason: Reason | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    status: DeadLetterStatus | None = None,
    with_records: bool = False,
) -> pa.Table:
    """The dead letters that meet all given conditions, oldest first; `since` is included, `until` is not.

    The column sealed_record comes only `with_records`: it may hold megabytes per row, so ask for few ids then.
    """
    conditions = [pc.scalar(True)]
    if ids is not None:
        conditions.append(pc.field("dead_letter_id").isin(pa.array(list(ids), pa.string())))
    if reason is not None:
        conditions.append(pc.field("reason") == str(reason))
    if source is not None:
        conditions.append(pc.field("source") == source)
    if since is not None:
        conditions.append(pc.field("ingested_at") >= pa.scalar(since, DEAD_LETTERS.column("ingested_at").type))
    if until is not None:
        conditions.append(pc.field("ingested_at") < pa.scalar(until, DEAD_LETTERS.column("ingested_at").type))
    if status is not None:
        conditions.append(pc.field("status") == str(status))
    columns = [name for name in DEAD_LETTERS.names if with_records or name != "sealed_record"]
    files = newest_files(lake.table(DEAD_LETTERS.name))
    rows = scan_files(lake, DEAD_LETTERS, files, columns, functools.reduce(operator.and_, conditions)).read_all()
    return rows.sort_by([("ingested_at", "ascending"), ("source_offset", "ascending"), ("dead_letter_id", "ascending")])


def portions(letters: pa.Table) -> Iterator[list[str]]:
    """Ids of letters whose records fit in memory together."""
    portion: list[str] = []
    size = 0
    for letter_id, letter_size in zip(letters["dead_letter_id"].to_pylist(), letters["size_bytes"].to_pylist(), strict=True):
        if portion and (size + letter_size > _BYTES_AT_ONCE or len(portion) >= _LETTERS_AT_ONCE):
            yield portion
            portion, size = [], 0
        portion.append(letter_id)
        size += letter_size
    if portion:
        yield portion


def set_status(lake: Lake, ids: Collection[str], status: DeadLetterStatus, now: datetime) -> int:
    """How many dead letters got this status; those that had it already are left as they are."""
    if not ids:
        return 0
    with hold_lease(lake, "dead-letters"):
        return swap(lake, "the dead letters", lambda: _overwrite(lake, ids, status, now))


def _overwrite(lake: Lake, ids: Collection[str], status: DeadLetterStatus, now: datetime) -> int:
    table = lake.table(DEAD_LETTERS.name)
    files = newest_files(table)
    places = scan_files(lake, DEAD_LETTERS, files, ["dead_letter_id", "status", FILE_COLUMN]).read_all()
    paths = set(places.filter(_changes(places, ids, status)).column(FILE_COLUMN).to_pylist())
    stale = [file for file in files if dataset_path(lake, file) in paths]
    if not stale:
        return 0
    rows = read_files(lake, DEAD_LETTERS, stale)
    changed = _changes(rows, ids, status)
    for name, value in (("status", str(status)), ("status_at", now)):
        field = DEAD_LETTERS.schema.field(name)
        column = pc.if_else(changed, pa.scalar(value, field.type), rows.column(name))
        rows = rows.set_column(DEAD_LETTERS.names.index(name), field, column)
    stage_change(table, write_rows(table, DEAD_LETTERS, rows), stale).commit_transaction()
    return int(pc.sum(changed).as_py() or 0)


def _changes(rows: pa.Table, ids: Collection[str], status: DeadLetterStatus) -> pa.ChunkedArray:
    named = pc.is_in(rows.column("dead_letter_id"), pa.array(list(ids), pa.string()))
    return pc.and_(named, pc.not_equal(rows.column("status"), str(status)))
