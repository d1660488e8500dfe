"""One walk through a payload: the leaves that no column of a template took, each with its path and its place in the policy,
and whoever the payload names, also in what a column took.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol

from transforms.memory import Memory
from transforms.policy import REMEMBERED, Field, Identifies, Operator
from transforms.shape import DEEPEST, LARGEST, LONGEST_NAME, Member, Shape
from transforms.walk_shape import Redacts, Walk, compile_shape, may_tell

if TYPE_CHECKING:
    from transforms.redact_shape import Belief

_MEMBER: Final = "*"
_WHOLE: Final = "**"
_PLACES_REMEMBERED: Final = 20_000
_KEYS_REMEMBERED: Final = 4_096
_SHAPES_REMEMBERED: Final = 2_048
_STATIC_KEY: Final = re.compile(r"[A-Za-z$][A-Za-z_:$\-]{0,60}[0-9]{0,3}")

Paths = frozenset[tuple[str, ...]]
Leaf = tuple["Unread", Any]
Loops = Sequence[tuple[Any, Any]]


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

    def __init__(
        self,
        root: Field,
        reads: Iterable[tuple[str, ...]],
        memory_of: Callable[[Operator], Memory],
        shapes: int = _SHAPES_REMEMBERED,
        redacts: Redacts | None = None,
    ) -> None:
        """`memory_of` gives what strings became before by an operator; so many `shapes` of mappings are remembered.
        With `redacts` a walk may redact the whole payload as well.
        """
        self._redacts = redacts
        self._root = Unread(root, frozenset(reads), memory_of)
        self._places = _PLACES_REMEMBERED
        self._shapes = shapes

    def of(self, payload: dict[str, Any], loops: Loops = (), people: Listens = DEAF) -> list[Leaf]:
        """Place and value of each leaf that is not null and not read. `loops` names the list and the member that the row
        is about: the other members belong to other rows. `people` is told of everything that may name somebody.
        """
        found: list[Leaf] = []
        self._walk_mapping(payload, self._root, loops, found, people)
        return found

    def and_redacted(
        self, payload: dict[str, Any], loops: Loops, people: Listens, belief: Belief
    ) -> tuple[list[Leaf], dict[str, Any] | None]:
        """The same, and the payload redacted in that belief; None where it has no shape."""
        found: list[Leaf] = []
        return found, self._walk_mapping(payload, self._root, loops, found, people, belief)

    def _walk(self, value: Any, place: Unread, loops: Loops, found: list[Leaf] | None, people: Listens) -> None:
        """Without `found` only people are looked for."""
        kind = type(value)
        if kind is dict:
            self._walk_mapping(value, place, loops, found, people)
        elif kind is list:
            at = place.member
            found = None if at.everything else found
            chosen = {id(member) for _, member in loops if isinstance(member, (dict, list, str))} if found is not None else set()
            is_shared = chosen.isdisjoint(map(id, value))
            for member in value:
                walk = self._walk_mapping if type(member) is dict else self._walk
                walk(member, at, loops, found if is_shared or id(member) in chosen else None, people)
        elif value is not None:
            if kind is str:
                if place.is_telling or may_tell(value):
                    people.string(value, place.field)
            elif kind is int and place.field.identifies is Identifies.CONTACT:
                people.number(value)
            if found is not None and not place.is_read:
                found.append((place, value))

    def _walk_mapping(
        self, value: dict[str, Any], place: Unread, loops: Loops, found: list[Leaf] | None, people: Listens, belief: Belief | None = None
    ) -> Any:
        """Walk through a mapping by its shape, or member by member when a key of it could be a value."""
        keys = (*value, *map(type, value.values()))
        walk = place.shapes.get(keys)
        if type(walk) is _Named:
            walk = walk.by_name.get(value[walk.key])
        return (walk or self._learnt(value, place, keys))(value, loops, found, people, belief)  # type: ignore[operator]  # what is named has no names below it

    def _learnt(self, value: dict[str, Any], place: Unread, keys: tuple[Any, ...]) -> Walk:
        """The walk through mappings like this, remembered; member by member where they have no shape, or very many are known."""
        shape = self._shape(value, "value", place, max(0, self._shapes - LARGEST), len(place.keys) + DEEPEST, count())
        if shape is None:
            return partial(self._walk_members, place)
        walk = compile_shape(shape, DEAF, self._walk_mapping, self._walk, self._redacts if place is self._root else None)
        if shape.named is None:
            place.shapes[keys] = walk
        else:
            names = place.shapes.setdefault(keys, _Named(shape.named[0]))
            assert type(names) is _Named  # the keys tell whether one of them names another
            names.by_name[shape.named[1]] = walk
        return walk

    def _shape(
        self, value: dict[str, Any], name: str, place: Unread, rest: int, deepest: int, numbers: Iterator[int]
    ) -> Shape[Unread] | None:
        """The shape of a mapping and of what it has; None when a key of it could be a value, when only the `rest` of the
        shapes is left, or when so many keys lead to it.
        """
        if self._shapes <= rest or len(place.keys) > deepest or len(value) > LARGEST or not all(map(is_static, value)):
            return None
        pair = place.field.policy.pair(value)
        if pair is not None and len(value[pair[0]]) > LONGEST_NAME:
            return None
        self._shapes -= 1
        members = []
        for variable, (key, member) in [(f"m{next(numbers)}", item) for item in value.items()]:
            at = self._at(place, value, key, pair)
            text = member[0] if type(member) is list and len(member) == 1 else member
            is_asked = type(text) is str and may_tell(text)
            below = self._below(member, variable, at, rest, deepest, numbers)
            members.append(Member(variable, key, at, type(member), below, is_asked))
        return Shape(name, members, None if pair is None else (pair[0], value[pair[0]]))

    def _below(self, value: Any, name: str, place: Unread, rest: int, deepest: int, numbers: Iterator[int]) -> list[Shape[Unread]]:
        """The shape of a mapping, or of each member of a list of mappings; of more than one only where all are read,
        for the others may belong to other rows. Nothing where one of them has none.
        """
        if type(value) is dict:
            shapes = [self._shape(value, name, place, rest, deepest, numbers)]
        elif type(value) is list and len(value) <= (self._shapes - rest if place.everything else 1) and {*map(type, value)} == {dict}:
            variables = [f"m{next(numbers)}" for _ in value]
            shapes = [
                self._shape(member, variable, place.member, rest, deepest, numbers)
                for variable, member in zip(variables, value, strict=True)
            ]
        else:
            return []
        known = [shape for shape in shapes if shape is not None]
        return known if len(known) == len(shapes) else []

    def _at(self, place: Unread, value: dict[str, Any], key: str, named: tuple[str, str] | None) -> Unread:
        """The place of a member."""
        if named and key == named[1]:
            name = value[named[0]]
            return place.below.get((key, name)) or self._grow(place, key, name)
        return place.below.get(key) or self._grow(place, key)

    def _walk_members(
        self, place: Unread, value: dict[str, Any], loops: Loops, found: list[Leaf] | None, people: Listens, belief: Belief | None
    ) -> None:
        named = place.field.policy.pair(value)
        for key, member in value.items():
            at = self._at(place, value, key, named)
            if at.path is None and tells_of_somebody(key):
                people.key(key)
            self._walk(member, at, loops, None if at.everything else found, people)

    def _grow(self, place: Unread, key: str, name: str | None = None) -> Unread:
        """The place of a key that was not seen yet, or of the value with that name. Bounded: keys may be personal values."""
        found = place.child(key, key, place.field.child(key if name is None else name))
        if self._places > 0:
            self._places -= 1
            place.below[key if name is None else (key, name)] = found
        return found
