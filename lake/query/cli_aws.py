"""The command `engagedb aws deploy-views`: every relation as a view of Athena."""

from __future__ import annotations

from typing import Annotated

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, YesOption, settings_with

aws_app = typer.Typer(no_args_is_help=True, help="What engagedb makes in an AWS account: deploy-views.")


@aws_app.callback()
def _group() -> None:
    """A group even while it has one command."""


@aws_app.command("deploy-views")
def deploy_views_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the statements and run none; needs no AWS account.")] = False,
    database: Annotated[
        str, typer.Option("--database", metavar="NAME", help="Glue database for the views, made if missing.")
    ] = "engagedb_views",
    tables: Annotated[str, typer.Option("--tables", metavar="NAME", help="Glue database of the lake's tables.")] = "engagedb",
    workgroup: Annotated[str, typer.Option("--workgroup", metavar="NAME", help="Athena workgroup that runs the statements.")] = "primary",
    output_location: Annotated[
        str | None, typer.Option("--output-location", metavar="S3", help="s3:// place for Athena's results, if the workgroup has none.")
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make every relation a view of Athena, over a lake in Glue.

    Views of these names in the database are replaced, with --yes. What depends on time, such as pending and silent, is as of
    Athena's clock at each query. Reference tables become views with the rows of today's files: deploy again when they change.

    Example: engagedb aws deploy-views --dry-run
    """
    from engagedb.output import counted, messages, print_json
    from lake.query.relations import Relations
    from lake.query.views import statements

    if tables == database:
        raise ConfigurationError(f"The views cannot stand in {tables} beside the tables of the same names. Name another --database.")
    made = statements(Relations(settings_with().sql_folder), database, tables)
    if dry_run:
        if as_json:
            print_json([{"makes": statement.makes, "sql": statement.sql} for statement in made])
        else:
            typer.echo("\n\n".join(f"{statement.sql};" for statement in made))
        return
    if not yes:
        raise ConfigurationError(f"Views of the same names in {database} would be replaced. Add --yes to do it, or --dry-run to see them.")
    from lake.athena import athena_client, run_statement, sleep

    client = athena_client()
    for statement in made:
        with messages.status(f"Making {statement.makes}"):
            run_statement(client, statement.sql, None if statement is made[0] else database, workgroup, output_location, sleep)
    if as_json:
        print_json([{"makes": statement.makes, "sql": statement.sql} for statement in made])
    else:
        typer.echo(f"{counted(len(made) - 1, 'view')} stand in {database}.")
