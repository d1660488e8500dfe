"""Commands of the lake room for readers: query, trace, marts."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from engagedb.settings import Settings
    from lake.query.session import Session
    from transforms.pseudonyms import Pseudonymiser

app = typer.Typer()
marts_app = typer.Typer(no_args_is_help=True, help="What can be asked by name: list, describe, check.")
app.add_typer(marts_app, name="marts")


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@app.command("query")
def query_command(
    query: Annotated[str | None, typer.Argument(metavar="SQL", help="One SELECT over the relations.")] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="MART", help="A mart, with or without its version.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", metavar="DAY", formats=["%Y-%m-%d"], help="First UTC day of the mart's window, such as 2026-01-31."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", metavar="DAY", formats=["%Y-%m-%d"], help="Last UTC day of the mart's window.")
    ] = None,
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
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Add the relation same_person (pseudonym, person_id), which joins across key rotations.")
    ] = False,
    lake: LakeOption = None,
    key_file: KeyOption = None,
) -> None:
    """Ask the lake: SQL that only reads, or a mart by its name.

    Only --with-key needs the lake's key. Its relation same_person gives each pseudonym of an older key the newest one of the same
    person: LEFT JOIN same_person ON pseudonym = recipient_id, then coalesce(person_id, recipient_id) is one id for all history.

    Example: engagedb query "SELECT count(*) AS messages FROM messages"

    Example: engagedb query --name delivery --from 2026-01-05 --channel sms
    """
    asked = {"channel": channel, "country": country, "account": account, "region": region, "tenant": tenant, "use_case": use_case}
    filters: dict[str, list[str]] = {key: values for key, values in asked.items() if values}
    if (query is None) == (name is None):
        raise ConfigurationError("Give either one SELECT in quotes or --name MART, such as engagedb query --name delivery_by_country.")
    if query is not None and (since or until or by or filters):
        raise ConfigurationError("--from, --to, --by and filters belong to --name MART. Write them into the WHERE of your SELECT.")
    session = _session(lake, key_file, with_key=with_key)
    if query is not None:
        answer = session.sql(query)
    else:
        groups = None if by is None else [] if by == "all" else [part.strip() for part in by.split(",")]
        answer = session.mart(str(name), since=_day(since), until=_day(until), by=groups, **filters)
    _run(session, lambda: _write(answer, format_, output, yes))


@app.command("trace")
def trace_command(
    message_id: Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="The provider's message id, or the mid_ that stands for it.")],
    lake: LakeOption = None,
    key_file: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one message's life as a timeline.

    An id that embeds a number is stored as mid_ and found only with the lake's key.

    Example: engagedb trace 0100018f-example-000000
    """
    from rich.console import Console

    from engagedb.output import PIPE_WIDTH, messages, print_json
    from lake.query.trace import print_trace, trace

    settings = settings_with(lake, key_file)
    pseudonymiser = _pseudonymiser(settings)
    found = trace(_session(lake), message_id, pseudonymiser)
    if found is None:
        hint = "" if pseudonymiser else " Without the lake's key, ids that embed a number cannot be found: name it with --key-file."
        messages.print(f"The lake has no message of that id.{hint}", soft_wrap=True)
        raise typer.Exit(1)
    if as_json:
        print_json({"message_id": found.message_id, "messages": found.messages, "events": found.steps})
    else:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = PIPE_WIDTH
        print_trace(found, console)


@marts_app.command("list")
def marts_list_command(as_json: JsonOption = False) -> None:
    """List what can be asked, with the question that each answers.

    Example: engagedb marts list
    """
    from engagedb.output import print_json, print_rows
    from lake.query.relations import Relations

    relations = Relations(settings_with().sql_folder)
    if as_json:
        print_json([{"name": r.name, "kind": r.kind, "grain": r.grain, "question": r.question} for r in relations.values()])
    else:
        print_rows(["name", "kind", "question"], [[r.name, str(r.kind), r.question] for r in relations.values()])


@marts_app.command("describe")
def marts_describe_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A relation, with or without its version.")],
    sql: Annotated[Literal["duckdb", "athena"] | None, typer.Option("--sql", help="Print the SQL text for this engine instead.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a relation: grain, columns, units, denominators.

    Example: engagedb marts describe feedback_completion

    Example: engagedb marts describe protect --sql athena
    """
    from engagedb.output import print_json
    from lake.query.describe import as_mapping, print_description
    from lake.query.relations import Relations
    from lake.query.render import Asked, Engine, render

    relation = Relations(settings_with().sql_folder).resolve(name)
    if sql is not None:
        typer.echo(render(relation, Engine(sql), Asked(utc_now())))
    elif as_json:
        print_json(as_mapping(relation))
    else:
        print_description(relation)


@marts_app.command("check")
def marts_check_command(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One relation; all of them by default.")] = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the relations' checks on the lake; exit 1 when one fails.

    Example: engagedb marts check
    """
    from engagedb.output import print_json
    from lake.query.checks import Severity, run_checks

    session = _session(lake)
    chosen = [session.relations.resolve(name)] if name else list(session.relations.values())
    results = [result for relation in chosen for result in run_checks(session, relation)]
    if as_json:
        print_json(
            [
                {"relation": r.check.relation, "severity": r.check.severity, "rule": r.check.rule, "broken_count": r.broken_count}
                for r in results
            ]
        )
    else:
        for result in results:
            word = "ok" if result.is_passed else f"{result.check.severity} ({result.broken_count} rows)"
            typer.echo(f"{word:<16} {result.check.relation}: {result.check.rule}")
    if any(not result.is_passed and result.check.severity is Severity.FAIL for result in results):
        raise typer.Exit(1)


def _session(lake: str | None, key_file: str | None = None, *, with_key: bool = False) -> Session:
    from lake.keyring import require_keyring
    from lake.query.session import Session

    settings = settings_with(lake, key_file)
    return Session.open(settings, utc_now(), require_keyring(settings, settings.lake) if with_key else None)


def _day(stated: datetime | None) -> date | None:
    return None if stated is None else stated.date()


def _pseudonymiser(settings: Settings) -> Pseudonymiser | None:
    """None when this lake's key is not here and nobody names one: ids in clear can be looked up all the same."""
    from lake.catalog import Lake
    from lake.keyring import has_key, require_keyring
    from transforms.pseudonyms import Pseudonymiser

    if not has_key(settings, settings.lake):
        return None
    keyring = require_keyring(settings, settings.lake)
    Lake.open(settings).check_key(keyring)
    return Pseudonymiser(keyring)


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


def _write(answer: duckdb.DuckDBPyRelation, format_: Format, output: Path | None, yes: bool) -> None:
    from engagedb.output import messages
    from lake.query.results import write_csv, write_json, write_parquet, write_table
    from lake.query.session import engine_errors

    if format_ is Format.PARQUET and output is None and sys.stdout.isatty():
        raise ConfigurationError("Parquet is binary. Name a file with --output, or send it into a pipe.")
    with engine_errors():
        with messages.status("Reading the lake"):  # gone before the first row, which would be written over it
            rows = _begun(answer.to_arrow_reader(10_000))
        with _opened(output, yes) as out:
            if format_ is Format.PARQUET:
                write_parquet(rows, out)
            else:
                text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
                {Format.TABLE: write_table, Format.CSV: write_csv, Format.JSON: write_json}[format_](rows, text)
                text.detach()


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
