"""What mappings of one place have in common, and the lines of Python that tell whether one is so.

Functions for mappings (transforms/walk_shape.py, transforms/redact_shape.py) begin with these lines; then each member stands in a
variable, and what is noted of the strings stands together. For a mapping {"status": str, "tags": [str], "more": {"note": str},
"headers": [{"name": "To", "value": str}]}:

    m0, m1, m2, m3, = value.values()
    strings += m0,
    if is_m1 := len(m1) == 1 and type(m1[0]) is str: m1, = m1; strings += m1,
    if is_m2 := [*m2] == keys_m2:
        m4, = m2.values()
        if is_m2 := type(m4) is str:
            strings += m4,
    if is_m3 := len(m3) == 1:
        m5, = m3
        if is_m5 := type(m5) is dict and [*m5] == keys_m5:
            m6, m7, = m5.values()
            if is_m5 := m6 == name_m6 and type(m7) is str:
                strings += m6,

The types of the outermost members are known from where its function was found; a list of one string is that string.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

Place = TypeVar("Place")
LARGEST: Final = 64  # members of a mapping, and mappings that are expected together
DEEPEST: Final = 16  # mappings within each other; Python takes no more than a hundred indents
LONGEST_NAME: Final = 64


class Member(NamedTuple, Generic[Place]):
    """A member of a mapping: its variable, key, place, the type of its value, the mapping that it is or those of the list
    that it is, and whether it is a string, or a list of one, that looked like somebody, and will again.
    """

    name: str
    key: str
    place: Place
    kind: type
    below: Sequence[Shape[Place]] = ()
    is_asked: bool = False


class Shape(NamedTuple, Generic[Place]):
    """What mappings have in common: the variable they stand in, their members, and the value of the one that names another."""

    name: str
    members: Sequence[Member[Place]]
    named: tuple[str, str] | None = None


def looks(shape: Shape[Place], is_noted: Callable[[Member[Place]], bool], names: dict[str, Any], *, is_certain: bool = True) -> list[str]:
    """The lines, with what their `names` mean: members taken out, `is_m3` whether m3 is as expected, `strings` with what is noted."""
    if not shape.members:
        return []
    lines, checks = [], []
    if noted := [f"{member.name}, " for member in shape.members if member.kind is str and is_noted(member)]:
        lines.append(f"strings += {''.join(noted)}".rstrip())
    for member in shape.members:
        names[member.kind.__name__] = member.kind
        checks.append(f"type({member.name}) is {member.kind.__name__}")
        if shape.named and member.key == shape.named[0]:
            names[f"name_{member.name}"] = shape.named[1]
            checks[-1] = f"{member.name} == name_{member.name}"
        if member.kind is dict and member.below:
            lines += _mapping(member.below[0], is_noted, names)
        elif member.kind is list:
            lines += _list(member, is_noted, names)
    if not is_certain:
        lines = [f"if is_{shape.name} := {' and '.join(checks)}:", *indented(lines or ["pass"])]
    return [f"{''.join(f'{member.name}, ' for member in shape.members)}= {shape.name}.values()", *lines]


def _list(member: Member[Place], is_noted: Callable[[Member[Place]], bool], names: dict[str, Any]) -> list[str]:
    """For a list of mappings, or one that may be of one string."""
    name = member.name
    if not member.below:
        noted = f"; strings += {name}," if is_noted(member) else ""
        return [f"if is_{name} := len({name}) == 1 and type({name}[0]) is str: {name}, = {name}{noted}"]
    lines = [f"{''.join(f'{shape.name}, ' for shape in member.below)}= {name}"]
    for shape in member.below:
        lines += _mapping(shape, is_noted, names, f"type({shape.name}) is dict and ")
    return [f"if is_{name} := len({name}) == {len(member.below)}:", *indented(lines)]


def _mapping(shape: Shape[Place], is_noted: Callable[[Member[Place]], bool], names: dict[str, Any], condition: str = "") -> list[str]:
    names[f"keys_{shape.name}"] = [member.key for member in shape.members]
    lines = looks(shape, is_noted, names, is_certain=False)
    return [f"if is_{shape.name} := {condition}[*{shape.name}] == keys_{shape.name}:", *indented(lines or ["pass"])]


def indented(lines: Sequence[str]) -> list[str]:
    """The lines as a block."""
    return ["    " + line for line in lines]
