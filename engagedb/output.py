"""What people see: one console for words on stderr, data on stdout, and a progress bar for long work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

PIPE_WIDTH: Final = 10_000  # a program that reads a table wants no line broken

messages = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON value on stdout, for programs."""
    sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode() + "\n")


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on stdout; no cell is ever cut, because people copy ids out of it."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", pad_edge=False)
    for position, name in enumerate(columns):
        is_number = bool(rows) and isinstance(rows[0][position], (int, float))
        table.add_column(Text(name), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in row))
    console.print(table)


def counted(number: int, noun: str) -> str:
    """`1 dead letter`, `2,000 dead letters`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size_words(size_bytes: int) -> str:
    """`812 B`, `4.1 KB`, `1,250.0 MB`."""
    if size_bytes < 1_000:
        return f"{size_bytes} B"
    return f"{size_bytes / 1e3:,.1f} KB" if size_bytes < 1_000_000 else f"{size_bytes / 1e6:,.1f} MB"


class Meter:
    """A progress bar in bytes that also tells records per second."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total, rate="")

    def expect(self, total: int) -> None:
        """Set the bytes to come."""
        self._progress.update(self._task, total=total)

    def advance(self, done_bytes: int, records: int) -> None:
        """Show `done_bytes` more done, and `records` read so far."""
        self._progress.update(self._task, advance=done_bytes)
        elapsed = self._progress.tasks[self._task].elapsed or 0
        if elapsed > 0:
            self._progress.update(self._task, rate=f"{records:,} records, {records / elapsed:,.0f}/s")


@contextmanager
def metered(label: str, total: int, *, shown: bool) -> Iterator[Meter]:
    """A meter on stderr; it shows only on a terminal, and not when `shown` is false."""
    columns = (
        TextColumn(label), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=messages, disable=not (shown and messages.is_terminal), transient=True) as progress:
        yield Meter(progress, total)


@contextmanager
def share_bar(label: str, *, shown: bool) -> Iterator[Callable[[float], None]]:
    """A bar on stderr that is told the share done so far, 0 to 1; it shows under the same conditions as a meter."""
    columns = (TextColumn(label), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages, disable=not (shown and messages.is_terminal), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda share: progress.update(task, completed=share)
