"""The command `engagedb simulate`."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from engagedb.errors import ConfigurationError
from ingest.simulate.scenarios import scenario_names
from ingest.simulate.simulate import DEFAULT_START, Summary, simulate


def simulate_command(
    out: Annotated[Path, typer.Argument(help="Folder to write the objects into; it must be new or empty.")],
    start: Annotated[str, typer.Option(help="First day, as YYYY-MM-DD (UTC).")] = DEFAULT_START.isoformat(),
    days: Annotated[int, typer.Option(min=1, help="How many days.")] = 7,
    events: Annotated[int, typer.Option(min=1, help="About how many events in all.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed and options give the same bytes.")] = 7,
    scenario: Annotated[list[str] | None, typer.Option(help=f"What goes wrong, may be repeated: {', '.join(scenario_names())}.")] = None,
    truth: Annotated[Path | None, typer.Option(help="File for the true counts; by default OUT.truth.json beside the folder.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one per processor.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Write a made-up message history as Firehose would deliver it, and the truth about it to a file apart.

    Example: engagedb simulate landing --days 7 --events 100000 --scenario pumping --scenario outage
    """
    try:
        first = date.fromisoformat(start)
    except ValueError:
        raise ConfigurationError(f"--start {start} is not a day; write it as YYYY-MM-DD, such as {DEFAULT_START}.") from None
    columns = (TextColumn("simulating"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json or not sys.stderr.isatty()) as bar:
        task = bar.add_task("simulating", total=1.0)
        began = time.perf_counter()
        summary = simulate(
            out, start=first, days=days, events=events, seed=seed, scenarios=scenario or (), truth_path=truth,
            workers=workers or os.cpu_count() or 1, progress=lambda share: bar.update(task, completed=share),
        )  # fmt: skip
        seconds = time.perf_counter() - began
    if as_json:
        typer.echo(json.dumps(_as_mapping(out, summary, seconds)))
    else:
        _print(out, summary, seconds)


def _as_mapping(out: Path, summary: Summary, seconds: float) -> dict[str, object]:
    truth = summary.truth
    counts = {"objects": summary.objects, "records": summary.records, "bytes": summary.bytes}
    parts = {name: truth[name] for name in ("fates", "rows", "messages")}
    return {"folder": str(out), "truth": str(summary.truth_path), **counts, **parts, "seconds": round(seconds, 3)}


def _print(out: Path, summary: Summary, seconds: float) -> None:
    table = Table(title=f"{out}: {summary.objects:,} objects, {summary.bytes / 1e6:,.1f} MB", title_justify="left")
    table.add_column("channel")
    table.add_column("direction")
    table.add_column("messages", justify="right")
    for channel, directions in summary.truth["messages"].items():
        for direction, count in directions.items():
            table.add_row(channel, direction, f"{count:,}")
    console = Console()
    console.print(table)
    fates = sorted(summary.truth["fates"].items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{count:,} {fate.replace('_', ' ')}" for fate, count in fates)
    console.print(f"{summary.records:,} records: {listed}", soft_wrap=True)
    events = summary.truth["rows"]["events"]
    console.print(f"{events:,} events in {seconds:.1f} s, {events / seconds:,.0f} a second")
    console.print(f"truth in {summary.truth_path}", soft_wrap=True)
