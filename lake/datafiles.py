"""Data files of a table: which ones are live in a snapshot, what changed between two, reading and replacing them.

All changes of a table go through `stage_change`: one snapshot that adds some files and removes others, on one handle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cachetools import LRUCache

from engagedb.errors import LakeError
from lake.catalog import Lake
from lake.failures import telling_damage, telling_lake_errors
from lake.side_by_side import side_by_side
from transforms import canonical

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray
    from pyiceberg.manifest import DataFile, ManifestFile
    from pyiceberg.partitioning import PartitionKey
    from pyiceberg.table import Table, Transaction

EPOCH: Final = date(1970, 1, 1)
FILE_COLUMN: Final = "data_file"
DAY_COLUMN: Final = "__day"
_MOST_REMEMBERED: Final = 3_000  # entries of manifests, some 25 MB
_remembered: Final[LRUCache[str, tuple[DataFile, ...]]] = LRUCache(_MOST_REMEMBERED, getsizeof=lambda files: len(files) + 1)
_remembering: Final = Lock()
MANY_ROWS: Final = 10_000
ROWS_AT_ONCE: Final = 16_384
MOST_PIECES: Final = 4  # of a file
_GLOB: Final = frozenset("*?[")  # in a path they are patterns to DuckDB


def live_files(table: Table, snapshot_id: int | None, days: Collection[date] | None = None) -> list[DataFile]:
    """Data files of that snapshot, of these days only when `days` is given; no snapshot has no files."""
    wanted = None if days is None or not table.spec().fields else {(day - EPOCH).days for day in days}
    manifests = [m for m in _manifests(table, snapshot_id) if wanted is None or _may_hold(m, wanted)]
    return [file for file in _entries(table, manifests) if wanted is None or file.partition[0] in wanted]


def newest_files(table: Table, days: Collection[date] | None = None) -> list[DataFile]:
    """Data files of the state that this handle holds."""
    current = table.current_snapshot()
    return live_files(table, None if current is None else current.snapshot_id, days)


def changed_files(table: Table, base: int | None, head: int | None) -> tuple[list[DataFile], list[DataFile]]:
    """Files that are live in snapshot `head` and not in `base`, and the reverse; manifests that both share are not read."""
    before, after = ({m.manifest_path: m for m in _manifests(table, snapshot)} for snapshot in (base, head))
    old = {file.file_path: file for file in _entries(table, [m for path, m in before.items() if path not in after])}
    new = {file.file_path: file for file in _entries(table, [m for path, m in after.items() if path not in before])}
    return [file for path, file in new.items() if path not in old], [file for path, file in old.items() if path not in new]


def day_of(file: DataFile) -> date | None:
    """The UTC day whose rows the file holds, or None in a table without day partitions."""
    return EPOCH + timedelta(days=file.partition[0]) if len(file.partition) else None


def scan_files(
    lake: Lake, table: canonical.Table, files: Iterable[DataFile], columns: Sequence[str], where: pc.Expression | None = None
) -> pa.RecordBatchReader:
    """These columns of the files' rows, streamed; `data_file` may be asked for too and gives each row's `dataset_path`."""
    import pyarrow.dataset as ds  # takes as long to import as a small query takes in all

    paths = [dataset_path(lake, file) for file in files]
    asked = ["__filename" if name == FILE_COLUMN else name for name in columns]
    with telling_lake_errors(f"the table {table.name} in {lake.root}"):
        dataset = ds.dataset(paths, schema=table.schema, format="parquet", filesystem=lake.filesystem)
        reader = dataset.scanner(columns=asked, filter=where).to_reader()
    # DuckDB wraps a reader in a scanner of its own, which has `__filename` again: so the column gets another name here.
    renamed = pa.schema([field.with_name(name) for field, name in zip(reader.schema, columns, strict=True)])
    return pa.RecordBatchReader.from_batches(renamed, _told_batches(lake, table, reader, list(columns)))


def _told_batches(lake: Lake, table: canonical.Table, reader: pa.RecordBatchReader, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with telling_lake_errors(f"the table {table.name} in {lake.root}"):
        for batch in reader:
            yield batch.rename_columns(columns)


def mount_files(
    connection: duckdb.DuckDBPyConnection, name: str, lake: Lake, table: canonical.Table, files: Iterable[DataFile], columns: Sequence[str]
) -> None:
    """Makes the relation `name` of these columns, for one query; `data_file` may be among them as in `scan_files`.

    DuckDB reads the files of a folder itself: where a query wants the rows of few keys, it does not decode the others.
    """
    files = list(files)
    connection.unregister(name)
    connection.execute(f"drop view if exists {name}")
    if files and lake.is_folder and not _GLOB.intersection(lake.root):
        listed = ", ".join("'" + dataset_path(lake, file).replace("'", "''") + "'" for file in files)
        source = f"read_parquet([{listed}], filename = '{FILE_COLUMN}', hive_partitioning = false, union_by_name = true)"
        if set(columns) <= set(connection.sql(f"from {source}").columns):  # else they are older than a column
            connection.execute(f"create temp view {name} as select {', '.join(columns)} from {source}")
            return
    connection.register(name, scan_files(lake, table, files, columns))


def read_files(lake: Lake, table: canonical.Table, files: Iterable[DataFile]) -> pa.Table:
    """All rows of the files, with the canonical schema."""
    return scan_files(lake, table, files, table.names).read_all()


def dataset_path(lake: Lake, file: DataFile) -> str:
    """The file's address as `scan_files` reports it in `__filename`."""
    return lake.physical(file.file_path).removeprefix("s3://")


