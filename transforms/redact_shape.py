"""Mappings that have the same keys, and values of the same types under them, as one Python function that gives them redacted.

The source for an SMS's eventType, isFinal, totalMessageParts, destinationPhoneNumber, messageBody and context is

    def redact(mapping, belief):
        m0, m1, m2, m3, m4, m5, = mapping.values()
        keep, keep_id, keep_public, truncate_ip, redact_link, redact_text, strings, numbers, keys, identifiers = belief
        if identifiers.name_words: keys += mapping
        strings += m0, m4,
        numbers += m2,
        return {
            'eventType': keep[m0] or doubted(m0, field0, belief, 1),
            'isFinal': m1,
            'totalMessageParts': m2,
            'destinationPhoneNumber': person(*who) if (who := certain3[m3]) else leaf(m3, field3, identifiers, 1),
            'messageBody': redact_text.get(m4) or doubted(m4, field4, belief, 1),
            'context': (shapes5.get((*m5, *map(type, m5.values()))) or unknown5)(m5, belief),
        }

A dropped member is in no line; a list of one string, as in an e-mail's tags, is looked at before the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from transforms.policy import REMEMBERED, Field, Operator

Belief = tuple[Any, ...]
"""The memories of `REMEMBERED`, lists that get strings, numbers and keys which are believed to name nobody, the event's identifiers."""

Redact = Callable[[dict[str, Any], Belief], dict[str, Any]]
Member = tuple[str, Field, type]

TYPES: Final = frozenset({str, int, float, bool, type(None), dict, list})

_SOON_JUDGED: Final = (
    Operator.KEEP,
    Operator.KEEP_ID,
    Operator.KEEP_PUBLIC,
    Operator.TRUNCATE_IP,
)  # others are not judged before it is known who is named
_JUDGED_NUMBERS: Final = (Operator.PSEUDONYMISE, Operator.MASK, Operator.COARSEN_GEO)
_STARTS: Final = "def redact(mapping, belief):"
_UNPACKS: Final = f"{', '.join(REMEMBERED)}, strings, numbers, keys, identifiers = belief"


class Place(Protocol):
    """Where mappings stand, or members of a list."""

    shapes: dict[tuple[Any, ...], Redact]

    def unknown(self, mapping: dict[str, Any], belief: Belief) -> dict[str, Any]: ...

    def members(self, values: list[Any], belief: Belief) -> list[Any]: ...


class Makes(Protocol):
    """What redacts the members that need more than a memory."""

    calls: dict[str, Callable[..., Any]]

    def certain(self, field: Field) -> dict[str, Any] | None: ...

    def place(self, field: Field, depth: int) -> Place: ...


def compile_shape(members: Sequence[Member], depth: int, makes: Makes) -> Redact:
    """`redact(mapping, belief)` for mappings of those members, which stand so many levels below the payload."""
    names: dict[str, Any] = dict(makes.calls)
    for position, (_, field, kind) in enumerate(members):
        place = makes.place(field, depth + 1 if kind is list else depth)
        names |= {f"field{position}": field, f"certain{position}": makes.certain(field), f"members{position}": place.members}
        names |= {f"shapes{position}": place.shapes, f"unknown{position}": place.unknown}
    exec(compile(source_of(members, depth, makes), "<redact>", "exec"), names)  # source written here; its keys are words, quoted
    made: Redact = names["redact"]
    return made


def source_of(members: Sequence[Member], depth: int, makes: Makes) -> str:
    """The source of `redact`."""
    kept = [(f"m{position}", *member) for position, member in enumerate(members) if not member[1].is_dropped]
    lines = [f"{''.join(f'm{position}, ' for position in range(len(members)))}= mapping.values()"] if members else []
    lines += [_UNPACKS, "if identifiers.name_words: keys += mapping"]
    if strings := [name for name, _, field, kind in kept if kind is str and _is_believed(field)]:
        lines.append(f"strings += {', '.join(strings)},")
    if numbers := [name for name, _, field, kind in kept if kind is int and not _is_judged(field)]:
        lines.append(f"numbers += {', '.join(numbers)},")
    for name, _, field, kind in kept:
        if kind is list:
            noted = f"strings.append({name}); " if _is_believed(field) else ""
            only = f"{name}, = {name}; {noted}{name} = [{_string(name, field, depth + 1, makes)}]"
            lines += [f"if len({name}) == 1 and type({name}[0]) is str: {only}", f"else: {name} = members{name[1:]}({name}, belief)"]
    lines.append(f"return {{{', '.join(f'{key!r}: {_value(name, field, kind, depth, makes)}' for name, key, field, kind in kept)}}}")
    return "\n    ".join([_STARTS, *lines])


def _is_believed(field: Field) -> bool:
    return field.treatment.operator in REMEMBERED


def _is_judged(field: Field) -> bool:
    return field.treatment.operator in _JUDGED_NUMBERS


def _value(name: str, field: Field, kind: type, depth: int, makes: Makes) -> str:
    if kind is str:
        return _string(name, field, depth, makes)
    if kind is dict:
        return f"(shapes{name[1:]}.get((*{name}, *map(type, {name}.values()))) or unknown{name[1:]})({name}, belief)"
    if kind in (int, float) and _is_judged(field):
        return f"number({name}, field{name[1:]}.treatment, identifiers)"
    return name


def _string(name: str, field: Field, depth: int, makes: Makes) -> str:
    operator, number = field.treatment.operator, name[1:]
    if _is_believed(field):
        known = f"{operator}[{name}]" if operator in _SOON_JUDGED else f"{operator}.get({name})"
        return f"{known} or doubted({name}, field{number}, belief, {depth})"
    leaf = f"leaf({name}, field{number}, identifiers, {depth})"
    if makes.certain(field) is None:
        return leaf
    if operator is Operator.PSEUDONYMISE:
        return f"person(*who) if (who := certain{number}[{name}]) else {leaf}"
    return f"certain{number}[{name}] or {leaf}"
