"""engagedb templates diff: what a changed template would change, before it is used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, settings_with, utc_now

if TYPE_CHECKING:
    from ingest.diff_templates import Difference, SourceDifference


def diff_command(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Folder or s3:// prefix of templates, or one source's own folder.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, changed.")],
    sample: Annotated[
        int, typer.Option("--sample", metavar="NUMBER", min=1, help="Compare so many records, the newest objects' first.")
    ] = 1_000,
    landing: Annotated[
        list[str] | None,
        typer.Option(
            "--landing", metavar="PLACE", help="File, folder or s3:// prefix of landing data; else the prefixes of ENGAGEDB_LANDING."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what NEW would change on recent landing data.

    Nothing is stored, and no key is needed: values are compared and shown redacted, and pseudonyms are made with a key of the moment.
    Exit code 0 when nothing changes, 1 when something does, 2 when nothing could be compared.

    Example: engagedb templates diff templates my-templates --landing ./landing
    """
    from engagedb.output import print_json, share_bar
    from ingest.diff_templates import diff_templates
    from transforms.pseudonyms import derive_first

    settings = settings_with()
    places = landing or list(settings.landing)
    if not places:
        raise ConfigurationError("There is no landing data to compare on. Name it with --landing, or by prefix in ENGAGEDB_LANDING.")
    with share_bar("Comparing", shown=not as_json) as told:
        keyring = derive_first(os.urandom(32))  # nothing is stored, and what is shown must not be linkable
        found = diff_templates(old, new, places, sample, settings, keyring, utc_now(), told)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    if found.is_any:
        raise typer.Exit(1)


def _print(found: Difference) -> None:
    from engagedb.output import counted

    if not found.templates:
        typer.echo("The templates are the same.")
        return
    compared = f"{counted(found.records, 'record')} of {', '.join(found.templates)} in the {counted(found.objects, 'newest object')}"
    typer.echo(f"{compared}: {found.records - found.changed:,} give the same rows, {found.changed:,} do not.")
    for told, counts in (("become dead letters", found.refused), ("are no more dead letters", found.accepted)):
        for why, count in counts.most_common():
            typer.echo(f"{counted(count, 'record')} {told}: {why}")
    for source, changes in sorted(found.sources.items()):
        if changes.changed or changes.identity_rule_changed or changes.time_rule_changed:
            typer.echo(f"\n{source}: {changes.changed:,} of {counted(changes.records, 'record')} change.")
            _print_source(changes)


def _print_source(changes: SourceDifference) -> None:
    from engagedb.output import counted, print_rows

    if changes.identity_rule_changed or changes.identity_changed:
        typer.secho(
            f"IDENTITY CHANGES{_where(changes.identity_changed)}. Each event that a lake holds would come in a second time, so ingest"
            " refuses it there. Keep the identity and what it uses, or give the mapping another source name.",
            fg=typer.colors.RED,
            bold=True,
        )
    if changes.time_rule_changed or changes.time_changed:
        typer.echo(
            f"The time changes{_where(changes.time_changed)}. Stored events keep their old time"
            " until you run engagedb backfill over their days."
        )
    for count, told in ((changes.rows_gained, "more"), (changes.rows_lost, "less")):
        if count:
            typer.echo(f"{counted(count, 'row')} {told}.")
    rows = []
    for name, column in sorted(changes.columns.items(), key=lambda entry: (-entry[1].records, entry[0])):
        for position, (before, after) in enumerate(column.examples):
            rows.append([name if position == 0 else None, column.records if position == 0 else None, before, after])
    if rows:
        print_rows(["column", "records", "old", "new"], rows)


def _where(count: int) -> str:
    from engagedb.output import counted

    return f" in {counted(count, 'record')}" if count else " by its rule, though in none of these records"
