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
    identity = definition.columns[0].name
    columns = [identity, *PLACE]
    near = newest_files(table, days_of(rows, definition))
    incoming = rows.select(columns).rename_columns(["id", *PLACE])
    with connect() as connection:
        connection.register("incoming", incoming.append_column("row", pa.array(np.arange(rows.num_rows))))
        mount_files(connection, "near_rows", lake, definition, near, columns)
        known = {file.file_path for file in near}
        far = [file for file in newest_files(table) if file.file_path not in known] if anywhere else []
        mount_files(connection, "far_rows", lake, definition, far, columns)
        connection.register("anywhere", pa.table({"id": pa.array(list(anywhere), pa.string())}))
        found = connection.sql(_STANDINGS.format(identity=identity)).fetchnumpy()
    return np.asarray(found["standing"], np.int8)


def days_of(rows: pa.Table, definition: canonical.Table) -> set[date] | None:
    """The UTC days of the rows, or None for a table without day partitions."""
    if definition.partition_by is None:
        return None
    days: list[Any] = pc.unique(rows.column(definition.partition_by).cast(pa.date32())).to_pylist()
    return set(days)


_STANDINGS: Final = """
with lake_rows as (
    select {identity} as id, source_object, source_offset from near_rows where {identity} in (select id from incoming)
    union all
    select {identity}, source_object, source_offset from far_rows where {identity} in (select id from anywhere)
),

stored as materialized (
    select distinct on (id) id, source_object, source_offset from lake_rows
),

numbered as (
    select
        *,
        row_number() over (partition by id order by row) as copy,
        row_number() over (partition by id, source_object, source_offset order by row) as copy_of_place
    from incoming
)

select
    case
        when stored.id is null and copy = 1 then 0
        when numbered.source_object = stored.source_object and numbered.source_offset = stored.source_offset and copy_of_place = 1 then 1
        else 2
    end as standing
from numbered
left join stored using (id)
order by row
"""