def write_rows(table: Table, definition: canonical.Table, rows: pa.Table, places: NDArray[np.intp] | None = None) -> list[DataFile]:
    """New data files with these rows, or those at the places, sorted, one per day; they belong to no snapshot until they are committed."""
    order = _order(definition, rows, places)
    days = None if definition.partition_by is None else _days(definition, rows).take(pa.array(order))
    pieces = ((day, _taken(rows, order[start:end])) for day, start, end in _by_day(days, len(order)))
    return _write(table, definition, pieces, len(order))


def in_order(definition: canonical.Table, rows: pa.Table, places: NDArray[np.intp] | None = None) -> pa.Table:
    """The rows, or those at the places, by day and then in the table's sort order."""
    return rows.take(pa.array(_order(definition, rows, places)))


def write_ordered(table: Table, definition: canonical.Table, ordered: pa.Table) -> list[DataFile]:
    """New data files as of `write_rows`, of rows that are in order."""
    days = None if definition.partition_by is None else _days(definition, ordered)
    pieces = ((day, [ordered.slice(start, end - start)]) for day, start, end in _by_day(days, ordered.num_rows))
    return _write(table, definition, pieces, ordered.num_rows)


def _write(
    table: Table, definition: canonical.Table, of_days: Iterable[tuple[int | None, Iterable[pa.Table]]], rows: int
) -> list[DataFile]:
    from lake.new_file import write_file

    def write(part: tuple[int | None, Iterable[pa.Table]]) -> DataFile:
        day, pieces = part
        return write_file(table, definition, pieces, None if day is None else _partition(table, day))

    files = list(side_by_side(write, of_days))
    if rows >= MANY_ROWS:
        pa.default_memory_pool().release_unused()  # else the writer's buffers stand beside those of the next step
    return files


def _taken(rows: pa.Table, places: NDArray[np.intp]) -> Iterator[pa.Table]:
    """The rows at the places, a piece at a time: all of them would stand in memory twice. Few pieces, for each is a row group."""
    size = max(ROWS_AT_ONCE, -(-len(places) // MOST_PIECES))
    for start in range(0, len(places), size):
        yield rows.take(pa.array(places[start : start + size]))


def _order(definition: canonical.Table, rows: pa.Table, places: NDArray[np.intp] | None) -> NDArray[np.intp]:
    keys = rows.select(definition.sort_by)
    if definition.partition_by is not None:
        keys = keys.add_column(0, DAY_COLUMN, _days(definition, rows))
    # of whole columns: to look for a value among many chunks takes longer than to compare it
    keys = keys.combine_chunks() if places is None else keys.take(pa.array(places)).combine_chunks()
    order = np.arange(rows.num_rows) if places is None else places
    if keys.num_columns:
        order = order[pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names]).to_numpy()]
    return order


