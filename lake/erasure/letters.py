"""Dead letters that name a subject: the row stays and is counted, its record is destroyed."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from transforms.canonical import DEAD_LETTERS
from transforms.subjects import INDEX, LEFT
from transforms.vocabulary import DeadLetterStatus


def emptied(rows: pa.Table, found: pa.Array | pa.ChunkedArray, now: datetime | None) -> pa.Table:
    """The dead letters, those that were found without record and excerpt, and no longer open. `now` is when their status changed."""
    is_open = pc.and_(found, pc.equal(rows["status"], str(DeadLetterStatus.OPEN)))
    for name, treatment in INDEX[DEAD_LETTERS.name].items():
        if treatment in LEFT:
            rows = _put(rows, name, found, LEFT[treatment])
    if now is not None:
        rows = _put(rows, "status_at", is_open, now)
    return _put(rows, "status", is_open, str(DeadLetterStatus.DISCARDED))


def _put(rows: pa.Table, name: str, where: pa.Array | pa.ChunkedArray, value: object) -> pa.Table:
    field = rows.schema.field(name)
    column = pc.if_else(where, pa.scalar(value, field.type), rows[name])
    return rows.set_column(rows.column_names.index(name), field, column)
