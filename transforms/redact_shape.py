"""Mappings that have the same keys, and values of the same types under them, as one Python function that gives them redacted.

The source for an SMS's eventType, isFinal, totalMessageParts, destinationPhoneNumber, messageBody and context is

    def redact(mapping, belief):
        strings = belief[6]
        m0, m1, m2, m3, m4, m5, = mapping.values()
        strings += m0, m4,
        if is_m5 := [*m5] == keys_m5:
            m6, = m5.values()
            if is_m5 := type(m6) is str:
                strings += m6,
        keep, keep_id, keep_public, truncate_ip, redact_link, redact_text, strings, numbers, keys, identifiers = belief
        has_names = identifiers.name_words
        if has_names: keys += mapping
        numbers += m2,
        if is_m5:
            if has_names: keys += m5
            m5 = {'campaign': keep[m6] or doubted(m6, field_m6, belief, 2)}
        else: m5 = (shapes_m5.get((*m5, *map(type, m5.values()))) or unknown_m5)(m5, belief)
        return {
            'eventType': keep[m0] or doubted(m0, field_m0, belief, 1),
            'isFinal': m1,
            'totalMessageParts': m2,
            'destinationPhoneNumber': person(*who) if (who := certain_m3[m3]) else leaf(m3, field_m3, identifiers, 1),
            'messageBody': redact_text.get(m4) or doubted(m4, field_m4, belief, 1),
            'context': m5,
        }

First everything is looked at (transforms/shape.py); the lines after that also end the walk through a whole payload
(transforms/walk_shape.py), which has looked already. A dropped member is in no line of theirs. What is nested, also in a list, is
expected to be as it was when the function was written; what is otherwise has a function of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from transforms.policy import REMEMBERED, Field, Operator
from transforms.shape import Member, Shape, indented, looks

Belief = tuple[Any, ...]
"""The memories of `REMEMBERED`, lists that get strings, numbers and keys which are believed to name nobody, the event's identifiers."""

Redact = Callable[[dict[str, Any], Belief], dict[str, Any]]

At = TypeVar("At")
TYPES: Final = frozenset({str, int, float, bool, type(None), dict, list})

_SOON_JUDGED: Final = (
    Operator.KEEP,
    Operator.KEEP_ID,
    Operator.KEEP_PUBLIC,
    Operator.TRUNCATE_IP,
)  # others are not judged before it is known who is named
_JUDGED_NUMBERS: Final = (Operator.PSEUDONYMISE, Operator.MASK, Operator.COARSEN_GEO)
STRINGS: Final = len(REMEMBERED)  # where a belief has its strings
_UNPACKS: Final = f"{', '.join(REMEMBERED)}, strings, numbers, keys, identifiers = belief"


class Place(Protocol):
    """Where mappings stand, or members of a list."""

    shapes: dict[tuple[Any, ...], Redact]

    def unknown(self, mapping: dict[str, Any], belief: Belief) -> dict[str, Any]: ...

    def value(self, value: Any, belief: Belief) -> Any: ...

    def members(self, values: list[Any], belief: Belief) -> list[Any]: ...


class Makes(Protocol):
    """What redacts the members that need more than a memory."""

    calls: dict[str, Callable[..., Any]]

    def certain(self, field: Field) -> dict[str, Any] | None: ...

    def place(self, field: Field, depth: int) -> Place: ...


def compile_shape(shape: Shape[Field], depth: int, makes: Makes) -> Redact:
    """`redact(mapping, belief)` for mappings of that shape, whose members stand so many levels below the payload."""
    source, names = source_of(shape, depth, makes)
    exec(compile(source, "<redact>", "exec"), names)  # source written here; its keys are words, quoted
    made: Redact = names["redact"]
    return made


def source_of(shape: Shape[Field], depth: int, makes: Makes) -> tuple[str, dict[str, Any]]:
    """The source of `redact`, and what its names mean."""
    names: dict[str, Any] = {}

    def is_noted(member: Member[Field]) -> bool:
        return _is_believed(member.place)

    seen = looks(shape, is_noted, names)
    lines = [
        "def redact(mapping, belief):",
        f"strings = belief[{STRINGS}]",
        *seen,
        *redacting(shape, depth, makes, lambda field: field, is_noted, names),
    ]
    return "\n    ".join(lines), names


