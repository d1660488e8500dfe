"""The log of landing objects that are wholly committed; what stands in it is skipped by the next ingest."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.connect import connect
from lake.datafiles import changed_files, mount_files, newest_files, scan_files, stage_change, write_rows
from lake.tables import lacks_columns
from transforms.canonical import INGEST_LOG


def logged_objects(lake: Lake) -> set[tuple[str, str]]:
    """(object_key, etag) of every object that is done."""
    return set(logged_since(lake, None)[1])


def logged_since(lake: Lake, snapshot_id: int | None) -> tuple[int | None, Iterator[tuple[str, str]]]:
    """The log's newest snapshot, and (object_key, etag) of what was logged since the other one; a few may come again."""
    table = lake.table(INGEST_LOG.name)
    current = table.current_snapshot()
    head = None if current is None else current.snapshot_id
    added = [] if head == snapshot_id else changed_files(table, snapshot_id, head)[0]
    return head, _places(scan_files(lake, INGEST_LOG, added, ["object_key", "etag"]))


def _places(logged: pa.RecordBatchReader) -> Iterator[tuple[str, str]]:
    for part in logged:
        yield from zip(part.column("object_key").to_pylist(), part.column("etag").to_pylist(), strict=True)


def log_objects(lake: Lake, rows: pa.Table) -> None:
    """Appends the rows whose object and etag are not logged yet. Call it after everything of the objects is published."""
    if rows.num_rows:
        swap(lake, "the ingest log", lambda: _append(lake, rows))


def _append(lake: Lake, rows: pa.Table) -> None:
    table = lake.table(INGEST_LOG.name)
    if lacks_columns(table, INGEST_LOG):
        lake.complete()
        table = lake.table(INGEST_LOG.name)
    files = newest_files(table)
    with connect() as connection:
        connection.register("incoming", rows)
        mount_files(connection, "logged", lake, INGEST_LOG, files, ["object_key", "etag"])
        fresh = connection.sql("select distinct on (object_key, etag) incoming.* from incoming anti join logged using (object_key, etag)")
        missing = fresh.to_arrow_table().cast(INGEST_LOG.schema)
    if missing.num_rows:
        stage_change(table, write_rows(table, INGEST_LOG, missing)).commit_transaction()
