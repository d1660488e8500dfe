"""The command `engagedb query`: rows in the asked format, and what they cost to read."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now

if TYPE_CHECKING:
    import pyarrow as pa

    from lake.query.session import Question, Session


SinceOption = Annotated[
    datetime | None,
    typer.Option("--from", metavar="DAY", formats=["%Y-%m-%d"], help="First UTC day of the mart's window, such as 2026-01-31."),
]
UntilOption = Annotated[
    datetime | None, typer.Option("--to", metavar="DAY", formats=["%Y-%m-%d"], help="Last UTC day of the mart's window.")
]


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def query_command(
    query: Annotated[str | None, typer.Argument(metavar="SQL", help="One SELECT over the relations.")] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="MART", help="A mart, with or without its version.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAMES", help="Dimensions to group by, comma-separated; 'all' gives one row.")
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", metavar="WORD", help="Keep this channel; may be repeated, as the next ones.")
    ] = None,
    country: Annotated[
        list[str] | None, typer.Option("--country", metavar="WORD", help="Keep this country of the recipient, ISO alpha-2.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option("--account", metavar="WORD", help="Keep this AWS account.")] = None,
    region: Annotated[list[str] | None, typer.Option("--region", metavar="WORD", help="Keep this AWS region.")] = None,
    tenant: Annotated[list[str] | None, typer.Option("--tenant", metavar="WORD", help="Keep this tenant.")] = None,
    use_case: Annotated[list[str] | None, typer.Option("--use-case", metavar="WORD", help="Keep this use case.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to write the rows.")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="File to write to instead of stdout.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace an output file that exists.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the files that it would read, and the plan, instead of rows.")] = False,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Add the relation same_person (pseudonym, person_id), which joins across key rotations.")
    ] = False,
    lake: LakeOption = None,
    key_file: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the lake: SQL that only reads, or a mart by its name.

    A line on stderr tells the rows, the time and the bytes scanned: those of the columns that are asked for, in the files that may
    hold the rows. With --json, rows and these figures are one object on stdout. In CSV, texts that a spreadsheet would take for a
    formula get a ' in front; JSON and Parquet hold every text as it is.

    Only --with-key needs the lake's key. Its relation same_person gives each pseudonym of an older key the newest one of the same
    person: LEFT JOIN same_person ON pseudonym = recipient_id, then coalesce(person_id, recipient_id) is one id for all history.

    Example: engagedb query "SELECT count(*) AS messages FROM messages"

    Example: engagedb query --name delivery --from 2026-01-05 --channel sms

    Example: engagedb query --name delivery --from 2026-01-05 --explain
    """
    asked = {"channel": channel, "country": country, "account": account, "region": region, "tenant": tenant, "use_case": use_case}
    filters: dict[str, list[str]] = {key: values for key, values in asked.items() if values}
    if (query is None) == (name is None):
        raise ConfigurationError("Give either one SELECT in quotes or --name MART, such as engagedb query --name delivery_by_country.")
    if query is not None and (since or until or by or filters):
        raise ConfigurationError("--from, --to, --by and filters belong to --name MART. Write them into the WHERE of your SELECT.")
    if as_json and format_ not in (Format.TABLE, Format.JSON):
        raise ConfigurationError(f"--json and --format {format_} exclude each other. Leave one out.")
    session = open_session(lake, key_file, with_key=with_key)
    if query is not None:
        question = session.question(query)
    else:
        groups = None if by is None else [] if by == "all" else [part.strip() for part in by.split(",")]
        question = session.mart_question(str(name), since=day_of_option(since), until=day_of_option(until), by=groups, **filters)
    if explain:
        from lake.query.explain import print_explanation

        print_explanation(session, question, as_json=as_json)
    else:
        _run(session, lambda: _answer(session, question, None if as_json else format_, output, yes))


def open_session(lake: str | None, key_file: str | None = None, *, with_key: bool = False) -> Session:
    """The lake for reading, as of now."""
    from lake.keyring import require_keyring
    from lake.query.session import Session

    settings = settings_with(lake, key_file)
    return Session.open(settings, utc_now(), require_keyring(settings, settings.lake) if with_key else None)


def day_of_option(stated: datetime | None) -> date | None:
    """The UTC day that a window option names."""
    return None if stated is None else stated.date()


def _run(session: Session, work: Callable[[], None]) -> None:
    """Does the work in a thread, because the engine does not look at Ctrl-C while it is busy; this one does."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        try:
            done.result()
        except KeyboardInterrupt:
            while not done.done():  # the engine does not hear what comes before it begins
                session.interrupt()
                wait([done], timeout=0.1)
            raise


def _answer(session: Session, question: Question, format_: Format | None, output: Path | None, yes: bool) -> None:
    """Writes the rows, and what they cost; None for a format is one JSON object with both."""
    from engagedb.output import counted, messages, size_words
    from lake.query.results import write_csv, write_json, write_parquet, write_table
    from lake.query.session import engine_errors

    if format_ is Format.PARQUET and output is None and sys.stdout.isatty():
        raise ConfigurationError("Parquet is binary. Name a file with --output, or send it into a pipe.")
    began = time.perf_counter()
    with engine_errors(question.columns):
        answer = session.answer(question)
        with messages.status("Reading the lake"):  # gone before the first row, which would be written over it
            rows = _begun(answer.to_arrow_reader(10_000))
        with _opened(output, yes) as out:
            if format_ is Format.PARQUET:
                count = write_parquet(rows, out)
            else:
                text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
                if format_ is None:
                    text.write('{"rows":')
                    count = write_json(rows, text, between="")
                    scanned = session.scanned_bytes(session.reads(question))
                    text.write(f',"row_count":{count},"seconds":{time.perf_counter() - began:.3f},"bytes_scanned":{scanned}}}\n')
                else:
                    count = {Format.TABLE: write_table, Format.CSV: write_csv, Format.JSON: write_json}[format_](rows, text)
                text.detach()
    if format_ is not None:
        seconds = time.perf_counter() - began
        scanned = session.scanned_bytes(session.reads(question))
        messages.print(f"{counted(count, 'row')} in {seconds:.2f} s, {size_words(scanned)} scanned", style="dim", soft_wrap=True)


def _begun(rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The same rows; the first of them are computed already."""
    import pyarrow as pa

    first = next(rows, None)
    return pa.RecordBatchReader.from_batches(rows.schema, chain(() if first is None else (first,), rows))


@contextmanager
def _opened(output: Path | None, yes: bool) -> Iterator[BinaryIO]:
    """Stdout, or a file that appears under its name only when it is complete."""
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if output.exists() and not yes:
        raise ConfigurationError(f"{output} exists. Name another file, or add --yes to replace it.")
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(output)
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error.strerror}. Choose a place that you may write to.") from None
    finally:
        unfinished.unlink(missing_ok=True)
