"""Canonical rows as Arrow tables: each table's schema exactly, absent columns null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, chain
from typing import Any, Final

import pyarrow as pa

from transforms.canonical import MAP, TIMESTAMP, Table

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ROWS_PER_CHUNK: Final = 5_000  # rows as Python values cost ten times what they cost in Arrow, so few of them live at once


class TableBuilder:
    """Collects rows of one table; `finish` gives them as one Arrow table and starts anew."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._schema = table.schema
        self._pending: list[tuple[Any, ...]] = []
        self._chunks: list[pa.RecordBatch] = []

    def add(self, cells: tuple[Any, ...]) -> None:
        """Keep the row, whose cells are in the order of the columns."""
        self._pending.append(cells)
        if len(self._pending) >= ROWS_PER_CHUNK:
            self._flush()

    def finish(self) -> pa.Table:
        self._flush()
        chunks, self._chunks = self._chunks, []
        return pa.Table.from_batches(chunks, schema=self._schema)

    def _flush(self) -> None:
        if self._pending:
            self._chunks.append(_columns(self._pending, self._schema))
            self._pending = []


def record_batch(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """The rows, one or more, as one Arrow batch."""
    return _columns([cells_of(row, schema.names) for row in rows], schema)


def cells_of(row: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    """The row's values in the order of the columns, absent ones null."""
    return tuple(map(row.get, names))


def _columns(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [_column(values, column.type) for column, values in zip(schema, zip(*rows, strict=True), strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == MAP:
        return _maps(values)
    return _times(values) if kind == TIMESTAMP else pa.array(values, type=kind)


def _times(times: Sequence[datetime | None]) -> pa.Array:
    """The times, as what has passed since 1970: of a time Arrow would ask its zone, each time anew."""
    return pa.array([time and time - _EPOCH for time in times], pa.duration("us")).view(TIMESTAMP)


def _maps(maps: Sequence[dict[str, str] | None]) -> pa.Array:
    """The maps, their entries end to end: given as pairs Arrow would look at each of them."""
    known = list(filter(None, maps))
    ends = list(accumulate([0 if entries is None else len(entries) for entries in maps], initial=0))
    starts = [None if entries is None else start for entries, start in zip(maps, ends, strict=False)]
    return pa.MapArray.from_arrays(
        pa.array([*starts, ends[-1]], pa.int32()),
        pa.array(list(chain.from_iterable(known)), pa.string()),
        pa.array(list(chain.from_iterable(map(dict.values, known))), pa.string()),
    )
