"""The walk through mappings of one place that have the same keys, and values of the same types under them, as one Python function.

The source for a mapping {"name": str, "phone": str, "tags": [...], "more": {...}} becomes, shortened,

    def walk(value, chosen, found, people):
        m0, m1, m2, m3, = value.values()
        if m0[:1] in begins or '@' in m0: people.string(m0, field0)
        if found is not None: found.append((at0, m0))
        people.string(m1, field1)
        if len(m2) == 1 and type(m2[0]) is str: ...
        else: walk_any(m2, at2, chosen, found, people)
        walk_mapping(m3, at3, chosen, found, people)
        return True

Members that a template reads and that tell of nobody are passed over. Strings that tell of nobody unless they look like it
are looked at together where there are many; when one does, the function returns False and has told nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from transforms.policy import Identifies

if TYPE_CHECKING:
    from transforms.leaves import Listens, Unread

Walk = Callable[[dict[str, Any], set[int], "list[Any] | None", "Listens"], bool]

_NULL: Final = type(None)
_FEW: Final = 3  # strings that are faster looked at one by one
_BEGINS_SOMETHING: Final = frozenset("+{[eW")  # a number, JSON, JSON in base64
_SOME_BEGIN_SOMETHING: Final = re.compile(r"\n[+{\[eW]")


def may_tell(text: str) -> bool:
    """Whether a string that stands anywhere may name somebody."""
    return text[:1] in _BEGINS_SOMETHING or "@" in text


def _one_may_tell(texts: tuple[str, ...]) -> bool:
    """Whether one of several strings may name somebody: one look over all of them first."""
    lines = "\n" + "\n".join(texts)
    return ("@" in lines or _SOME_BEGIN_SOMETHING.search(lines) is not None) and any(map(may_tell, texts))


def compile_shape(
    members: Sequence[tuple[Unread, type]], deaf: Listens, walk_mapping: Callable[..., None], walk_any: Callable[..., None]
) -> Walk:
    """`walk(value, chosen, found, people)` for mappings with such members: the place of each, and the type of its value.

    `walk_mapping` and `walk_any` walk through what stands below: (value, place, chosen, found, people).
    """
    names: dict[str, Any] = {"begins": _BEGINS_SOMETHING, "one_may_tell": _one_may_tell, "deaf": deaf}
    names |= {"walk_mapping": walk_mapping, "walk_any": walk_any}
    for number, (at, kind) in enumerate(members):
        leaf = at.member if kind is list else at
        names |= {f"at{number}": at, f"leaf{number}": leaf, f"field{number}": leaf.field}
    exec(compile(source_of(members), "<shape>", "exec"), names)  # source written here from numbers only
    made: Walk = names["walk"]
    return made


def source_of(members: Sequence[tuple[Unread, type]]) -> str:
    """The source of `walk`."""
    plain = [f"m{number}" for number, (at, kind) in enumerate(members) if kind is str and not at.is_telling and not at.is_asked]
    lines = ["def walk(value, chosen, found, people):"]
    if members:
        lines.append(f"{''.join(f'm{number}, ' for number in range(len(members)))}= value.values()")
    if len(plain) <= _FEW:
        plain = []
    else:
        lines.append(f"if people is not deaf and one_may_tell(({', '.join(plain)},)): return False")
    for number, (at, kind) in enumerate(members):
        lines += _step(number, at, kind, is_told=f"m{number}" not in plain)
    return "\n    ".join([*lines, "return True"])


def _step(number: int, at: Unread, kind: type, *, is_told: bool) -> list[str]:
    """What is done with one member."""
    found = "None" if at.everything else "found"
    if kind is dict:
        return [f"walk_mapping(m{number}, at{number}, chosen, {found}, people)"]
    if kind is list:
        one = [f"m{number} = m{number}[0]", *_told(number, at.member), *_left(number, at.member)]
        return [
            f"if len(m{number}) == 1 and type(m{number}[0]) is str:",
            *("    " + line for line in one),
            f"else: walk_any(m{number}, at{number}, chosen, {found}, people)",
        ]
    if kind is str:
        return [*(_told(number, at) if is_told else ()), *_left(number, at)]
    tell = [f"people.number(m{number})"] if kind is int and at.field.identifies is Identifies.CONTACT else []
    return [*tell, *(_left(number, at) if kind is not _NULL else ())]


def _told(number: int, leaf: Unread) -> list[str]:
    tell = f"people.string(m{number}, field{number})"
    return [tell if leaf.is_telling else f"if m{number}[:1] in begins or '@' in m{number}: {tell}"]


def _left(number: int, leaf: Unread) -> list[str]:
    return [] if leaf.is_read else [f"if found is not None: found.append((leaf{number}, m{number}))"]
