"""A new pseudonym key for a lake, and the end of an old one.

The key file is replaced first and the lake told after: a stop in between leaves a keyring that is newer than the lake
knows, which the next commit or the next call completes. The root never changes: ids of events, messages and objects,
dead letters and tombstones stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engagedb.errors import ConfigurationError
from lake.catalog import Lake
from lake.current_key import check_current_key, current_key
from lake.keyring import load_key_file, replace_key_file, with_settings
from lake.lease import hold_lease
from lake.links import count_links, remove_links
from transforms.pseudonyms import Keyring, derive_first, pseudonym_key

Checkpoint = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """Ids of the key before and the key now; `was_begun` when an earlier call had made it and was stopped."""

    before: str
    now: str
    was_begun: bool


def rotate(lake: Lake, path: Path, secret: bytes, *, checkpoint: Checkpoint = lambda point: None) -> Rotated:
    """The rotation of the lake's keyring file to a key of these 32 random bytes. Checkpoints: replaced, rotated.

    A rotation that was stopped is completed with the key that it had made. Raises RotatedError for an outdated file.
    """
    with hold_lease(lake, "keys rotate"):
        keyring = with_settings(load_key_file(path), lake.settings)
        lake.check_key(keyring)
        known = current_key(lake)
        was_begun = known in {key.id for key in keyring.older}
        check_current_key(lake, keyring)
        if not was_begun:
            if not lake.has_table("pseudonym_links"):
                lake.complete()
            keyring = Keyring(keyring.root, (*keyring.pseudonym_keys, pseudonym_key(secret)))
            replace_key_file(path, keyring)
            checkpoint("replaced")
            check_current_key(lake, keyring)
        checkpoint("rotated")
    return Rotated(keyring.older[-1].id, keyring.current.id, was_begun)


def destroy(lake: Lake, path: Path, key_id: str, *, checkpoint: Checkpoint = lambda point: None) -> int:
    """How many links went with the older key of that id, which leaves the keyring file for good. Checkpoints: replaced, unlinked.

    A call that was stopped is completed by the same call. Raises ConfigurationError for the current key, for a key that
    anybody with the root makes again, and for an id that neither file nor lake knows.
    """
    with hold_lease(lake, "keys destroy"):
        keyring = with_settings(load_key_file(path), lake.settings)
        lake.check_key(keyring)
        check_current_key(lake, keyring)
        if key_id == keyring.current.id:
            raise ConfigurationError(f"The key {key_id} makes the pseudonyms of today. Run engagedb keys rotate first.")
        if key_id == derive_first(keyring.root).current.id:
            raise ConfigurationError(
                f"The key {key_id} is derived from the root, so whoever has the root makes it again: it cannot be destroyed. "
                "Only keys that engagedb init or engagedb keys rotate wrote into a key file can."
            )
        kept = tuple(key for key in keyring.pseudonym_keys if key.id != key_id)
        if len(kept) < len(keyring.pseudonym_keys):
            replace_key_file(path, Keyring(keyring.root, kept))
        elif key_id not in count_links(lake):
            raise ConfigurationError(f"There is no key {key_id} in {path}. engagedb keys list shows them.")
        checkpoint("replaced")
        removed = remove_links(lake, key_id)
        checkpoint("unlinked")
    return removed
