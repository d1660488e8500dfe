"""The command `engagedb simulate`."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.options import JsonOption
from ingest.simulate.scenarios import scenario_names

if TYPE_CHECKING:
    from ingest.simulate.simulate import Summary


def simulate_command(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write the objects into; it must be new or empty.")],
    start: Annotated[
        datetime | None, typer.Option(metavar="DAY", formats=["%Y-%m-%d"], help="First UTC day; by default Monday 2026-01-05.")
    ] = None,
    days: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="How many days.")] = 7,
    events: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="About how many events in all.")] = 100_000,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="The same seed and options give the same bytes.")] = 7,
    scenario: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"What goes wrong, may be repeated: {', '.join(scenario_names())}.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File for the true counts; by default FOLDER.truth.json beside the folder.")
    ] = None,
    workers: Annotated[int | None, typer.Option(metavar="NUMBER", min=1, help="Processes; by default one per processor.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write made-up traffic as Firehose would deliver it.

    The truth about it goes to a file apart, so that reports can be compared with it.

    Example: engagedb simulate landing --events 100000 --scenario pumping
    """
    from engagedb.output import print_json, share_bar
    from ingest.simulate.simulate import DEFAULT_START, simulate

    began = time.perf_counter()
    with share_bar("Simulating", shown=not as_json) as progress:
        summary = simulate(
            out,
            start=start.date() if start else DEFAULT_START,
            days=days,
            events=events,
            seed=seed,
            scenarios=scenario or (),
            truth_path=truth,
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    seconds = time.perf_counter() - began
    if as_json:
        print_json(_as_mapping(out, summary, seconds))
    else:
        _print(out, summary, seconds)


def _as_mapping(out: Path, summary: Summary, seconds: float) -> dict[str, object]:
    truth = summary.truth
    counts = {"objects": summary.objects, "records": summary.records, "bytes": summary.bytes}
    parts = {name: truth[name] for name in ("fates", "rows", "messages")}
    return {"folder": str(out), "truth": str(summary.truth_path), **counts, **parts, "seconds": round(seconds, 3)}


def _print(out: Path, summary: Summary, seconds: float) -> None:
    from engagedb.output import print_rows

    messages = summary.truth["messages"]
    print_rows(
        ["channel", "direction", "messages"],
        [[channel, direction, count] for channel, directions in messages.items() for direction, count in directions.items()],
    )
    fates = sorted(summary.truth["fates"].items(), key=lambda pair: -pair[1])
    listed = " + ".join(f"{count:,} {fate.replace('_', ' ')}" for fate, count in fates)
    events = summary.truth["rows"]["events"]
    typer.echo(f"{summary.records:,} records in {summary.objects:,} objects ({summary.bytes / 1e6:,.1f} MB) = {listed}")
    typer.echo(f"{events:,} events in {seconds:.1f} s ({events / seconds:,.0f}/s)")
    typer.echo(f"The objects are in {out}, the truth about them in {summary.truth_path}.")
