"""engagedb demo: a synthetic week on this machine, from landing objects to answers."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from engagedb.options import utc_now
from engagedb.settings import Settings

DAYS: Final = 7
SEED: Final = 7
SCENARIOS: Final = ("pumping", "outage", "silence")
REPORTS: Final = ("delivery_by_country_v1", "feedback_completion_v1", "protect_v1")


def demo_command(
    folder: Annotated[Path, typer.Option(help="Where the demo's landing zone, lake and key go.")] = Path("demo"),
    events: Annotated[int, typer.Option(help="About so many events.", min=1_000)] = 60_000,
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="End after the reports.")] = False,
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
) -> None:
    """Generate a week of traffic, ingest it, print the headline reports and serve the dashboard.

    Running it again generates and ingests nothing twice.

    Example: engagedb demo --no-dashboard
    """
    from engagedb.output import metered
    from ingest.begin import begin_lake
    from ingest.run import Progress, ingest
    from lake.catalog import Lake
    from lake.keyring import key_path, require_keyring

    settings = Settings.from_environment().model_copy(
        update={"lake": str(folder / "lake"), "key_file": folder / "lake.key", "pseudonym_key": None, "catalog": None}
    )
    landing = _landing(folder, events)
    begin_lake(settings, existing_key=key_path(settings, settings.lake).exists())
    with metered("Ingesting", 0, shown=True) as meter:

        def progress(total: int) -> Progress:
            meter.expect(total)
            return meter.advance

        tally = ingest(Lake.open(settings), require_keyring(settings, settings.lake), [str(landing)], settings, clock=utc_now, progress=progress)
    typer.echo(tally.sentence())
    _report(settings)
    if no_dashboard:
        typer.echo(f"Ask more: engagedb query --lake {settings.lake} \"SELECT channel, outcome, count(*) AS messages FROM messages GROUP BY ALL\"")
        return
    from dashboards.cli import dashboard_command

    dashboard_command(lake=settings.lake, port=port, address="127.0.0.1")


def _landing(folder: Path, events: int) -> Path:
    """The demo's landing folder, complete; a stopped earlier call left at most a `.partial` one, which is begun anew."""
    from ingest.simulate.simulate import simulate

    landing, partial = folder / "landing", folder / "landing.partial"
    if not landing.exists():
        typer.echo(f"Generating {DAYS} days of made-up traffic, about {events:,} events ...")
        shutil.rmtree(partial, ignore_errors=True)
        simulate(
            partial, days=DAYS, events=events, seed=SEED, scenarios=SCENARIOS, truth_path=folder / "truth.json", workers=os.cpu_count() or 1
        )
        partial.rename(landing)
    return landing


def _report(settings: Settings) -> None:
    from lake.results import write_table
    from lake.session import Session

    session = Session.open(settings, utc_now())
    for name in REPORTS:
        typer.echo(f"\n{name}")
        write_table(session.mart(name).limit(8).to_arrow_reader(8), sys.stdout)
