"""Commands about the keys of pseudonyms: list, rotate, destroy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagedb.errors import ConfigurationError
from engagedb.options import JsonOption, KeyOption, LakeOption, YesOption, settings_with

if TYPE_CHECKING:
    from engagedb.settings import Settings

app = typer.Typer()
keys_app = typer.Typer(no_args_is_help=True, help="Keys of pseudonyms: list, rotate, destroy.")
app.add_typer(keys_app, name="keys")


@keys_app.command("list")
def keys_list_command(lake: LakeOption = None, key_file: KeyOption = None, as_json: JsonOption = False) -> None:
    """List the keys by their ids, never the keys themselves.

    The lake makes its pseudonyms with the current one. A begun one was made by a rotation that was stopped: run it again. Links are
    persons that were met again after a rotation: they can be joined across it.

    Example: engagedb keys list
    """
    from engagedb.output import print_json, print_rows
    from lake.catalog import Lake
    from lake.current_key import current_key
    from lake.keyring import key_source, require_keyring
    from lake.links import count_links

    settings = settings_with(lake, key_file)
    opened = Lake.open(settings)
    keyring = require_keyring(settings, settings.lake)
    opened.check_key(keyring)
    links = count_links(opened)
    ids = [key.id for key in keyring.pseudonym_keys]
    known = current_key(opened) or ids[-1]
    begun = ids[ids.index(known) + 1 :] if known in ids else []  # a rotation that was stopped: the next commit completes it
    states = {key: "current" if key == known else "begun" if key in begun else "older" for key in ids}
    if as_json:
        found = [{"key": key, "state": state, "links": links.get(key, 0)} for key, state in states.items()]
        print_json({"source": key_source(settings, settings.lake), "keys": found})
    else:
        print_rows(["key", "state", "links"], [[key, state, links.get(key, 0)] for key, state in states.items()])


@keys_app.command("rotate")
def keys_rotate_command(lake: LakeOption = None, key_file: KeyOption = None, as_json: JsonOption = False) -> None:
    """Make pseudonyms with a new key from now on.

    The old key stays in the key file: persons who are met again are linked, and `engagedb query --with-key` joins them across the
    change. Programs that run on are refused at their next commit, with nothing written, and go on when they are started again.

    Example: engagedb keys rotate
    """
    from engagedb.output import print_json
    from lake.catalog import Lake
    from lake.rotation import rotate

    settings = settings_with(lake, key_file)
    path = _own_file(settings)
    done = rotate(Lake.open(settings), path, os.urandom(32))
    if as_json:
        print_json({"before": done.before, "now": done.now, "was_begun": done.was_begun})
        return
    told = "A rotation that was stopped is complete" if done.was_begun else "The key is new"
    typer.echo(f"{told}: {done.now} follows {done.before}.")
    typer.echo(f"Back up {path} again, bring it to every machine that ingests, and start their programs again.")


@keys_app.command("destroy")
def keys_destroy_command(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Id of an older key, as keys list shows it.")],
    lake: LakeOption = None,
    key_file: KeyOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """End an older key: nobody can make its pseudonyms again.

    Rows keep the pseudonyms that it made. Back-ups of the key file hold the key until they are destroyed too.

    Example: engagedb keys destroy kchpmk --yes
    """
    from engagedb.output import print_json
    from lake.catalog import Lake
    from lake.rotation import destroy

    settings = settings_with(lake, key_file)
    path = _own_file(settings)
    opened = Lake.open(settings)
    if not yes:
        raise ConfigurationError(f"Nobody can undo this: persons known by the key {key} only will never be recognised. Add --yes to do it.")
    removed = destroy(opened, path, key)
    if as_json:
        print_json({"destroyed": key, "links_removed": removed})
    else:
        typer.echo(f"The key {key} is gone from {path}, and {removed:,} links with it. Destroy the back-ups that hold it too.")


def _own_file(settings: Settings) -> Path:
    """The key file. Raises ConfigurationError when the keyring lies elsewhere, saying how to change it there."""
    from lake.keyring import is_in_file, key_path, key_source, require_keyring

    if not is_in_file(settings):
        source = key_source(settings, settings.lake)
        raise ConfigurationError(
            f"The key comes from {source}, which engagedb does not change. Write what it holds into a file of mode 0600, run this command "
            "with --key-file FILE and without ENGAGEDB_PSEUDONYM_KEY, then put the text of the file in its place."
        )
    require_keyring(settings, settings.lake)
    return key_path(settings, settings.lake)
