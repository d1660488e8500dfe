"""Options that many commands share, and the settings that they change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engagedb.settings import Settings

LakeOption = Annotated[
    str | None, typer.Option("--lake", metavar="PLACE", help="Folder or s3:// prefix of the lake; else ENGAGEDB_LAKE, else ./lake.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key-file", metavar="PLACE", help="Keyring: a file, secretsmanager:NAME, kms:...; else ENGAGEDB_KEY_FILE, <lake>.key."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


def settings_with(lake: str | None = None, key_file: str | None = None) -> Settings:
    """The environment's settings, with what the command line says instead."""
    from engagedb.settings import Settings

    settings = Settings.from_environment()
    changes = {name: value for name, value in (("lake", lake), ("key_file", key_file)) if value is not None}
    return settings.model_copy(update=changes)


def utc_now() -> datetime:
    """The clock of the command line; everything below gets it as a parameter."""
    return datetime.now(UTC)