def redacting(
    shape: Shape[At],
    depth: int,
    makes: Makes,
    field_of: Callable[[At], Field],
    is_noted: Callable[[Member[At]], bool],
    names: dict[str, Any],
) -> list[str]:
    """The lines that give a mapping redacted whose members were looked at; strings that are noted are in `strings` already."""
    writer = _Writer(makes, field_of, is_noted, names)
    steps, clean = writer.mapping(shape, depth)
    return [_UNPACKS, "has_names = identifiers.name_words", *steps, f"return {clean}"]


class _Writer(Generic[At]):
    """Writes what is done with the members of mappings that are as expected."""

    def __init__(
        self, makes: Makes, field_of: Callable[[At], Field], is_noted: Callable[[Member[At]], bool], names: dict[str, Any]
    ) -> None:
        self._names = names
        self._names |= makes.calls
        self._makes = makes
        self._field_of = field_of
        self._is_noted = is_noted

    def mapping(self, shape: Shape[At], depth: int) -> tuple[list[str], str]:
        """Statements, and the redacted form."""
        kept = [(member, field) for member in shape.members if not (field := self._field_of(member.place)).is_dropped]
        steps = [f"if has_names: keys += {shape.name}"]
        unnoted = [member.name for member, field in kept if member.kind is str and _is_believed(field) and not self._is_noted(member)]
        if unnoted:
            steps.append(f"strings += {', '.join(unnoted)},")
        if numbers := [member.name for member, field in kept if member.kind is int and not _is_judged(field)]:
            steps.append(f"numbers += {', '.join(numbers)},")
        for member, field in kept:
            steps += self._step(member, field, depth)
        return steps, f"{{{', '.join(f'{member.key!r}: {self._value(member, field, depth)}' for member, field in kept)}}}"

    def _step(self, member: Member[At], field: Field, depth: int) -> list[str]:
        """Statements that leave a mapping or a list redacted in its variable."""
        name, place = member.name, self._makes.place(field, depth + 1 if member.kind is list else depth)
        self._names |= {f"field_{name}": field, f"certain_{name}": self._makes.certain(field)}
        if member.kind is dict:
            self._names |= {f"shapes_{name}": place.shapes, f"unknown_{name}": place.unknown}
            otherwise = f"{name} = (shapes_{name}.get((*{name}, *map(type, {name}.values()))) or unknown_{name})({name}, belief)"
            return self._nested(member.below[0], depth + 1, otherwise) if member.below else [otherwise]
        if member.kind is not list:
            return []
        self._names |= {f"members_{name}": place.members, f"value_{name}": place.value}
        steps = []
        for shape in member.below:
            steps += self._nested(shape, depth + 2, f"{shape.name} = value_{name}({shape.name}, belief)")
        if member.below:
            steps.append(f"{name} = [{', '.join(shape.name for shape in member.below)}]")
        else:
            noted = f"strings.append({name}); " if _is_believed(field) and not self._is_noted(member) else ""
            steps.append(f"{noted}{name} = [{self._string(name, field, depth + 1)}]")
        return [f"if is_{name}:", *indented(steps), f"else: {name} = members_{name}({name}, belief)"]

    def _nested(self, shape: Shape[At], depth: int, otherwise: str) -> list[str]:
        """Statements for a mapping that is expected to have that shape."""
        steps, clean = self.mapping(shape, depth)
        return [f"if is_{shape.name}:", *indented([*steps, f"{shape.name} = {clean}"]), f"else: {otherwise}"]

    def _value(self, member: Member[At], field: Field, depth: int) -> str:
        if member.kind is str:
            return self._string(member.name, field, depth)
        if member.kind in (int, float) and _is_judged(field):
            return f"number({member.name}, field_{member.name}.treatment, identifiers)"
        return member.name

    def _string(self, name: str, field: Field, depth: int) -> str:
        operator = field.treatment.operator
        if _is_believed(field):
            known = f"{operator}[{name}]" if operator in _SOON_JUDGED else f"{operator}.get({name})"
            return f"{known} or doubted({name}, field_{name}, belief, {depth})"
        leaf = f"leaf({name}, field_{name}, identifiers, {depth})"
        if self._makes.certain(field) is None:
            return leaf
        if operator is Operator.PSEUDONYMISE:
            return f"person(*who) if (who := certain_{name}[{name}]) else {leaf}"
        return f"certain_{name}[{name}] or {leaf}"


def _is_believed(field: Field) -> bool:
    return field.treatment.operator in REMEMBERED


def _is_judged(field: Field) -> bool:
    return field.treatment.operator in _JUDGED_NUMBERS
