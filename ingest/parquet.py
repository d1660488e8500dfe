"""The rows of a Parquet file as JSON documents, one a line, in bounded memory.

A row gives the same bytes at every reading, so that its place among them tells it again after a stop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_AT_ONCE: Final = 512
_BROKEN: Final = (pa.ArrowException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Damage:
    """Why the file, or one of its row groups, cannot be read to its end."""

    detail: str


def rows(file: IO[bytes]) -> Iterator[bytes | Damage]:
    """The rows, several a chunk, each with a line break; after the readable rows of a damaged group those of the next.

    Columns keep their names; a map is an object, a time an ISO text, a decimal a text. A text that is no UTF-8 stands as its
    bytes, for whoever reads the documents to refuse that row alone.
    """
    try:
        parquet = pq.ParquetFile(file)
    except _BROKEN:
        yield Damage("the Parquet file is damaged or cut: its directory cannot be read")
        return
    for group in range(parquet.num_row_groups):
        try:
            for batch in parquet.iter_batches(ROWS_AT_ONCE, row_groups=[group], use_threads=False):
                yield _lines(batch)
        except _BROKEN:
            yield Damage("a row group of the Parquet file is damaged, its rest cannot be read")


def _lines(batch: pa.RecordBatch) -> bytes:
    try:
        return b"".join(_line(row) for row in batch.to_pylist(maps_as_pydicts="lossy"))
    except UnicodeDecodeError:
        binary = batch.cast(pa.schema([pa.field(field.name, _as_bytes(field.type)) for field in batch.schema]))
        return b"".join(_bytes_line(row) for row in binary.to_pylist(maps_as_pydicts="lossy"))


def _line(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, default=_written, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)


def _bytes_line(row: dict[Any, Any]) -> bytes:
    """The same for a row whose texts are bytes: what is no UTF-8 stays as it is."""
    text = json.dumps(_text(row), default=_written, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape") + b"\n"


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return {_text(key): _text(inner) for key, inner in value.items()}
    return [_text(inner) for inner in value] if isinstance(value, list) else value


def _as_bytes(type_: pa.DataType) -> pa.DataType:
    """The type with bytes in the place of its texts."""
    if pa.types.is_string(type_):
        return pa.binary()
    if pa.types.is_list(type_):
        return pa.list_(_as_bytes(type_.value_type))
    if pa.types.is_map(type_):
        return pa.map_(_as_bytes(type_.key_type), _as_bytes(type_.item_type))
    return type_


def _written(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
