"""The beginning of a lake: its key first, then its tables, so that no lake is ever without the key that made it."""

from __future__ import annotations

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.keyring import create_key_file, is_in_file, key_path, key_source, require_keyring


def begin_lake(settings: Settings, *, existing_key: bool = False) -> list[str]:
    """What was made, as sentences. An existing key file is never overwritten.

    Raises ConfigurationError when a key is in the way or missing, LakeError for a folder that is no lake.
    """
    path = key_path(settings, settings.lake)
    has_lake = Lake.is_there(settings)
    if not is_in_file(settings):
        keyring, told = require_keyring(settings, settings.lake), f"The key comes from {key_source(settings, settings.lake)}."
    elif path.exists() and (existing_key or has_lake):
        keyring, told = require_keyring(settings, settings.lake), f"The key is {path}."
    else:
        keyring = create_key_file(path, settings.lake)
        told = f"The key is {path}. Back it up apart from the lake: without it nobody can be recognised again and no dead letter opens."
    made = Lake.create(settings, keyring)
    return [f"{'The lake is made' if made.was_created else 'The lake was there already'}: {made.root}", told]