def write_parts(table: Table, definition: canonical.Table, parts: Iterable[pa.Table]) -> list[DataFile]:
    """New data files of each part, whose rows are in order; the next parts are made while one is written."""
    files: list[DataFile] = []
    rows = 0
    for written in side_by_side(lambda rows: write_ordered(table, definition, rows), parts):
        files += written
        rows += sum(file.record_count for file in written)
        if rows >= MANY_ROWS:
            pa.default_memory_pool().release_unused()
            rows = 0
    pa.default_memory_pool().release_unused()
    return files


def stage_change(
    table: Table, added: Iterable[DataFile], removed: Collection[DataFile] = (), summary: dict[str, str] | None = None
) -> Transaction:
    """One staged snapshot on this handle; `commit_transaction` raises CommitFailedException when the handle is stale."""
    from lake.transaction import CachedTransaction

    transaction = CachedTransaction(table)
    producers = transaction.update_snapshot(snapshot_properties=summary or {})
    producer = producers.overwrite() if removed else producers.merge_append()
    with producer as change:
        for file in added:
            change.append_data_file(file)
        for file in removed:
            change.delete_data_file(file)
    return transaction


def _by_day(days: pa.ChunkedArray | None, rows: int) -> Iterator[tuple[int | None, int, int]]:
    """Each day of rows that are in order, with the first and the end of its places; without days they are all together."""
    if days is None:
        if rows:
            yield None, 0, rows
        return
    runs = pc.run_end_encode(days.combine_chunks())
    start = 0
    for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield day, start, end
        start = end


def _days(definition: canonical.Table, rows: pa.Table) -> pa.ChunkedArray:
    return rows.column(definition.partition_by).cast(pa.date32()).cast(pa.int32())


def _partition(table: Table, day: int) -> PartitionKey:
    from pyiceberg.partitioning import PartitionFieldValue, PartitionKey

    spec = table.spec()
    return PartitionKey([PartitionFieldValue(spec.fields[0], day)], spec, table.schema())


def _manifests(table: Table, snapshot_id: int | None) -> list[ManifestFile]:
    snapshot = None if snapshot_id is None else table.metadata.snapshot_by_id(snapshot_id)
    with telling_damage(f"the table {table.name()[-1]}"):
        return [] if snapshot is None else snapshot.manifests(table.io)


def _entries(table: Table, manifests: Sequence[ManifestFile]) -> list[DataFile]:
    from pyiceberg.manifest import ManifestContent
    from pyiceberg.utils.concurrent import ExecutorFactory

    if any(manifest.content == ManifestContent.DELETES for manifest in manifests):
        raise LakeError(f"Table {table.name()[-1]} has row-level delete files of another program. Rewrite it there with copy-on-write.")
    with telling_damage(f"the table {table.name()[-1]}"):
        found = ExecutorFactory.get_or_create().map(lambda manifest: _live_entries(table, manifest), manifests)
        return [file for files in found for file in files]


def _live_entries(table: Table, manifest: ManifestFile) -> tuple[DataFile, ...]:
    """The manifest's live files. Manifests never change, and each is asked for several times a commit: they are remembered."""
    with _remembering:
        known = _remembered.get(manifest.manifest_path)
    if known is None:
        known = tuple(entry.data_file for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True))
        if len(known) < _MOST_REMEMBERED:
            with _remembering:
                _remembered[manifest.manifest_path] = known
    return known


def _may_hold(manifest: ManifestFile, days: Collection[int]) -> bool:
    """False when the manifest's day bounds exclude all of the days."""
    bounds = manifest.partitions[0] if manifest.partitions else None
    if bounds is None or bounds.lower_bound is None or bounds.upper_bound is None:
        return True
    low, high = (int.from_bytes(value, "little", signed=True) for value in (bounds.lower_bound, bounds.upper_bound))
    return any(low <= day <= high for day in days)
