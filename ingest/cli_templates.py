"""engagedb templates: the mappings, tried before they are trusted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, KeyOption, LakeOption, settings_with, utc_now
from ingest.cli_templates_diff import diff_command

app = typer.Typer(no_args_is_help=True, help="Mappings of provider events to columns.")

TemplatesOption = Annotated[
    str | None,
    typer.Option("--templates", metavar="PLACE", help="Folder or s3:// prefix; else ENGAGEDB_TEMPLATES, else the shipped ones."),
]


@app.command("list")
def list_command(templates: TemplatesOption = None, as_json: JsonOption = False) -> None:
    """List the templates with their version.

    Example: engagedb templates list
    """
    from engagedb.output import counted, print_json, print_rows
    from ingest.templates import load_templates

    location = templates or settings_with().templates_location
    loaded = load_templates(location)
    rows = [[t.template.source, t.template.kind, t.template.version, len(t.columns), t.template.file] for t in loaded]
    names = ["source", "kind", "version", "columns", "file"]
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    print_rows(names, rows)
    typer.echo(f"{counted(len(rows), 'template')} in {location}")


@app.command("check")
def check_command(
    templates: TemplatesOption = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Also refuse another identity than the one of this lake's events.")] = None,
) -> None:
    """Try every template on its examples; exit 1 when one fails.

    A template fails when an example gives other rows than stand beside it in expected/. With --lake, a template whose
    identity differs from that of events in the lake is refused, and one with another time rule asks for a backfill.

    Example: engagedb templates check --templates ./my-templates
    """
    from engagedb.output import counted
    from ingest.check_templates import check_examples
    from ingest.transformer import Transformer
    from lake.catalog import Lake
    from lake.template_versions import template_versions
    from transforms.pseudonyms import derive_first

    settings = settings_with(lake)
    settings = settings.model_copy(update={"templates": templates or settings.templates})
    known = template_versions(Lake.open(settings)) if lake else {}
    transformer = Transformer(settings, derive_first(os.urandom(32)), known)  # nothing is stored, so any key serves
    for source in sorted(transformer.retimed):
        typer.echo(f"{source}: the lake holds events whose time came from another rule; run engagedb backfill over their days.")
    if settings.templates_location.startswith("s3://"):
        typer.echo("All templates load. Their examples are tried from a folder only.")
        return
    tried, failures = check_examples(Path(settings.templates_location), transformer.normalizer, settings.max_record_bytes)
    for failure in failures:
        typer.echo(f"{failure.example}: {failure.difference}")
    typer.echo(f"{counted(tried, 'example')} tried, {len(failures):,} failed.")
    if failures:
        raise typer.Exit(1)


@app.command("render")
def render_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file as it lands: any compression, framing and envelopes.")],
    templates: TemplatesOption = None,
    lake: LakeOption = None,
    key_file: KeyOption = None,
) -> None:
    """Show what a file becomes; nothing is stored.

    Each record is one JSON line: its rows, or why it would be a dead letter.

    Without a key the pseudonyms are made with a key of the moment and mean nothing beyond this call.

    Example: engagedb templates render ./landing/object.gz
    """
    from engagedb.output import messages, print_json
    from ingest.check_templates import records_of
    from ingest.transformer import Transformer
    from lake.keyring import has_key, require_keyring
    from transforms.pseudonyms import derive_first

    settings = settings_with(lake, key_file)
    settings = settings.model_copy(update={"templates": templates or settings.templates})
    if not has_key(settings, settings.lake):
        messages.print("No key: these pseudonyms are made with a key of the moment.", style="yellow")
        keyring = derive_first(os.urandom(32))
    else:
        keyring = require_keyring(settings, settings.lake)
    if not file.is_file():
        raise ConfigurationError(f"There is no file {file}.")
    transformer = Transformer(settings, keyring)
    for opened in records_of(file, settings.max_record_bytes):
        print_json(_rendered(transformer, opened))


app.command("diff")(diff_command)


def _rendered(transformer: Any, opened: Any) -> Any:
    from engagedb.errors import Rejected
    from transforms.record import Control, RawRecord

    if isinstance(opened, Control):
        return {"control": opened.kind}
    try:
        if isinstance(opened, RawRecord):
            return {"rows": [{"kind": row.kind, **row.values} for row in transformer.normalizer.rows(opened, utc_now())]}
        return {"dead_letter": opened.reason, "detail": opened.detail}
    except Rejected as refusal:
        return {"dead_letter": refusal.reason, "detail": refusal.detail, "source": refusal.source}
