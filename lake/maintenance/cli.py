"""engagedb maintain: the upkeep of a lake, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.options import JsonOption, LakeOption, settings_with, utc_now

if TYPE_CHECKING:
    from lake.maintenance.maintain import Maintained

app = typer.Typer()


@app.command("maintain")
def maintain_command(
    lake: LakeOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, and tell what would be done.")] = False,
    keep_hours: Annotated[
        int, typer.Option("--keep-hours", metavar="HOURS", min=24, help="Keep snapshots so long after a newer one took their place.")
    ] = 24,
    keep_newest: Annotated[
        int, typer.Option("--keep-newest", metavar="NUMBER", min=1, help="Keep so many of the newest snapshots of each table, however old.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Keep a lake small and fast: run it daily.

    Rows older than the setting ENGAGEDB_RETENTION_DAYS are removed, messages that stand in several rows are joined, small files
    are merged, old snapshots are expired (tagged ones stay) and files that nothing uses are deleted. It is safe beside readers and
    ingests, and a run that was stopped is completed by the next one.

    Example: engagedb maintain --dry-run

    Example: engagedb maintain --keep-hours 168
    """
    from datetime import timedelta

    from engagedb.output import print_json
    from lake.catalog import Lake
    from lake.maintenance.maintain import maintain

    opened = Lake.open(settings_with(lake))
    done = maintain(opened, utc_now(), keep=timedelta(hours=keep_hours), keep_newest=keep_newest, dry_run=dry_run)
    if as_json:
        print_json(done.as_json())
    else:
        _print(done)


def _print(done: Maintained) -> None:
    from engagedb.output import counted, print_rows

    told = done.as_json()
    columns = {
        "rows_retired": "rows retired", "files_before": "files", "files_after": "files after", "snapshots_expired": "snapshots expired",
        "snapshots_kept": "snapshots kept", "tags_deleted": "tags deleted", "orphans_swept": "files swept", "bytes_swept": "bytes swept",
    }  # fmt: skip
    print_rows(["table", *columns.values()], [[name, *(counts[key] for key in columns)] for name, counts in told["tables"].items()])
    typer.echo(f"{counted(done.joined, 'message')} joined." + (" Nothing was changed: this is what would be done." if done.dry_run else ""))
