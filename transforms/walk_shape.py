"""The walk through mappings of one place that have the same keys, and values of the same types under them, as one Python function.

What is nested in them is expected to be as it was when the function was written: first everything is looked at
(transforms/shape.py), and then told and taken, where something is otherwise by another walk. The source for a mapping
{"status": str, "phone": str, "tags": [str], "more": {"note": str}} becomes

    def walk(value, loops, found, people, belief):
        strings = ['']
        m0, m1, m2, m3, = value.values()
        strings += m0,
        if is_m2 := len(m2) == 1 and type(m2[0]) is str: m2, = m2; strings += m2,
        if is_m3 := [*m3] == keys_m3:
            m4, = m3.values()
            if is_m3 := type(m4) is str:
                strings += m4,
        tell = people is not deaf and one_may_tell(strings)
        if tell and may_tell(m0): people.string(m0, field_m0)
        if found is not None: found.append((leaf_m0, m0))
        people.string(m1, field_m1)
        if is_m2: ...
        else: walk_any(m2, at_m2, loops, found, people)
        if is_m3:
            if tell and may_tell(m4): people.string(m4, field_m4)
        else: walk_mapping(m3, at_m3, loops, found, people)

Members that a template reads and that tell of nobody are passed over. Strings that tell of nobody unless they look like it
are looked at together, and each of them only when one does. The walk through a whole payload that is to be redacted goes on,
now that its people are known, with the lines of transforms/redact_shape.py, for all is looked at and in variables already:

        if not belief: return None
        ...
        return {'status': keep[m0] or doubted(m0, field_m0, belief, 1), ...}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from transforms.policy import Identifies
from transforms.redact_shape import STRINGS
from transforms.shape import Member, Shape, indented, looks

if TYPE_CHECKING:
    from transforms.leaves import Listens, Unread

Walk = Callable[..., Any]
"""(value, loops, found, people, belief); with a belief (transforms/redact_shape.py) a whole payload is redacted as well."""

Redacts = Callable[[Shape["Unread"], Callable[[Member["Unread"]], bool], dict[str, Any]], list[str]]
"""Lines that give a mapping redacted once its people are known, from its shape and what of it is noted in `strings`."""

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


def compile_shape(
    shape: Shape[Unread], deaf: Listens, walk_mapping: Callable[..., None], walk_any: Callable[..., None], redacts: Redacts | None = None
) -> Walk:
    """`walk(value, loops, found, people, belief)` for mappings of that shape; what its members have may be otherwise.

    `walk_mapping` and `walk_any` walk through what is: (value, place, loops, found, people). With `redacts` the walk gives the
    mapping redacted in a belief.
    """
    source, names = source_of(shape, redacts)
    names |= {"may_tell": may_tell, "one_may_tell": _one_may_tell, "begins_json": BEGINS_JSON, "deaf": deaf}
    names |= {"walk_mapping": walk_mapping, "walk_any": walk_any}
    exec(compile(source, "<shape>", "exec"), names)  # source written here; keys in it are words, quoted
    made: Walk = names["walk"]
    return made


def source_of(shape: Shape[Unread], redacts: Redacts | None = None) -> tuple[str, dict[str, Any]]:
    """The source of `walk`, and what its names mean that are of this shape."""
    names: dict[str, Any] = {}
    seen = [*looks(shape, _is_plain, names), "tell = people is not deaf and one_may_tell(strings)", *_told(shape, names)]
    if redacts is None:
        lines = ["def walk(value, loops, found, people, belief):", "strings = ['']", *seen]
    else:
        lines = ["def walk(value, loops, found, people, belief):", f"strings = belief[{STRINGS}] if belief else ['']", *seen]
        lines += ["if not belief: return None", *redacts(shape, _is_plain, names)]
    return "\n    ".join(lines), names


def _told(shape: Shape[Unread], names: dict[str, Any]) -> list[str]:
    """What is done with the members of a mapping that is as expected."""
    lines = []
    for member in shape.members:
        name, at = member.name, member.place
        leaf = _leaf(member)
        names |= {f"at_{name}": at, f"leaf_{name}": leaf, f"field_{name}": leaf.field}
        found = "None" if at.everything else "found"
        if member.kind is dict:
            otherwise = f"walk_mapping({name}, at_{name}, loops, {found}, people)"
            lines += _mapping(member.below[0], names, otherwise) if member.below else [otherwise]
        elif member.kind is list:
            if member.below:
                steps = []
                for below in member.below:
                    steps += _mapping(below, names, f"walk_any({below.name}, leaf_{name}, loops, {found}, people)")
            else:
                steps = [*_string(member), *_left(name, leaf)]
            lines += [f"if is_{name}:", *indented(steps), f"else: walk_any({name}, at_{name}, loops, {found}, people)"]
        elif member.kind is str:
            lines += [*_string(member), *_left(name, at)]
        elif member.kind is not _NULL:
            lines += [f"people.number({name})"] if member.kind is int and at.field.identifies is Identifies.CONTACT else []
            lines += _left(name, at)
    return lines


def _mapping(shape: Shape[Unread], names: dict[str, Any], otherwise: str) -> list[str]:
    return [f"if is_{shape.name}:", *indented(_told(shape, names) or ["pass"]), f"else: {otherwise}"]


def _leaf(member: Member[Unread]) -> Unread:
    """The place of a string that it is or has."""
    return member.place.member if member.kind is list else member.place


def _is_plain(member: Member[Unread]) -> bool:
    """Whether its string tells of nobody unless it looks like it, which is not expected."""
    leaf = _leaf(member)
    return not member.is_asked and not leaf.is_telling and not leaf.field.is_senders


def _string(member: Member[Unread]) -> list[str]:
    name, leaf = member.name, _leaf(member)
    tell = f"people.string({name}, field_{name})"
    if leaf.is_telling:
        return [tell]
    if leaf.field.is_senders:
        return [f"if {name}[:1] in begins_json: {tell}"]
    return [f"if {'' if member.is_asked else 'tell and '}may_tell({name}): {tell}"]


def _left(name: str, leaf: Unread) -> list[str]:
    return [] if leaf.is_read else [f"if found is not None: found.append((leaf_{name}, {name}))"]
