"""One walk through a payload: the leaves that no column of a template took, each with its path and its place in the policy,
and whoever the payload names, also in what a column took.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

from transforms.memory import Memory
from transforms.policy import REMEMBERED, Field, Identifies, Operator
from transforms.walk_shape import Walk, compile_shape, may_tell

_MEMBER: Final = "*"
_WHOLE: Final = "**"
_PLACES_REMEMBERED: Final = 20_000
_KEYS_REMEMBERED: Final = 4_096
_SHAPES_REMEMBERED: Final = 2_048
_LARGEST_SHAPE: Final = 64  # members
_LONGEST_NAME: Final = 64
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


@lru_cache(_KEYS_REMEMBERED)
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
        "_member",
        "below",
        "everything",
        "field",
        "is_asked",
        "is_read",
        "is_remembered",
        "is_telling",
        "keys",
        "memory",
        "memory_of",
        "operator",
        "path",
        "reads",
        "shapes",
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
        self.is_asked = field.is_senders  # before it is believed that it tells of nobody; also where something once looked like it
        self.operator = field.treatment.operator
        self.is_remembered = self.operator in REMEMBERED
        self.memory = memory_of(self.operator)
        self.below: dict[str | tuple[str, str], Unread] = {}
        self._member: Unread | None = None
        self.shapes: dict[tuple[Any, ...], Walk | _Named] = {}

    @property
    def member(self) -> Unread:
        """The place of the members of a list."""
        if self._member is None:
            self._member = self.child(_MEMBER, "[]", self.field)
        return self._member

    def child(self, key: str, written: str, field: Field) -> Unread:
        """The place of that key, or of the members of a list."""
        reads = frozenset({(_WHOLE,)}) if self.everything else frozenset(path[1:] for path in self.reads if path and path[0] == key)
        return Unread(field, reads, self.memory_of, (*self.keys, written))


class _Named:
    """Mappings of one place that have the same keys and types, one key of which names another: the walks by that name."""

    __slots__ = ("by_name", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        self.by_name: dict[str, Walk] = {}


class Leaves:
    """Finds the leaves that a template does not read; places are remembered as they turn up in payloads.

    `reads` are paths with `*` for a member of a list and a last `**` for all below.
    """

    def __init__(self, root: Field, reads: Iterable[tuple[str, ...]], memory_of: Callable[[Operator], Memory]) -> None:
        """`memory_of` gives what strings became before by an operator."""
        self._root = Unread(root, frozenset(reads), memory_of)
        self._remembered = 0
        self._shapes = 0

    def of(self, payload: dict[str, Any], loops: Sequence[tuple[Any, Any]] = (), people: Listens = DEAF) -> list[Leaf]:
        """Place and value of each leaf that is not null and not read. `loops` names the list and the member that the row
        is about: the other members belong to other rows. `people` is told of everything that may name somebody.
        """
        chosen = {id(member) for _, member in loops if isinstance(member, (dict, list, str))} if loops else set()
        found: list[Leaf] = []
        self._walk_mapping(payload, self._root, chosen, found, people)
        return found

    def _walk(self, value: Any, place: Unread, chosen: set[int], found: list[Leaf] | None, people: Listens) -> None:
        """Without `found` only people are looked for."""
        kind = type(value)
        if kind is dict:
            self._walk_mapping(value, place, chosen, found, people)
        elif kind is list:
            at = place.member
            found = None if at.everything else found
            is_shared = found is None or not chosen or chosen.isdisjoint(map(id, value))
            for member in value:
                walk = self._walk_mapping if type(member) is dict else self._walk
                walk(member, at, chosen, found if is_shared or id(member) in chosen else None, people)
        elif value is not None:
            if kind is str:
                if place.is_telling or may_tell(value):
                    people.string(value, place.field)
            elif kind is int and place.field.identifies is Identifies.CONTACT:
                people.number(value)
            if found is not None and not place.is_read:
                found.append((place, value))

    def _walk_mapping(self, value: dict[str, Any], place: Unread, chosen: set[int], found: list[Leaf] | None, people: Listens) -> None:
        """Walk through a mapping by its shape; member by member when it has none yet, or when a string of it looks like somebody's."""
        keys = (*value, *map(type, value.values()))
        walk = place.shapes.get(keys)
        if type(walk) is _Named:
            walk = walk.by_name.get(value[walk.key])
        if walk is None or not walk(value, chosen, found, people):  # type: ignore[operator]  # what is named has no names below it
            self._learn(value, place, keys)
            self._walk_members(value, place, chosen, found, people)

    def _learn(self, value: dict[str, Any], place: Unread, keys: tuple[Any, ...]) -> None:
        """Remember the walk of a shape; not when a key of it could be a value, or when very many are known."""
        if self._shapes >= _SHAPES_REMEMBERED or len(value) > _LARGEST_SHAPE or not all(map(is_static, value)):
            return
        named = place.field.policy.pair(value)
        if named is not None and len(value[named[0]]) > _LONGEST_NAME:
            return
        self._shapes += 1
        members = [(self._at(place, value, key, named), member) for key, member in value.items()]
        for at, member in members:
            at.is_asked = at.is_asked or (type(member) is str and may_tell(member))  # and will again
        walk = compile_shape([(at, type(member)) for at, member in members], DEAF, self._walk_mapping, self._walk)
        if named is None:
            place.shapes[keys] = walk
            return
        names = place.shapes.setdefault(keys, _Named(named[0]))
        assert type(names) is _Named  # the keys tell whether one of them names another
        names.by_name[value[named[0]]] = walk

    def _at(self, place: Unread, value: dict[str, Any], key: str, named: tuple[str, str] | None) -> Unread:
        """The place of a member."""
        if named and key == named[1]:
            name = value[named[0]]
            return place.below.get((key, name)) or self._grow(place, key, name)
        return place.below.get(key) or self._grow(place, key)

    def _walk_members(self, value: dict[str, Any], place: Unread, chosen: set[int], found: list[Leaf] | None, people: Listens) -> None:
        named = place.field.policy.pair(value)
        for key, member in value.items():
            at = self._at(place, value, key, named)
            if at.path is None and tells_of_somebody(key):
                people.key(key)
            self._walk(member, at, chosen, None if at.everything else found, people)

    def _grow(self, place: Unread, key: str, name: str | None = None) -> Unread:
        """The place of a key that was not seen yet, or of the value with that name. Bounded: keys may be personal values."""
        found = place.child(key, key, place.field.child(key if name is None else name))
        if self._remembered < _PLACES_REMEMBERED:
            self._remembered += 1
            place.below[key if name is None else (key, name)] = found
        return found
