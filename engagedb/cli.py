"""The command line: every room's commands, mounted in one place, and one way to fail.

Exit codes: 0 fine, 1 a data problem, 2 usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from engagedb.errors import EngagedbError, Fatal
from engagedb.process import prepare_process

# The order of a user's way: begin, land, look after, ask, watch, try out.
ORDER: Final = (
    "init", "demo", "ingest", "redact", "templates", "dead-letters", "query", "trace", "marts", "dashboard", "maintain", "backfill",
    "keys", "erase", "simulate", "aws",
)  # fmt: skip
DEBUG: Final = "--debug"
INTERRUPTED: Final = 130
INTERRUPTION: Final = "Interrupted. What was committed stays; run the same command again to continue."


class _InOrder(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


app = typer.Typer(
    name="engagedb",
    cls=_InOrder,
    help="One queryable, PII-free history of every message sent through AWS End User Messaging and Amazon SES.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("engagedb"))
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option(DEBUG, help="Show the traceback of a failure.")] = False,  # taken out by main, wherever it stands
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    pass


def mounted() -> typer.Typer:
    """The whole command line; the rooms' own modules import nothing heavy before a command runs."""
    from dashboards.cli import app as dashboard_commands
    from ingest.cli import app as ingest_commands
    from lake.cli_keys import app as keys_commands
    from lake.maintenance.cli import app as maintain_commands
    from lake.query.cli import app as lake_commands

    for room in (ingest_commands, lake_commands, maintain_commands, keys_commands, dashboard_commands):
        known = {command.name for command in app.registered_commands}
        app.registered_commands += [command for command in room.registered_commands if command.name not in known]
        known = {group.name for group in app.registered_groups}
        app.registered_groups += [group for group in room.registered_groups if group.name not in known]
    return app


def main() -> NoReturn:
    """Run the command line; ends the process with its exit code."""
    prepare_process()
    words, has_debug = _without_debug(sys.argv[1:])
    try:
        code = mounted()(words, standalone_mode=False) or 0
        sys.stdout.flush()
        sentence = INTERRUPTION if code == INTERRUPTED else None
    except KeyboardInterrupt:
        code, sentence = INTERRUPTED, INTERRUPTION
    except (BrokenPipeError, SystemExit) as ending:
        if isinstance(ending, SystemExit) and not isinstance(ending.__context__, BrokenPipeError):
            raise
        # Who read our output has seen enough. The interpreter must not complain about it at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        code, sentence = _told(error)
        if has_debug:
            traceback.print_exc()
    if sentence is not None:
        from engagedb.output import messages

        messages.print("[bold red]Error:[/] ", end="")
        messages.print(sentence, markup=False, soft_wrap=True)
    sys.exit(code)


def _without_debug(words: list[str]) -> tuple[list[str], bool]:
    """The words without --debug, which may stand anywhere before a `--`, and whether it was there."""
    end = words.index("--") if "--" in words else len(words)
    kept = [word for word in words[:end] if word != DEBUG]
    return kept + words[end:], len(kept) < end


def _told(error: Exception) -> tuple[int, str | None]:
    """Exit code of a failure, and its sentence if there is one.

    What nobody foresaw is told by its kind only, because its text may hold personal values.
    """
    if type(error).__name__ == "NoArgsIsHelpError":  # typer's, whose text is the help
        typer.echo(str(error), err=True)
        return 2, None
    if isinstance(error, EngagedbError):
        return 2 if isinstance(error, Fatal) else 1, str(error)
    if hasattr(error, "format_message"):  # a usage error of typer, which has no public name for the class
        context = getattr(error, "ctx", None)
        hint = f" See {context.command_path} --help." if context is not None else ""
        complaint = error.format_message()
        return 2, complaint + ("" if complaint.endswith((".", "?")) else ".") + hint
    known = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return 1, f"engagedb failed in a way that it does not know ({type(error).__name__}{known}). Run it again with {DEBUG} to see where."


if __name__ == "__main__":
    main()
