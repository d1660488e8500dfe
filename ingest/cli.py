"""Commands of the ingest room: init, demo, ingest, redact, backfill, erase, simulate, templates, dead-letters."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import KeyOption, LakeOption, settings_with
from ingest.cli_backfill import backfill_command
from ingest.cli_dead_letters import app as dead_letters
from ingest.cli_erase import erase_command
from ingest.cli_ingest import ingest_command
from ingest.cli_templates import app as templates
from ingest.demo import demo_command
from ingest.simulate.cli import simulate_command

app = typer.Typer()
app.command("demo")(demo_command)
app.command("ingest")(ingest_command)
app.command("backfill")(backfill_command)
app.command("erase")(erase_command)
app.command("simulate")(simulate_command)
app.add_typer(templates, name="templates")
app.add_typer(dead_letters, name="dead-letters")


@app.command("init")
def init_command(
    lake: LakeOption = None,
    key_file: KeyOption = None,
    existing_key: Annotated[
        bool, typer.Option("--existing-key", help="Make the lake with the key file that is already there, instead of a new one.")
    ] = False,
) -> None:
    """Make a lake and its key, or complete a half-made one.

    The key file is the only way to recognise the same person again: back it up, and keep it away from the lake.

    Example: engagedb init --lake ./my-lake
    """
    from ingest.begin import begin_lake

    for sentence in begin_lake(settings_with(lake, key_file), existing_key=existing_key):
        typer.echo(sentence)


@app.command("redact")
def redact_command(
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only say what the text engine would be asked, and its units; ask and write nothing.")
    ] = False,
) -> None:
    """Redact JSON lines {"id", "text"} from stdin to stdout.

    It needs no key and no lake. A line that cannot be redacted is left out, named by its number, and the exit code is 1.
    ENGAGEDB_TEXT_ENGINE adds an engine to the rules; a field `lang` ("en") tells it a line's language.

    Example: echo '{"id": 1, "text": "call +1 206 555 0100"}' | engagedb redact
    """
    from ingest.redact_lines import ask_for_lines, redact_lines

    if not estimate and not any(
        name.upper() == "ENGAGEDB_TEXT_ENGINE" for name in os.environ
    ):  # reading settings takes as long as starting
        raise typer.Exit(redact_lines(sys.stdin.buffer, sys.stdout))

    from engagedb.output import messages
    from ingest.engines.choose import estimating_redactor, text_redactor

    engine = (estimating_redactor if estimate else text_redactor)(settings_with())
    if estimate:
        if engine is None:
            raise ConfigurationError("--estimate is for an engine that bills: set ENGAGEDB_TEXT_ENGINE=comprehend, or leave it out.")
        ask_for_lines(sys.stdin.buffer, engine)
        typer.echo(engine.usage.sentence())
        return
    exit_code = redact_lines(sys.stdin.buffer, sys.stdout, engine=engine)
    if engine is not None:
        messages.print(engine.usage.sentence(), markup=False, soft_wrap=True)
    raise typer.Exit(exit_code)
