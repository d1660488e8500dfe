"""engagedb dead-letters: what could not become an event, and what to do about it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from engagedb.errors import ConfigurationError, Reason
from engagedb.options import JsonOption, KeyOption, LakeOption, YesOption, settings_with, utc_now
from transforms.vocabulary import DeadLetterStatus

if TYPE_CHECKING:
    from ingest.run import Progress

app = typer.Typer(no_args_is_help=True, help="Records that could not become events.")

TIMES: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
ReasonOption = Annotated[Reason | None, typer.Option(help="Only this reason.")]
SourceOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only letters that this template refused.")]
SinceOption = Annotated[datetime | None, typer.Option(metavar="TIME", formats=TIMES, help="Ingested at or after this UTC day or time.")]
UntilOption = Annotated[datetime | None, typer.Option(metavar="TIME", formats=TIMES, help="Ingested before this UTC day or time.")]


def _utc(moment: datetime | None) -> datetime | None:
    from datetime import UTC

    return moment.replace(tzinfo=UTC) if moment else None


@app.command("list")
def list_command(
    lake: LakeOption = None,
    reason: ReasonOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    status: Annotated[DeadLetterStatus, typer.Option(help="Only this status.")] = DeadLetterStatus.OPEN,
    limit: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="At most so many.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List dead letters, oldest first; only open ones by default.

    Example: engagedb dead-letters list --reason bad_timestamp
    """
    from engagedb.output import counted, print_json, print_rows
    from lake.catalog import Lake
    from lake.dead_letters import find_dead_letters

    opened = Lake.open(settings_with(lake))
    letters = find_dead_letters(opened, reason=reason, source=source, since=_utc(since), until=_utc(until), status=status)
    rows = letters.slice(0, limit).to_pylist()
    if as_json:
        print_json([_for_people(row) for row in rows])
        return
    shown = ["dead_letter_id", "reason", "source", "detail"]
    if rows:
        print_rows(shown, [[row[name] for name in shown] for row in rows])
    counts = Counter(letters["reason"].to_pylist())
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()))
    typer.echo(counted(letters.num_rows, f"{status} dead letter") + (f": {by_reason}" if by_reason else ""))
    if letters.num_rows > limit:
        typer.echo(f"{letters.num_rows - limit:,} of them are not shown. Raise --limit to see them.")


@app.command("show")
def show_command(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="As dead-letters list shows it.")],
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one dead letter with its redacted excerpt.

    The record itself is sealed in the lake and is not printed.

    Example: engagedb dead-letters show hfkgmbdaoeplcjni
    """
    from engagedb.output import print_json
    from lake.catalog import Lake

    (row,) = _named(Lake.open(settings_with(lake)), [letter_id]).to_pylist()
    if as_json:
        print_json(_for_people(row))
        return
    for name, value in _for_people(row).items():
        typer.echo(f"{name:17} {'' if value is None else value}")


@app.command("replay")
def replay_command(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="These letters; without any, all open ones that the options choose.")
    ] = None,
    lake: LakeOption = None,
    key_file: KeyOption = None,
    reason: ReasonOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try open dead letters again with the templates of today.

    What becomes an event does so once, however often it is replayed; what is refused again stays open.

    Example: engagedb dead-letters replay --reason template_error
    """
    from engagedb.output import counted, metered, print_json
    from ingest.replay import replay
    from lake.catalog import Lake
    from lake.dead_letters import find_dead_letters
    from lake.keyring import require_keyring

    settings = settings_with(lake, key_file)
    keyring = require_keyring(settings, settings.lake)
    opened = Lake.open(settings)
    if ids:
        _named(opened, ids)
    letters = find_dead_letters(
        opened, ids=ids or None, reason=reason, source=source, since=_utc(since), until=_utc(until), status=DeadLetterStatus.OPEN
    )
    with metered("Trying again", 0, shown=not as_json) as meter:

        def progress(total: int) -> Progress:
            meter.expect(total)
            return meter.advance

        done = replay(opened, keyring, settings, letters, clock=utc_now, progress=progress)
    if as_json:
        print_json(done.as_json())
        return
    replayed = done.tried - done.refused
    typer.echo(f"{counted(done.tried, 'dead letter')} tried: {replayed:,} replayed, {done.refused:,} refused again and still open.")
    typer.echo(f"{counted(done.tally.rows['events'], 'new event')}, {counted(done.tally.rows['notices'], 'new notice')}.")


@app.command("discard")
def discard_command(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="The letters to discard.")], lake: LakeOption = None, yes: YesOption = False
) -> None:
    """Set dead letters aside: they stay, and no replay tries them.

    Example: engagedb dead-letters discard hfkgmbdaoeplcjni --yes
    """
    from engagedb.output import counted
    from lake.catalog import Lake
    from lake.dead_letters import set_status

    opened = Lake.open(settings_with(lake))
    found = _named(opened, ids)
    if not yes:
        raise ConfigurationError(f"{counted(found.num_rows, 'dead letter')} would be discarded. Add --yes to do it.")
    changed = set_status(opened, found["dead_letter_id"].to_pylist(), DeadLetterStatus.DISCARDED, utc_now())
    typer.echo(f"{counted(changed, 'dead letter')} discarded.")


def _named(lake: Any, ids: list[str]) -> Any:
    from lake.dead_letters import find_dead_letters

    found = find_dead_letters(lake, ids=ids)
    missing = sorted(set(ids) - set(found["dead_letter_id"].to_pylist()))
    if missing:
        raise ConfigurationError(f"There is no dead letter {missing[0]}. List them with engagedb dead-letters list.")
    return found


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in row.items()
        if name != "sealed_record"
    }
