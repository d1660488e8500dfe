"""engagedb erase: persons taken out of a lake, and the signed report of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, KeyOption, LakeOption, YesOption, settings_with, utc_now

if TYPE_CHECKING:
    from lake.erasure.erase import Erasure
    from transforms.pseudonyms import Keyring
    from transforms.subject import Subject


def erase_command(
    recipients: Annotated[
        list[str] | None, typer.Option("--recipient", metavar="VALUE", help="Phone number with + or e-mail address; may be repeated.")
    ] = None,
    recipient_ids: Annotated[
        list[str] | None, typer.Option("--recipient-id", metavar="ID", help="Pseudonym as the lake shows it; may be repeated.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A file of these, one a line; keeps them out of ps.")] = None,
    lake: LakeOption = None,
    key_file: KeyOption = None,
    yes: YesOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, and tell what would be done.")] = False,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write the signed report to this file too.")] = None,
    verify: Annotated[Path | None, typer.Option("--verify", metavar="FILE", help="Erase nothing: check the signature of a report.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take persons out of the lake, and keep them out.

    Every table is searched, dead letters too. What is about the persons is emptied; counts, countries and money stay. Records up to
    this moment that come again are ingested without them; later messages to the same address are new data. Landing objects and
    backups are not changed: the report names the objects.

    Example: engagedb erase --file subjects.txt --dry-run

    Example: engagedb erase --recipient +12065550123 --yes --report erased.json
    """
    from engagedb.output import counted, print_json, share_bar
    from ingest.erase import erase
    from lake.catalog import Lake
    from lake.erasure.report import report_of, verify_report, write_report
    from lake.keyring import require_keyring

    settings = settings_with(lake, key_file)
    keyring = require_keyring(settings, settings.lake)
    if verify is not None:
        told = verify_report(verify, keyring)
        typer.echo(f"The report of {told.get('erased_at')} on {counted(told.get('subjects', 0), 'subject')} is genuine.")
        return
    opened = Lake.open(settings)
    opened.check_key(keyring)
    subjects = _subjects(keyring, recipients or [], recipient_ids or [], file)
    with share_bar("Erasing", shown=not as_json) as bar:
        done = erase(opened, keyring, subjects, now=utc_now(), dry_run=dry_run or not yes, tell=bar)
    if not yes and not dry_run:
        raise ConfigurationError(f"{_sentence(done)} This cannot be taken back. Add --yes to do it, or --dry-run to see more.")
    stated = report_of(done, opened, keyring)
    if report is not None:
        write_report(report, stated)
    if as_json:
        print_json(stated)
    else:
        _print(done)


def _subjects(keyring: Keyring, recipients: list[str], recipient_ids: list[str], file: Path | None) -> list[Subject]:
    from transforms.subject import SubjectReader

    reader = SubjectReader(keyring)
    subjects = [reader.read(text, f"--recipient number {number}") for number, text in enumerate(recipients, start=1)]
    subjects += [reader.read(text, f"--recipient-id number {number}") for number, text in enumerate(recipient_ids, start=1)]
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise ConfigurationError(f"{file} is no text. Write one subject a line, in UTF-8.") from None
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be read: {error.strerror}. Check the path.") from None
        subjects += reader.read_lines(lines, str(file))
    if not subjects:
        raise ConfigurationError("Nobody to erase is named. Use --recipient, --recipient-id or --file.")
    return list({subject.tombstones: subject for subject in subjects}.values())


def _sentence(done: Erasure) -> str:
    from engagedb.output import counted

    counts = {name: emptied.rows_erased for name, emptied in done.tables.items()}
    verb = "would be emptied" if done.dry_run else "emptied"
    return (
        f"{counted(done.subjects, 'subject')}, {done.subjects_found:,} found: {counted(counts.get('events', 0), 'event')},"
        f" {counted(counts.get('messages', 0), 'message')} and {counted(counts.get('dead_letters', 0), 'dead letter')} {verb}."
    )


def _print(done: Erasure) -> None:
    from engagedb.output import counted, print_rows

    names = ["table", "rows emptied", "other rows cleaned", "files rewritten"]
    print_rows(names, [[name, e.rows_erased, e.rows_cleaned, e.files_rewritten] for name, e in done.tables.items()])
    typer.echo(_sentence(done))
    if done.letters_unreadable:
        typer.echo(f"{counted(done.letters_unreadable, 'dead letter')} could not be opened and searched.")
    if done.places:
        records = counted(sum(len(found) for found in done.places.values()), "record")
        typer.echo(f"They came from {records} of {counted(len(done.places), 'landing object')}: --json or --report lists them.")
    dated = [holder.expires_after for holder in done.holders if holder.expires_after is not None]
    if dated:
        when = f"{max(dated):%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{counted(len(dated), 'old snapshot')} still hold them for readers: engagedb maintain removes them after {when}.")
    if len(dated) < len(done.holders):
        typer.echo(f"{counted(len(done.holders) - len(dated), 'tagged snapshot')} hold them until somebody takes the tag away.")
