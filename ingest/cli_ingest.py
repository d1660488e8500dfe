"""engagedb ingest: landing objects into the lake, with a bar while it works and counts that add up at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now

if TYPE_CHECKING:
    from engagedb.settings import Settings
    from ingest.run import Progress
    from ingest.tally import Tally


def ingest_command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE", help="Files, folders and s3:// prefixes.")],
    lake: LakeOption = None,
    key_file: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read landing objects into the lake, each of them once.

    Interrupted or failed, the same call continues and adds nothing twice. Records that cannot become events are kept
    as dead letters, with a reason.

    Example: engagedb ingest ./landing s3://my-bucket/eum/
    """
    from engagedb.output import print_json

    tally = ingest_with_meter(settings_with(lake, key_file), sources, shown=not as_json)
    if as_json:
        print_json(tally.as_json())
    else:
        print_summary(tally)


def ingest_with_meter(settings: Settings, sources: Sequence[str], *, shown: bool) -> Tally:
    """The counts of ingesting the sources into the lake of the settings."""
    from engagedb.output import metered
    from ingest.run import ingest
    from lake.catalog import Lake
    from lake.keyring import require_keyring

    keyring = require_keyring(settings, settings.lake)
    opened = Lake.open(settings)
    with metered("Ingesting", 0, shown=shown) as meter:

        def progress(total: int) -> Progress:
            meter.expect(total)
            return meter.advance

        return ingest(opened, keyring, sources, settings, clock=utc_now, progress=progress)


def print_summary(tally: Tally) -> None:
    """The counts for people: what the records became, why some were refused, what is new in the lake."""
    from engagedb.output import counted

    typer.echo(tally.sentence())
    if tally.reasons:
        typer.echo("Dead letters: " + ", ".join(f"{count:,} {reason}" for reason, count in sorted(tally.reasons.items())))
    rate = tally.records / tally.seconds if tally.seconds else 0
    rows = f"{counted(tally.rows['events'], 'new event')}, {counted(tally.rows['notices'], 'new notice')}"
    typer.echo(f"{rows} in {tally.seconds:.1f} s ({rate:,.0f} records/s)")
