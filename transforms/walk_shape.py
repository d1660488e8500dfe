"""The walk through mappings of one place that have the same keys, and values of the same types under them, as one Python function.

What is nested in them is expected to be as it was when the function was written: first everything is looked at, and then
told and taken, where something is otherwise by another walk. The source for a mapping {"status": str, "phone": str,
"tags": [str], "more": {"note": str}, "headers": [{"name": "To", "value": str}]} becomes, shortened,

    def walk(value, loops, found, people):
        m0, m1, m2, m3, m4, = value.values()
        strings = ['', m0]
        if is_m2 := len(m2) == 1 and type(m2[0]) is str: strings += m2
        if is_m3 := [*m3] == keys3:
            m5, = m3.values()
            if is_m3 := type(m5) is str:
                strings += m5,
        if is_m4 := len(m4) == 1:
            m6, = m4
            ...
        tell = people is not deaf and one_may_tell(strings)
        if tell and may_tell(m0): people.string(m0, field0)
        if found is not None: found.append((leaf0, m0))
        people.string(m1, field1)
        if is_m2: ...
        else: walk_any(m2, at2, loops, found, people)
        if is_m3:
            if tell and may_tell(m5): people.string(m5, field5)
        else: walk_mapping(m3, at3, loops, found, people)
        ...

Members that a template reads and that tell of nobody are passed over. Strings that tell of nobody unless they look like it
are looked at together, and each of them only when one does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from transforms.policy import Identifies

if TYPE_CHECKING:
    from transforms.leaves import Listens, Loops, Unread

Walk = Callable[[dict[str, Any], "Loops", "list[Any] | None", "Listens"], None]
_Lines = tuple[list[str], list[str]]
"""What looks whether something is as expected, and what is done with it then."""

_NULL: Final = type(None)
BEGINS_JSON: Final = frozenset("{[eW")  # plain, or in base64
_BEGINS_SOMETHING: Final = re.compile(r"[+{\[]|e[wy3]|W[wyz123]")  # a number, JSON, JSON in base64
_ONE_BEGINS_SOMETHING: Final = re.compile(rf"\n(?:{_BEGINS_SOMETHING.pattern})")
_ONE_MAY_BEGIN_SOMETHING: Final = re.compile(r"\n[+{\[eW]")  # by one character, in half the time


def may_tell(text: str) -> bool:
    """Whether a string that stands anywhere may name somebody."""
    return "@" in text or _BEGINS_SOMETHING.match(text) is not None


def _one_may_tell(texts: Sequence[str]) -> bool:
    """Whether one of several strings, or a line of one, may name somebody; the first is empty."""
    lines = "\n".join(texts)
    return "@" in lines or (_ONE_MAY_BEGIN_SOMETHING.search(lines) is not None and _ONE_BEGINS_SOMETHING.search(lines) is not None)


class Member(NamedTuple):
    """A member of a mapping: its place, the type of its value, the mapping that it is or those of the list that it is,
    and whether it is a string, or a list of one, that looked like somebody, and will again.
    """

    at: Unread
    kind: type
    below: Sequence[Shape] = ()
    is_asked: bool = False

    @property
    def leaf(self) -> Unread:
        """The place of a string that it is or has."""
        return self.at.member if self.kind is list else self.at

    @property
    def is_plain(self) -> bool:
        """Whether its string tells of nobody unless it looks like it, which is not expected."""
        return not self.is_asked and not self.leaf.is_telling and not self.leaf.field.is_senders


class Shape(NamedTuple):
    """What mappings have in common: their members by key, and the value of the one that names another."""

    members: dict[str, Member]
    named: tuple[str, str] | None


def compile_shape(shape: Shape, deaf: Listens, walk_mapping: Callable[..., None], walk_any: Callable[..., None]) -> Walk:
    """`walk(value, loops, found, people)` for mappings with the members of that shape; what its members have may be otherwise.

    `walk_mapping` and `walk_any` walk through what is: (value, place, loops, found, people).
    """
    source, names = source_of(shape)
    names |= {"may_tell": may_tell, "one_may_tell": _one_may_tell, "begins_json": BEGINS_JSON, "deaf": deaf}
    names |= {"walk_mapping": walk_mapping, "walk_any": walk_any}
    exec(compile(source, "<shape>", "exec"), names)  # source written here from numbers and names of types only
    made: Walk = names["walk"]
    return made


def source_of(shape: Shape) -> tuple[str, dict[str, Any]]:
    """The source of `walk`, and what its names mean that are of this shape."""
    writer = _Writer()
    looks, steps = writer.members(shape, "value")
    lines = ["def walk(value, loops, found, people):", "strings = ['']", *looks]
    lines += ["tell = people is not deaf and one_may_tell(strings)", *steps]
    return "\n    ".join(lines), writer.names


class _Writer:
    """Writes what is done with the members of mappings; each has a number."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self._count = 0

    def members(self, shape: Shape, value: str, *, is_certain: bool = True) -> _Lines:
        """For the members of a mapping that has these keys; unless it is certain, their types are looked at."""
        if not shape.members:
            return [], []
        numbers = self._numbers(len(shape.members))
        looks, steps, checks, plain = [], [], [], []
        for number, (key, member) in zip(numbers, shape.members.items(), strict=True):
            self.names |= {f"at{number}": member.at, f"leaf{number}": member.leaf, f"field{number}": member.leaf.field}
            self.names[member.kind.__name__] = member.kind
            checks.append(f"type(m{number}) is {member.kind.__name__}")
            if shape.named and key == shape.named[0]:
                self.names[f"name{number}"] = shape.named[1]
                checks[-1] = f"m{number} == name{number}"
            if member.kind is str and member.is_plain:
                plain.append(f"m{number}, ")
            looked, done = self._member(number, member)
            looks += looked
            steps += done
        if plain:
            looks.insert(0, f"strings += {''.join(plain)}".rstrip())
        if not is_certain:
            looks = [f"if is_{value} := {' and '.join(checks)}:", *_indented(looks or ["pass"])]
        return [f"{''.join(f'm{number}, ' for number in numbers)}= {value}.values()", *looks], steps

    def _numbers(self, count: int) -> range:
        first, self._count = self._count, self._count + count
        return range(first, self._count)

    def _member(self, number: int, member: Member) -> _Lines:
        """For one member."""
        at, kind, below, _ = member
        found = "None" if at.everything else "found"
        if kind is dict:
            otherwise = f"walk_mapping(m{number}, at{number}, loops, {found}, people)"
            return self._mapping(number, below[0], otherwise) if below else ([], [otherwise])
        if kind is list:
            otherwise = f"else: walk_any(m{number}, at{number}, loops, {found}, people)"
            looks, steps = self._mappings(number, below, found) if below else self._only_string(number, member)
            return looks, [*steps, otherwise]
        if kind is str:
            return [], [*_told(number, member), *_left(number, at)]
        told = [f"people.number(m{number})"] if kind is int and at.field.identifies is Identifies.CONTACT else []
        return [], [*told, *(_left(number, at) if kind is not _NULL else ())]

    def _only_string(self, number: int, member: Member) -> _Lines:
        """For a list of one string."""
        steps = [f"if is_m{number}:", *_indented([f"m{number}, = m{number}", *_told(number, member), *_left(number, member.leaf)])]
        noted = f"strings += m{number}" if member.is_plain else "pass"
        return [f"if is_m{number} := len(m{number}) == 1 and type(m{number}[0]) is str: {noted}"], steps

    def _mappings(self, number: int, shapes: Sequence[Shape], found: str) -> _Lines:
        """For a list of mappings."""
        numbers = self._numbers(len(shapes))
        looks = [f"{''.join(f'm{member}, ' for member in numbers)}= m{number}"]
        steps = []
        for member, shape in zip(numbers, shapes, strict=True):
            looked, done = self._mapping(
                member, shape, f"walk_any(m{member}, leaf{number}, loops, {found}, people)", f"type(m{member}) is dict and "
            )
            looks += looked
            steps += done
        return [f"if is_m{number} := len(m{number}) == {len(shapes)}:", *_indented(looks)], [f"if is_m{number}:", *_indented(steps)]

    def _mapping(self, number: int, shape: Shape, otherwise: str, condition: str = "") -> _Lines:
        """For a mapping that is expected to have that shape."""
        self.names[f"keys{number}"] = [*shape.members]
        looks, steps = self.members(shape, f"m{number}", is_certain=False)
        return (
            [f"if is_m{number} := {condition}[*m{number}] == keys{number}:", *_indented(looks or ["pass"])],
            [f"if is_m{number}:", *_indented(steps or ["pass"]), f"else: {otherwise}"],
        )


def _told(number: int, member: Member) -> list[str]:
    tell = f"people.string(m{number}, field{number})"
    if member.leaf.is_telling:
        return [tell]
    if member.leaf.field.is_senders:
        return [f"if m{number}[:1] in begins_json: {tell}"]
    return [f"if {'' if member.is_asked else 'tell and '}may_tell(m{number}): {tell}"]


def _left(number: int, leaf: Unread) -> list[str]:
    return [] if leaf.is_read else [f"if found is not None: found.append((leaf{number}, m{number}))"]


def _indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]
