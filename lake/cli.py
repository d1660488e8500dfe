"""Commands of the lake room for readers: query, trace, marts."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from engagedb.errors import ConfigurationError
from engagedb.output import messages, print_json
from engagedb.settings import Settings
from lake.render import Engine
from lake.results import PIPE_WIDTH, Format

if TYPE_CHECKING:
    import duckdb

    from lake.session import Session
    from transforms.pseudonyms import Pseudonymiser

app = typer.Typer()
marts_app = typer.Typer(no_args_is_help=True, help="What can be asked by name: list, describe, check.")
app.add_typer(marts_app, name="marts")

LakeOption = Annotated[str | None, typer.Option("--lake", help="Folder or s3:// prefix of the lake. [env: ENGAGEDB_LAKE, default: ./lake]")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("query")
def query_command(
    query: Annotated[str | None, typer.Argument(metavar="[SQL]", help="One SELECT over the relations.", show_default=False)] = None,
    name: Annotated[str | None, typer.Option("--name", help="A mart, with or without its version.")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the mart's window, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of the mart's window, UTC.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Dimensions to group by, comma-separated; 'all' gives one row.")] = None,
    channel: Annotated[list[str] | None, typer.Option("--channel", help="Keep this channel; may be repeated, as the next ones.")] = None,
    country: Annotated[list[str] | None, typer.Option("--country", help="Keep this country of the recipient, ISO alpha-2.")] = None,
    account: Annotated[list[str] | None, typer.Option("--account", help="Keep this AWS account.")] = None,
    region: Annotated[list[str] | None, typer.Option("--region", help="Keep this AWS region.")] = None,
    tenant: Annotated[list[str] | None, typer.Option("--tenant", help="Keep this tenant.")] = None,
    use_case: Annotated[list[str] | None, typer.Option("--use-case", help="Keep this use case.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to write the rows.")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option("--output", help="File to write to instead of stdout.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace an output file that exists.")] = False,
    lake: LakeOption = None,
) -> None:
    """Ask the lake: SQL that reads and never writes, or a mart by its name.

    Example: engagedb query "SELECT channel, count(*) AS messages FROM messages GROUP BY channel"

    Example: engagedb query --name delivery_by_country --from 2026-01-01 --to 2026-01-31 --channel sms --format csv
    """
    asked = {"channel": channel, "country": country, "account": account, "region": region, "tenant": tenant, "use_case": use_case}
    filters: dict[str, list[str]] = {key: values for key, values in asked.items() if values}
    if (query is None) == (name is None):
        raise ConfigurationError("Give either one SELECT in quotes or --name MART, such as engagedb query --name delivery_by_country.")
    if query is not None and (since or until or by or filters):
        raise ConfigurationError("--from, --to, --by and filters belong to --name MART. Write them into the WHERE of your SELECT.")
    session = _session(lake)
    if query is not None:
        answer = session.sql(query)
    else:
        groups = None if by is None else [] if by == "all" else [part.strip() for part in by.split(",")]
        answer = session.mart(str(name), since=_day(since), until=_day(until), by=groups, **filters)
    _write(answer, format_, output, yes)


@app.command("trace")
def trace_command(
    message_id: Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="The provider's message id, or mid_....", show_default=False)],
    lake: LakeOption = None,
    key_file: Annotated[Path | None, typer.Option("--key-file", help="Keyring file, to find ids that are stored as mid_....")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show one message's life as a timeline.

    Example: engagedb trace 0100018f-example-000000
    """
    from rich.console import Console

    from lake.trace import print_trace, trace

    settings = _settings(lake, key_file)
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
    """List the relations and marts with the question that each answers.

    Example: engagedb marts list
    """
    from engagedb.output import print_rows
    from lake.relations import Relations

    relations = Relations(_settings(None).sql_folder)
    if as_json:
        print_json([{"name": r.name, "kind": r.kind, "grain": r.grain, "question": r.question} for r in relations.values()])
    else:
        print_rows("", ["name", "kind", "question"], [[r.name, str(r.kind), r.question] for r in relations.values()])


@marts_app.command("describe")
def marts_describe_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A relation, with or without its version.", show_default=False)],
    sql: Annotated[Engine | None, typer.Option("--sql", help="Print the SQL text for this engine instead.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a relation: its grain, every column with its unit, what it divides by, how to group and filter it.

    Example: engagedb marts describe feedback_completion

    Example: engagedb marts describe protect --sql athena
    """
    from lake.describe import as_mapping, print_description
    from lake.relations import Relations
    from lake.render import Asked, render

    relation = Relations(_settings(None).sql_folder).resolve(name)
    if sql is not None:
        typer.echo(render(relation, sql, Asked(datetime.now(UTC))))
    elif as_json:
        print_json(as_mapping(relation))
    else:
        print_description(relation)


@marts_app.command("check")
def marts_check_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One relation; all of them by default.", show_default=False)] = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the checks of the relations on the lake; exit code 1 when one fails.

    Example: engagedb marts check
    """
    from lake.checks import Severity, run_checks

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


def _settings(lake: str | None, key_file: Path | None = None) -> Settings:
    changes = {key: value for key, value in (("lake", lake), ("key_file", key_file)) if value is not None}
    return Settings.from_environment().model_copy(update=changes)


def _session(lake: str | None) -> Session:
    from lake.session import Session

    return Session.open(_settings(lake), datetime.now(UTC))


def _day(stated: datetime | None) -> date | None:
    return None if stated is None else stated.date()


def _pseudonymiser(settings: Settings) -> Pseudonymiser | None:
    """None when this lake's key is not here and nobody names one: ids in clear can be looked up all the same."""
    from lake.catalog import Lake
    from lake.keyring import key_path, require_keyring
    from transforms.pseudonyms import Pseudonymiser

    if settings.pseudonym_key is None and settings.key_file is None and not key_path(settings, settings.lake).exists():
        return None
    keyring = require_keyring(settings, settings.lake)
    Lake.open(settings).check_key(keyring)
    return Pseudonymiser(keyring)


def _write(answer: duckdb.DuckDBPyRelation, format_: Format, output: Path | None, yes: bool) -> None:
    from lake.results import write_csv, write_json, write_parquet, write_table
    from lake.session import engine_errors

    if format_ is Format.PARQUET and output is None and sys.stdout.isatty():
        raise ConfigurationError("Parquet is binary. Name a file with --output, or send it into a pipe.")
    with engine_errors(), messages.status("Reading the lake"):
        rows = answer.to_arrow_reader(10_000)
        with _opened(output, yes) as out:
            if format_ is Format.PARQUET:
                write_parquet(rows, out)
            else:
                text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
                {Format.TABLE: write_table, Format.CSV: write_csv, Format.JSON: write_json}[format_](rows, text)
                text.detach()


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
