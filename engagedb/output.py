"""What people see: one console for words on stderr, data on stdout, and a progress bar for long work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

messages = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON object on stdout, for programs."""
    sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")


def print_rows(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """A small table on stdout."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if rows and isinstance(rows[0][columns.index(name)], (int, float)) else "left")
    for row in rows:
        table.add_row(*("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    Console(highlight=False).print(table)


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
