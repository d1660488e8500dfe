"""Commands of the ingest room: init, ingest, simulate, redact, templates, dead-letters."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engagedb.settings import Settings

app = typer.Typer()

LakeOption = Annotated[str | None, typer.Option("--lake", help="Folder or s3:// prefix of the lake. [env: ENGAGEDB_LAKE, default: ./lake]")]
KeyOption = Annotated[
    Path | None, typer.Option("--key-file", help="Keyring file. [env: ENGAGEDB_KEY_FILE or ENGAGEDB_PSEUDONYM_KEY, default: <lake>.key]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]


def settings_with(lake: str | None, key_file: Path | None = None) -> Settings:
    """The environment's settings, with what the command line says instead."""
    settings = Settings.from_environment()
    changes = {name: value for name, value in (("lake", lake), ("key_file", key_file)) if value is not None}
    return settings.model_copy(update=changes)


def utc_now() -> datetime:
    return datetime.now(UTC)


@app.command("init")
def init_command(lake: LakeOption = None, key_file: KeyOption = None) -> None:
    """Make a lake and its key.

    The key file is the only way to recognise the same person again: back it up, and keep it away from the lake.

    Example: engagedb init --lake ./my-lake
    """
    from engagedb.output import messages
    from lake.catalog import Lake
    from lake.keyring import create_keyring

    settings = settings_with(lake, key_file)
    keyring, place = create_keyring(settings, settings.lake)
    made = Lake.create(settings, keyring)
    messages.print(f"{'Made' if made.was_created else 'Completed'} the lake {made.root}", soft_wrap=True)
    messages.print(f"Key: {place}. Back it up: without it no dead letter can be opened and nobody can be found again.", soft_wrap=True)


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
