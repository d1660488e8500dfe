"""Which key makes a lake's pseudonyms now, kept as a property of the events table.

Two processes with different keys would give one person two pseudonyms without anybody knowing: so each checks before
it commits. Who holds the lake's key and a newer one makes the newer one current; who does not hold it is refused.
"""

from __future__ import annotations

from typing import Final

from engagedb.errors import RotatedError
from lake.catalog import Lake
from lake.compare_and_swap import swap
from transforms.canonical import EVENTS
from transforms.pseudonyms import Keyring

_PROPERTY: Final = "engagedb.pseudonym-key"


def current_key(lake: Lake) -> str | None:
    """The id of the key, or None before the first commit."""
    return lake.table(EVENTS.name).properties.get(_PROPERTY)


def check_current_key(lake: Lake, keyring: Keyring) -> None:
    """Makes the keyring's current key the lake's. Raises RotatedError when the keyring does not hold the lake's own."""
    if current_key(lake) != keyring.current.id:
        swap(lake, "the current key", lambda: _set(lake, keyring))


def _set(lake: Lake, keyring: Keyring) -> None:
    table = lake.table(EVENTS.name)
    known = table.properties.get(_PROPERTY)
    if known == keyring.current.id:
        return
    if known is not None and known not in {key.id for key in keyring.older}:
        raise RotatedError(
            f"The lake at {lake.root} makes its pseudonyms with the key {known}, and this keyring does not hold it: it was rotated, "
            "or this is the bare root of a whole key file. Nothing was written; start again with the newest key file."
        )
    with table.transaction() as transaction:
        transaction.set_properties({_PROPERTY: keyring.current.id})
