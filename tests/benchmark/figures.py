"""A measured figure, and how often to measure it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("orjson", "jinja2", "pyarrow", "duckdb", "pyiceberg", "phonenumbers")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table; `note` says what was measured, or beside what; `ratio` is to a figure of the same run."""

    name: str
    value: str
    note: str = ""
    ratio: float | None = None


def cpu_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """CPU seconds of this process for the work, best of some runs: what a busy machine changes least."""
    best = float("inf")
    for _ in range(runs):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def rate(records: int, seconds: float) -> str:
    """Records a second of CPU, and µs a record."""
    return f"{records / seconds:,.0f}/s, {seconds / records * 1e6:.1f} µs"


def machine(day: date) -> list[Figure]:
    """What the figures were measured on, and how busy it was."""
    model = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return [
        Figure("day", day.isoformat()),
        Figure("processor", f"{os.cpu_count()} cores, {model}"),
        Figure("load", f"{os.getloadavg()[0]:.1f} when it began"),
        Figure("python", platform.python_version()),
        *(Figure(name, version(name)) for name in LIBRARIES),
    ]


def page(title: str, what: str, figures: Iterable[Figure]) -> str:
    """A section of a page: the figures as a table."""
    lines = [f"| {figure.name} | {figure.value} | {figure.note} |" for figure in figures]
    return "\n".join([f"## {title}", "", *([what, ""] if what else []), "| | | |", "|---|---|---|", *lines, ""])


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
