"""Writes the answer of a query: as a table for people, as CSV, JSON or Parquet for programs, row group by row group.

Each writer gives the number of rows that it wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final, TextIO

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engagedb.output import PIPE_WIDTH
from transforms import canonical

TABLE_ROWS: Final = 200
NARROWEST_CELL: Final = 9
# A spreadsheet runs a cell that begins like this, some also in full width; a number that begins with a sign is harmless.
FORMULA: Final = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
QUOTED: Final = re.compile(r'[",\r\n]')
NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


def write_csv(rows: pa.RecordBatchReader, out: TextIO) -> int:
    """Header and rows; NULL is an empty cell, times are ISO 8601 in UTC, texts that a spreadsheet would run get a ' in front."""
    out.write(_csv_line(map(_csv_cell, rows.schema.names)))
    count = 0
    for batch in rows:
        columns = [_csv_cells(column) for column in batch.columns]
        out.write("".join(map(_csv_line, zip(*columns, strict=True))))
        count += batch.num_rows
    return count


def write_json(rows: pa.RecordBatchReader, out: TextIO, *, between: str = "\n") -> int:
    """One array of objects, a row per line or with something else between them; money keeps all of its digits."""
    count = 0
    for row in _rows(rows):
        before = "," if count else "["
        out.write(f"{before}{between}{orjson.dumps(row, default=_exact, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()}")
        count += 1
    out.write(f"{between}]{between}" if count else f"[]{between}")
    return count


def write_parquet(rows: pa.RecordBatchReader, out: IO[bytes]) -> int:
    """One Parquet file with the types of the answer."""
    count = 0
    with pq.ParquetWriter(out, rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def write_table(rows: pa.RecordBatchReader, out: TextIO) -> int:
    """A table, or one block per row when the columns do not fit; the first 200 rows, and how to get the others."""
    console = Console(file=out, highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    shown: list[list[object]] = []
    is_cut = False
    for row in _rows(rows):
        if len(shown) == TABLE_ROWS:
            is_cut = True
            break
        shown.append(list(row.values()))
    names = rows.schema.names
    if len(names) * NARROWEST_CELL > console.width and shown:
        _print_blocks(console, names, shown)
    else:
        _print_table(console, rows.schema, shown)
    if is_cut:
        console.print(f"The first {TABLE_ROWS} rows. Add --format csv or a LIMIT to see others.", style="dim")
    return len(shown)


def _print_table(console: Console, schema: pa.Schema, shown: list[list[object]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", pad_edge=False)
    for field in schema:
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type)
        table.add_column(Text(field.name), justify="right" if is_number else "left", overflow="fold")
    for row in shown:
        table.add_row(*(Text(readable(cell)) for cell in row))
    console.print(table)


def _print_blocks(console: Console, names: list[str], shown: list[list[object]]) -> None:
    widest = max(map(len, names))
    for number, row in enumerate(shown, start=1):
        console.print(Text(f"row {number}", style="bold"))
        for name, cell in zip(names, row, strict=True):
            if cell is not None:
                console.print(Text(f"  {name:<{widest}}  {readable(cell)}"), soft_wrap=True)


def readable(cell: object) -> str:
    """A cell as people read it: nothing for NULL, no trailing zeros, times to the second unless there is more."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.6g}"
    if isinstance(cell, Decimal):
        text = f"{cell:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="milliseconds" if cell.microsecond else "seconds").replace("+00:00", "Z")
    return str(_plain(cell))


def _rows(rows: pa.RecordBatchReader) -> Iterator[dict[str, Any]]:
    """Rows with unique keys: a repeated column name gets its position."""
    names = [name if rows.schema.names.index(name) == at else f"{name}_{at + 1}" for at, name in enumerate(rows.schema.names)]
    for batch in rows:
        yield from batch.rename_columns(names).to_pylist(maps_as_pydicts="lossy")


def _csv_cells(column: pa.Array) -> list[str]:
    """A column at a time: many are empty, times need not become objects, and texts are repeated."""
    if column.null_count == len(column):
        return [""] * len(column)
    if column.type == canonical.TIMESTAMP:
        column = pc.replace_substring(pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ"), ".000000Z", "Z")
    cells: list[Any] = column.to_pylist(maps_as_pydicts="lossy")
    if not pa.types.is_string(column.type):
        return list(map(_csv_cell, cells))
    texts = {cell: _csv_cell(cell) for cell in set(cells)}
    return [texts[cell] for cell in cells]


def _csv_cell(cell: object) -> str:
    """The csv module leaves a lone carriage return unquoted, which its own reader then refuses; this quotes it."""
    text = "" if cell is None else _harmless(cell) if isinstance(cell, str) else str(_plain(cell))
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def _csv_line(cells: Iterable[str]) -> str:
    return (",".join(cells) or '""') + "\n"


def _harmless(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def _plain(cell: object) -> object:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, dict | list):
        return json.dumps(cell, default=str, ensure_ascii=False)
    if isinstance(cell, bytes):
        return cell.hex()
    return cell


def _exact(cell: object) -> object:
    if isinstance(cell, Decimal):
        return orjson.Fragment(f"{cell:f}") if cell.is_finite() else None
    return cell.hex() if isinstance(cell, bytes) else str(cell)
