"""engagedb demo: a synthetic week on this machine, from landing objects to answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engagedb.options import utc_now
from engagedb.settings import Settings

REPORTS = ("delivery_by_country_v1", "feedback_completion_v1", "protect_v1")


def demo_command(
    folder: Annotated[Path, typer.Option(help="Where the demo's landing zone, lake and key go.")] = Path("demo"),
    events: Annotated[int, typer.Option(help="About so many events.", min=1_000)] = 60_000,
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="End after the reports.")] = False,
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
) -> None:
    """Generate a week of traffic, ingest it, print the headline reports and serve the dashboard.

    Running it again ingests nothing twice.

    Example: engagedb demo --no-dashboard
    """
    from engagedb.output import messages
    from ingest.begin import begin_lake
    from ingest.demo_landing import make_landing
    from ingest.run import ingest
    from lake.catalog import Lake
    from lake.keyring import require_keyring
    from lake.manifest import read_manifest
    from lake.results import print_relation

    settings = Settings.from_environment().model_copy(
        update={"lake": str(folder / "lake"), "key_file": folder / "lake.key", "pseudonym_key": None, "catalog": None}
    )
    landing = make_landing(folder, events)
    if read_manifest(settings.lake) is None:
        begin_lake(settings, existing_key=True)
    tally = ingest(
        Lake.open(settings), require_keyring(settings, settings.lake), [str(landing)], settings, clock=utc_now, progress=lambda _: _quiet
    )
    typer.echo(tally.sentence())
    for name in REPORTS:
        print_relation(settings, name)
    if no_dashboard:
        messages.print(f"Look further: engagedb query --lake {settings.lake} \"SELECT channel, count(*) AS messages FROM messages GROUP BY channel\"")
        return
    from dashboards.cli import serve

    serve(settings.lake, port=port)


def _quiet(done_bytes: int, records: int) -> None:
    """The demo's ingest is short; its summary follows at once."""
