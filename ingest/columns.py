"""Canonical rows as Arrow tables: each table's schema exactly, absent columns null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from transforms.canonical import MAP, Table

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
    arrays = []
    for column, values in zip(schema, zip(*rows, strict=True), strict=True):
        if column.type == MAP:
            arrays.append(pa.array([None if value is None else list(value.items()) for value in values], type=MAP))
        else:
            arrays.append(pa.array(values, type=column.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
