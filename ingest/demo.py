"""engagedb demo: a synthetic week on this machine, from landing objects to answers."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from engagedb.options import utc_now

if TYPE_CHECKING:
    from engagedb.settings import Settings

DAYS: Final = 7
SEED: Final = 7
SCENARIOS: Final = ("pumping", "outage", "silence")
# What the week shows: the largest countries, an attack that the provider's own feedback chart cannot see, and its price.
REPORTS: Final = {
    "delivery_by_country_v1": "SELECT country_name, messages, delivery_rate, latency_p50_s, receipt_trust FROM delivery_by_country_v1"
    " WHERE country_name IS NOT NULL ORDER BY messages DESC LIMIT 3",
    "feedback_completion_v1": "SELECT recipient_country, expected_count, silent_count, completion_rate, provider_completion_rate"
    " FROM feedback_completion_v1 WHERE expected_count >= 20 ORDER BY completion_rate, recipient_country LIMIT 3",
    "protect_v1": "SELECT recipient_country, messages, recommended_count, blocked_count, exposure_usd FROM protect_v1"
    " ORDER BY exposure_usd DESC, recipient_country LIMIT 3",
}


def demo_command(
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the demo's landing zone, lake and key go.")] = Path("demo"),
    events: Annotated[int, typer.Option(metavar="NUMBER", min=1_000, help="About so many events.")] = 60_000,
    no_dashboard: Annotated[bool, typer.Option("--no-dashboard", help="End after the reports.")] = False,
    port: Annotated[int, typer.Option(metavar="NUMBER", min=1, max=65535, help="Port of the dashboard.")] = 8501,
) -> None:
    """Make up a week of traffic, ingest it and show the answers.

    It ends by serving the dashboard. Running it again generates and ingests nothing twice.

    Example: engagedb demo --no-dashboard
    """
    from engagedb.settings import Settings
    from ingest.begin import begin_lake
    from ingest.cli_ingest import ingest_with_meter, print_summary
    from lake.keyring import key_path

    settings = Settings.from_environment().model_copy(
        update={"lake": str(folder / "lake"), "key_file": str(folder / "lake.key"), "pseudonym_key": None, "catalog": None}
    )
    landing = _landing(folder, events)
    begin_lake(settings, existing_key=key_path(settings, settings.lake).exists())
    print_summary(ingest_with_meter(settings, [str(landing)], shown=True))
    _report(settings)
    if no_dashboard:
        typer.echo(
            f'\nAsk more: engagedb query --lake {settings.lake} "SELECT channel, outcome, count(*) AS messages FROM messages GROUP BY ALL"'
        )
        return
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "engagedb", "dashboard", "--lake", settings.lake, "--port", str(port)])


def _landing(folder: Path, events: int) -> Path:
    """The demo's landing folder, complete; a stopped earlier call left at most a `.partial` one, which is begun anew."""
    from engagedb.output import share_bar
    from ingest.simulate.simulate import simulate

    landing, partial = folder / "landing", folder / "landing.partial"
    if not landing.exists():
        typer.echo(f"Generating {DAYS} days of made-up traffic, about {events:,} events ...")
        shutil.rmtree(partial, ignore_errors=True)
        with share_bar("Generating", shown=True) as progress:
            simulate(
                partial,
                days=DAYS,
                events=events,
                seed=SEED,
                scenarios=SCENARIOS,
                truth_path=folder / "truth.json",
                workers=os.cpu_count() or 1,
                progress=progress,
            )
        partial.rename(landing)
    return landing


def _report(settings: Settings) -> None:
    from lake.query.results import write_table
    from lake.query.session import Session

    session = Session.open(settings, utc_now())
    for name, query in REPORTS.items():
        typer.echo(f"\n{session.relations[name].question} ({name})")
        write_table(session.sql(query).to_arrow_reader(100), sys.stdout)
