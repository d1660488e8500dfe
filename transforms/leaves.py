"""One walk through a payload: the leaves that no column of a template took, each with its path and its place in the policy,
and whoever the payload names, also in what a column took.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from transforms.memory import Memory
from transforms.policy import REMEMBERED, Field, Identifies, Operator

_MEMBER: Final = "*"
_WHOLE: Final = "**"
_PLACES_REMEMBERED: Final = 20_000
_STATIC_KEY: Final = re.compile(r"[A-Za-z$][A-Za-z_:$\-]{0,60}[0-9]{0,3}")

Paths = frozenset[tuple[str, ...]]
Leaf = tuple["Unread", Any]


class Listens(Protocol):
    """Who is told what may name somebody (transforms/identify.py)."""

    def key(self, key: str) -> None: ...

    def number(self, value: int) -> None: ...

    def string(self, value: str, place: Field) -> None: ...


class _Deaf:
    """For whom the people of a payload are known already."""

    def key(self, key: str) -> None: ...

    def number(self, value: int) -> None: ...

    def string(self, value: str, place: Field) -> None: ...


DEAF: Final = _Deaf()
_STARTS_A_NUMBER: Final = ("+", "0")
_BEGINS_SOMETHING: Final = frozenset("+{[eW")  # a number, JSON, JSON in base64


def is_static(key: str) -> bool:
    """Whether the key is a word of a format and cannot be a value."""
    return _STATIC_KEY.fullmatch(key) is not None


def tells_of_somebody(key: str) -> bool:
    """Whether the key may be a number or an address."""
    return key[:1] in _STARTS_A_NUMBER or "@" in key


class Unread:
    """A place in the payloads of one template: its field of the policy, and what of it the template reads.

    `keys` lead to it, `[]` for a list; `path` is their text, or None when one of them could be a value.
    """

    __slots__ = (
        "below",
        "everything",
        "field",
        "is_read",
        "is_remembered",
        "is_telling",
        "keys",
        "member",
        "memory",
        "memory_of",
        "operator",
        "path",
        "reads",
    )

    def __init__(self, field: Field, reads: Paths, memory_of: Callable[[Operator], Memory], keys: tuple[str, ...] = ()) -> None:
        self.field = field
        self.reads = reads
        self.memory_of = memory_of
        self.keys = keys
        self.path = ".".join(keys).replace(".[]", "[]") if all(key == "[]" or is_static(key) for key in keys) else None
        self.everything = any(path[:1] == (_WHOLE,) for path in reads)
        self.is_read = self.everything or () in reads
        self.is_telling = field.identifies is not None
        self.operator = field.treatment.operator
        self.is_remembered = self.operator in REMEMBERED
        self.memory = memory_of(self.operator)
        self.below: dict[str | tuple[str, str], Unread] = {}
        self.member: Unread | None = None  # of a list

    def child(self, key: str, written: str, field: Field) -> Unread:
        """The place of that key, or of the members of a list."""
        reads = frozenset(path[1:] for path in self.reads if path and path[0] == key)
        return Unread(field, reads, self.memory_of, (*self.keys, written))


class Leaves:
    """Finds the leaves that a template does not read; places are remembered as they turn up in payloads.

    `reads` are paths with `*` for a member of a list and a last `**` for all below.
    """

    def __init__(self, root: Field, reads: Iterable[tuple[str, ...]], memory_of: Callable[[Operator], Memory]) -> None:
        """`memory_of` gives what strings became before by an operator."""
        self._root = Unread(root, frozenset(reads), memory_of)
        self._remembered = 0

    def of(self, payload: Mapping[str, Any], loops: Iterable[tuple[Any, Any]] = (), people: Listens = DEAF) -> list[Leaf]:
        """Place and value of each leaf that is not null and not read. `loops` names the list and the member that the row
        is about: the other members belong to other rows. `people` is told of everything that may name somebody.
        """
        chosen = {id(member) for _, member in loops if isinstance(member, (dict, list, str))}
        found: list[Leaf] = []
        self._walk(payload, self._root, chosen, found, people)
        return found

    def _walk(self, value: Any, place: Unread, chosen: set[int], found: list[Leaf] | None, people: Listens) -> None:
        """Without `found` only people are looked for. The loop is written out for mappings, whose members mostly are leaves."""
        if type(value) is dict:
            below = place.below
            named = place.field.policy.pair(value)
            for key, member in value.items():
                if named and key == named[1]:
                    name = value[named[0]]
                    at = below.get((key, name)) or self._grow(place, key, name)
                else:
                    at = below.get(key) or self._grow(place, key)
                if at.path is None and tells_of_somebody(key):
                    people.key(key)
                kind = type(member)
                if kind is str:
                    if member and (at.is_telling or member[0] in _BEGINS_SOMETHING or "@" in member):
                        people.string(member, at.field)
                    if found is not None and not at.is_read:
                        found.append((at, member))
                elif kind is dict or kind is list:
                    self._walk(member, at, chosen, None if at.everything else found, people)
                elif member is not None:
                    if kind is int and at.field.identifies is Identifies.CONTACT:
                        people.number(member)
                    if found is not None and not at.is_read:
                        found.append((at, member))
        elif type(value) is list:
            at = place.member = place.member or place.child(_MEMBER, "[]", place.field)
            found = None if at.everything else found
            others = None if any(id(member) in chosen for member in value) else found
            for member in value:
                self._walk(member, at, chosen, found if id(member) in chosen else others, people)
        elif value is not None:
            if type(value) is str:
                people.string(value, place.field)
            elif type(value) is int and place.field.identifies is Identifies.CONTACT:
                people.number(value)
            if found is not None and not place.is_read:
                found.append((place, value))

    def _grow(self, place: Unread, key: str, name: str | None = None) -> Unread:
        """The place of a key that was not seen yet, or of the value with that name. Bounded: keys may be personal values."""
        found = place.child(key, key, place.field.child(key if name is None else name))
        if self._remembered < _PLACES_REMEMBERED:
            self._remembered += 1
            place.below[key if name is None else (key, name)] = found
        return found
