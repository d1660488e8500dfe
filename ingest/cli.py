"""Commands of the ingest room: init, ingest, simulate, redact, templates, dead-letters."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now
from ingest.cli_dead_letters import app as dead_letters
from ingest.cli_templates import app as templates
from ingest.demo import demo_command
from ingest.simulate.cli import simulate_command

app = typer.Typer()
app.command("demo")(demo_command)
app.command("simulate")(simulate_command)
app.add_typer(templates, name="templates")
app.add_typer(dead_letters, name="dead-letters")


@app.command("init")
def init_command(
    lake: LakeOption = None,
    key_file: KeyOption = None,
    existing_key: Annotated[
        bool, typer.Option("--existing-key", help="Make the lake with the key file that is already there, instead of a new one.")
    ] = False,
) -> None:
    """Make a lake and its key, or complete a lake that was begun.

    The key file is the only way to recognise the same person again: back it up, and keep it away from the lake.

    Example: engagedb init --lake ./my-lake
    """
    from ingest.begin import begin_lake

    for sentence in begin_lake(settings_with(lake, key_file), existing_key=existing_key):
        typer.echo(sentence)


@app.command("ingest")
def ingest_command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders and s3:// prefixes.", show_default=False)],
    lake: LakeOption = None,
    key_file: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read what Firehose delivered into the lake; the same object is read once.

    Example: engagedb ingest ./landing s3://my-bucket/eum/
    """
    from engagedb.output import metered, print_json
    from ingest.run import Progress, ingest
    from lake.catalog import Lake
    from lake.keyring import require_keyring

    settings = settings_with(lake, key_file)
    keyring = require_keyring(settings, settings.lake)
    opened = Lake.open(settings)
    with metered("Ingesting", 0, shown=not as_json) as meter:

        def progress(total: int) -> Progress:
            meter.expect(total)
            return meter.advance

        tally = ingest(opened, keyring, sources, settings, clock=utc_now, progress=progress)
    if as_json:
        print_json(tally.as_json())
        return
    typer.echo(tally.sentence())
    if tally.reasons:
        typer.echo("Dead letters: " + ", ".join(f"{count:,} {reason}" for reason, count in sorted(tally.reasons.items())))
    rate = tally.records / tally.seconds if tally.seconds else 0
    typer.echo(f"{tally.rows['events']:,} new events, {tally.rows['notices']:,} new notices in {tally.seconds:.1f} s ({rate:,.0f} records/s)")


@app.command("redact")
def redact_command() -> None:
    """Redact free text: JSON lines {"id", "text"} in, the same lines redacted out. Needs no key.

    Example: echo '{"id": 1, "text": "call +1 206 555 0100"}' | engagedb redact
    """
    from ingest.redact_lines import redact_lines

    raise typer.Exit(redact_lines(sys.stdin, sys.stdout))
