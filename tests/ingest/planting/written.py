"""Everything that stands below a folder, as text: names, bytes, columns of Parquet files, blocks of Avro files, rows of SQLite files."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def texts(folder: Path) -> Iterator[tuple[str, str, str]]:
    """File, column (or `bytes`, `name`) and text; the values of a column once each, on lines of their own."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield name, "name", name
        if not path.is_file():
            continue
        data = path.read_bytes()
        try:
            yield name, "bytes", data.decode("utf-8")
        except UnicodeDecodeError:
            yield name, "bytes", data.decode("latin-1")
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for column in table.column_names:
                yield name, column, _lines(table.column(column).to_pylist())
        elif path.suffix == ".avro":
            yield name, "bytes", b"\n".join(_blocks(data)).decode("latin-1")
        elif data.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(path)) as connection:
                tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                for table in tables:
                    yield name, "bytes", _lines(list(connection.execute(f'SELECT * FROM "{table}"')))


def _lines(values: list[Any]) -> str:
    return "\n".join({text for value in values for text in _strings(value)})


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for member in value:
            yield from _strings(member)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    elif value is not None:
        yield str(value)


def _blocks(data: bytes) -> Iterator[bytes]:
    """The deflated blocks of an Avro container, wherever they begin: what is none does not inflate."""
    marker = data[-16:]
    at = data.index(marker) + 16
    while at < len(data):
        for _ in range(2):  # count and size, seven bits a byte
            size, shift = 0, 0
            while True:
                byte = data[at]
                size |= (byte & 127) << shift
                at, shift = at + 1, shift + 7
                if byte < 128:
                    break
        size = size >> 1
        block = data[at : at + size]
        at += size + 16
        try:
            yield zlib.decompress(block, -15)
        except zlib.error:
            yield block
