"""Commands of the lake room for readers: query, trace, marts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with
from lake.query.cli_aws import aws_app
from lake.query.cli_query import SinceOption, UntilOption, day_of_option, open_session, query_command

if TYPE_CHECKING:
    from engagedb.settings import Settings
    from transforms.pseudonyms import Pseudonymiser

app = typer.Typer()
app.command("query")(query_command)
marts_app = typer.Typer(no_args_is_help=True, help="What can be asked by name: list, describe, check.")
app.add_typer(marts_app, name="marts")
app.add_typer(aws_app, name="aws")


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
    found = trace(open_session(lake), message_id, pseudonymiser)
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
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a relation: grain, columns, units, denominators.

    With --sql, --from and --to put a window into the text, where it reaches the partitions of the lake's table.

    Example: engagedb marts describe feedback_completion

    Example: engagedb marts describe protect --sql athena --from 2026-01-05
    """
    from engagedb.output import print_json
    from lake.query.describe import as_mapping, print_description
    from lake.query.relations import Relations
    from lake.query.render import Asked, Engine, render

    relation = Relations(settings_with().sql_folder).resolve(name)
    if sql is None and (since or until):
        raise ConfigurationError("--from and --to belong to --sql. Add it, or leave them out.")
    if sql is not None:
        typer.echo(render(relation, Engine(sql), Asked(None, day_of_option(since), day_of_option(until))))
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

    session = open_session(lake)
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
