"""Which rows are new: against the rows before them in the batch, and against those that the lake holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.connect import connect
from lake.datafiles import mount_files, newest_files
from transforms import canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyiceberg.table import Table

PLACE: Final = ("source_object", "source_offset")


class Standing(IntEnum):
    """RERUN: stored before from the same place, so this record was read again after a stop and counts as what it was."""

    NEW = 0
    RERUN = 1
    DUPLICATE = 2


def standings(
    lake: Lake, table: Table, definition: canonical.Table, rows: pa.Table, anywhere: Collection[str] = frozenset()
) -> NDArray[np.int8]:
    """One Standing per row, judged on this handle; the first of several equal ids in the batch is the one that counts.

    The id is the table's first column. Equal ids have equal times, so the lake's same days are enough, but for the ids
    in `anywhere`: the same event may have come with another time (replays, changed templates, times of an envelope).
    """
    if rows.num_rows == 0:
        return np.empty(0, np.int8)
    codes = rows.column(0).combine_chunks().dictionary_encode()
    found = np.full(rows.num_rows, Standing.DUPLICATE, np.int8)
    found[_first_of_each(codes.indices)] = Standing.NEW
    stored = _stored(lake, table, definition, codes.dictionary, days_of(rows, definition), anywhere)
    if stored.num_rows:
        row_of = pc.index_in(codes.dictionary, stored["id"]).take(codes.indices)
        is_stored, is_there = row_of.is_valid(), pa.scalar(True)
        for name in PLACE:
            is_there = pc.and_(is_there, pc.equal(rows[name].combine_chunks(), stored[name].take(row_of).combine_chunks()))
        found[_flags(is_stored)] = Standing.DUPLICATE
        again = np.flatnonzero(_flags(is_there))
        found[again[_first_of_each(codes.indices.take(pa.array(again)))]] = Standing.RERUN
    return found


def _stored(
    lake: Lake, table: Table, definition: canonical.Table, ids: pa.Array, days: set[date] | None, anywhere: Collection[str]
) -> pa.Table:
    """The ids that the lake holds, each once with its place."""
    identity = definition.columns[0].name
    near = newest_files(table, days)
    known = {file.file_path for file in near}
    far = [file for file in newest_files(table) if file.file_path not in known] if anywhere else []
    if not near and not far:
        return pa.table({name: pa.array([], pa.string()) for name in ("id", *PLACE)})
    with connect() as connection:
        for name, files, asked in (("near", near, ids), ("far", far, pa.array(list(anywhere), pa.string()))):
            mount_files(connection, f"{name}_rows", lake, definition, files, [identity, *PLACE])
            connection.register(f"{name}_ids", pa.table({"id": asked}))
        return connection.sql(_STORED.format(identity=identity)).to_arrow_table()


def _first_of_each(codes: pa.Array) -> NDArray[np.intp]:
    """Where each code stands first."""
    return np.unique(codes.to_numpy(), return_index=True)[1]


def _flags(flags: pa.Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.fill_null(flags, False).to_numpy(zero_copy_only=False)
    return found


def days_of(rows: pa.Table, definition: canonical.Table) -> set[date] | None:
    """The UTC days of the rows, or None for a table without day partitions."""
    if definition.partition_by is None:
        return None
    days: list[Any] = pc.unique(rows.column(definition.partition_by).cast(pa.date32())).to_pylist()
    return set(days)


_STORED: Final = """
select distinct on (id) id, source_object, source_offset from (
    select {identity} as id, source_object, source_offset from near_rows where {identity} in (select id from near_ids)
    union all
    select {identity}, source_object, source_offset from far_rows where {identity} in (select id from far_ids)
)
"""
