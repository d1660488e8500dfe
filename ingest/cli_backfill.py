"""engagedb backfill: past days again, with the templates of today."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now

if TYPE_CHECKING:
    from ingest.backfill import Progress


def backfill_command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE", help="Files, folders and s3:// prefixes that hold the days' events.")],
    since: Annotated[
        datetime,
        typer.Option("--from", metavar="DAY", formats=["%Y-%m-%d"], help="First UTC day of events to rebuild, such as 2026-01-31."),
    ],
    until: Annotated[datetime, typer.Option("--to", metavar="DAY", formats=["%Y-%m-%d"], help="Last UTC day of events to rebuild.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the table backfills.")],
    lake: LakeOption = None,
    key_file: KeyOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Go on when events come from objects that are gone: they stay as they are.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Rebuild past days from landing, with today's templates.

    Readers see the days as they were until they see them as they are. Events arrive after they happen, so name the objects of some
    days after the last one too. What cannot be rebuilt stays.

    Example: engagedb backfill in --from 2026-01-05 --to 2026-01-11 --reason fix
    """
    from engagedb.output import counted, metered, print_json
    from ingest.backfill import backfill
    from lake.catalog import Lake
    from lake.keyring import require_keyring

    settings = settings_with(lake, key_file)
    keyring = require_keyring(settings, settings.lake)
    opened = Lake.open(settings)
    with metered("Reading", 0, shown=not as_json) as meter:

        def progress(total: int) -> Progress:
            meter.expect(total)
            return meter.advance

        done = backfill(
            opened, keyring, sources, settings, since.date(), until.date(), reason, may_keep=yes, clock=utc_now, progress=progress
        )  # fmt: skip
    if as_json:
        print_json(done.as_json())
        return
    events = done.events
    typer.echo(f"{counted(done.records, 'record')} read from {counted(done.objects, 'object')}, {done.refused:,} refused.")
    typer.echo(
        f"{counted(events.before, 'event')} before, {events.after:,} after: {events.rebuilt:,} rebuilt, {events.added:,} added,"
        f" {events.moved:,} moved to or from another day, {events.withdrawn:,} withdrawn, {events.kept:,} kept as they were."
    )
