"""The leaves of a payload that no column of a template took, each with its path and its place in the policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from transforms.policy import Field

_MEMBER: Final = "*"
_WHOLE: Final = "**"

Leaf = tuple[tuple[str, ...], Any, Field]


class _Read:
    """What is read below one place: nothing more than this leaf, or everything."""

    __slots__ = ("below", "everything", "itself")

    def __init__(self) -> None:
        self.below: dict[str, _Read] = {}
        self.itself = False
        self.everything = False


_NOTHING: Final = _Read()


@lru_cache(256)
def _tree(reads: frozenset[tuple[str, ...]]) -> _Read:
    root = _Read()
    for path in reads:
        place = root
        for key in path:
            if key == _WHOLE:
                place.everything = True
                break
            place = place.below.setdefault(key, _Read())
        else:
            place.itself = True
    return root


def unread_leaves(
    payload: Mapping[str, Any], root: Field, reads: Iterable[tuple[str, ...]], loops: Iterable[tuple[Any, Any]]
) -> list[Leaf]:
    """Keys (with `[]` for a list), value and field of each leaf that is not null and not read."""
    chosen = {id(member) for _, member in loops if isinstance(member, (dict, list, str))}
    found: list[Leaf] = []
    _walk(payload, (), _tree(reads if isinstance(reads, frozenset) else frozenset(reads)), root, chosen, found)
    return found


def _walk(value: Any, keys: tuple[str, ...], read: _Read, place: Field, chosen: set[int], found: list[Leaf]) -> None:
    if read.everything or value is None:
        return
    if type(value) is dict:
        named = place.policy.pair(value)
        for key, member in value.items():
            if member is not None:
                field = place.child(value[named[0]]) if named and key == named[1] else place.child(key)
                _walk(member, (*keys, key), read.below.get(key, _NOTHING), field, chosen, found)
    elif type(value) is list:
        below = read.below.get(_MEMBER, _NOTHING)
        own = [member for member in value if id(member) in chosen] if chosen else []
        for member in own or value:
            _walk(member, (*keys, "[]"), below, place, chosen, found)
    elif not read.itself:
        found.append((keys, value, place))
