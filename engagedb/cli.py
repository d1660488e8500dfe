"""The command line: every room's commands, mounted in one place, and one way to fail.

Exit codes: 0 fine, 1 a data problem, 2 usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import sys
import traceback

import typer

from engagedb.errors import EngagedbError, Fatal
from engagedb.output import messages

app = typer.Typer(
    name="engagedb",
    help="One queryable, PII-free history of every message sent through AWS End User Messaging and Amazon SES.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of a failure."),
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("engagedb"))
        raise typer.Exit


def _mount() -> None:
    from dashboards.cli import app as dashboard_commands
    from ingest.cli import app as ingest_commands
    from lake.cli import app as lake_commands

    for room in (ingest_commands, lake_commands, dashboard_commands):
        app.registered_commands += room.registered_commands
        app.registered_groups += room.registered_groups


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    _mount()
    try:
        app(standalone_mode=True)
    except Fatal as error:
        _fail(str(error), 2)
    except EngagedbError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("Interrupted. What was committed stays; run the same command again to continue.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _fail(sentence: str, code: int) -> None:
    if "--debug" in sys.argv:
        traceback.print_exc()
    messages.print(f"[bold red]Error:[/] ", end="")
    messages.print(sentence, markup=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
