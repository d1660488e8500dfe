"""engagedb ingest: landing objects into the lake, with a bar while it works and counts that add up at the end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now

if TYPE_CHECKING:
    from engagedb.settings import Settings
    from ingest.run import Landed, Progress
    from ingest.tally import Tally

INTERVAL_S: Final = 10.0


def ingest_command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE", help="Files, folders and s3:// prefixes.")],
    lake: LakeOption = None,
    key_file: KeyOption = None,
    as_json: JsonOption = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes that read: by default as many as pay, at most four.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on with what comes later, until SIGTERM or Ctrl-C.")] = False,
    interval: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.1, help=f"With --watch: how often to look, by default every {INTERVAL_S:.0f}.")
    ] = None,
    health: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --watch: JSON file that tells state, last commit, lag, counts, last error.")
    ] = None,
) -> None:
    """Read landing objects into the lake, each of them once.

    Interrupted or failed, the same call continues and adds nothing twice. Records that cannot become events are kept
    as dead letters, with a reason.

    With --watch it commits what is new as soon as a look brings nothing more, at the latest after 40,000 records or
    five minutes. While the sources or the lake do not answer it waits, ever longer. SIGTERM and Ctrl-C end it with the
    batch committed and exit code 0; --json prints one line per commit.

    Example: engagedb ingest ./landing s3://my-bucket/eum/
    """
    if jobs is not None and jobs > 1:  # else it is known only later
        from ingest.forks import prepare_forks

        prepare_forks()
    from engagedb.errors import ConfigurationError
    from engagedb.output import print_json

    if watch:
        _watch(settings_with(lake, key_file), sources, INTERVAL_S if interval is None else interval, health, jobs, as_json=as_json)
        return
    if interval is not None or health is not None:
        raise ConfigurationError("--interval and --health are for --watch. Add it, or leave them out.")
    tally = ingest_with_meter(settings_with(lake, key_file), sources, jobs, shown=not as_json)
    if as_json:
        print_json(tally.as_json())
    else:
        print_summary(tally)


def ingest_with_meter(settings: Settings, sources: Sequence[str], jobs: int | None = None, *, shown: bool) -> Tally:
    """The counts of ingesting the sources into the lake of the settings."""
    from engagedb.output import metered
    from engagedb.process import leave_pandas_out
    from ingest.run import ingest
    from lake.catalog import Lake
    from lake.keyring import require_keyring

    leave_pandas_out()
    keyring = require_keyring(settings, settings.lake)
    opened = Lake.open(settings)
    with metered("Ingesting", 0, shown=shown) as meter:

        def progress(total: int) -> Progress:
            meter.expect(total)
            return meter.advance

        return ingest(opened, keyring, sources, settings, clock=utc_now, progress=progress, jobs=jobs)


def _watch(settings: Settings, sources: Sequence[str], interval_s: float, health: Path | None, jobs: int | None, *, as_json: bool) -> None:
    from ingest.stopping import Stop

    stop = Stop()
    with stop.by_signals():  # before the slow imports, so that no early signal is met unprepared
        from engagedb.output import messages, print_json
        from engagedb.process import leave_pandas_out
        from ingest.health import HealthFile
        from ingest.watch import Watching, watch
        from lake.catalog import Lake
        from lake.keyring import require_keyring

        def tell(landed: Landed) -> None:
            if as_json:
                print_json(landed.as_json())
            else:
                typer.echo(landed.sentence())
            sys.stdout.flush()

        def warn(sentence: str) -> None:
            messages.print(sentence, markup=False, soft_wrap=True)

        leave_pandas_out()
        keyring = require_keyring(settings, settings.lake)
        how = Watching(interval_s, tell, warn, HealthFile(health), jobs)
        tally = watch(Lake.open(settings), keyring, sources, settings, how, stop, clock=utc_now)
    if not as_json:
        print_summary(tally)


def print_summary(tally: Tally) -> None:
    """The counts for people: what the records became, why some were refused, what is new in the lake."""
    from engagedb.output import counted

    typer.echo(tally.sentence())
    if tally.reasons:
        typer.echo("Dead letters: " + ", ".join(f"{count:,} {reason}" for reason, count in sorted(tally.reasons.items())))
    if tally.late:
        typer.echo(f"Late: {counted(tally.late, 'event')} ({tally.late_share:.1%})")
    if tally.engine is not None:
        typer.echo(tally.engine.sentence())
    rate = tally.records / tally.seconds if tally.seconds else 0
    rows = f"{counted(tally.rows['events'], 'new event')}, {counted(tally.rows['notices'], 'new notice')}"
    typer.echo(f"{rows} in {tally.seconds:.1f} s ({rate:,.0f} records/s)")
