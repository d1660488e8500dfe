"""Mappings that have the same keys, and values of the same types under them, as one Python function that gives them redacted.

The source for an SMS's eventType, isFinal, totalMessageParts, destinationPhoneNumber, messageBody and context is

    def redact(mapping, belief):
        keep, keep_id, keep_public, truncate_ip, redact_link, redact_text, strings, numbers, keys, identifiers = belief
        has_names = identifiers.name_words
        m0, m1, m2, m3, m4, m5, = mapping.values()
        if has_names: keys += mapping
        strings += m0, m4,
        numbers += m2,
        if known5 := [*m5] == keys5:
            m6, = m5.values()
            known5 = type(m6) is str
        if known5:
            ...
            m5 = {'campaign': keep[m6] or doubted(m6, field6, belief, 2)}
        else: m5 = (shapes5.get((*m5, *map(type, m5.values()))) or unknown5)(m5, belief)
        return {
            'eventType': keep[m0] or doubted(m0, field0, belief, 1),
            'isFinal': m1,
            'totalMessageParts': m2,
            'destinationPhoneNumber': person(*who) if (who := certain3[m3]) else leaf(m3, field3, identifiers, 1),
            'messageBody': redact_text.get(m4) or doubted(m4, field4, belief, 1),
            'context': m5,
        }

A dropped member is in no line; a list of one string, as in an e-mail's tags, is looked at before the others. What is nested,
also in a list, is expected to be as it was when the function was written; what is otherwise has a function of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from transforms.policy import REMEMBERED, Field, Operator

Belief = tuple[Any, ...]
"""The memories of `REMEMBERED`, lists that get strings, numbers and keys which are believed to name nobody, the event's identifiers."""

Redact = Callable[[dict[str, Any], Belief], dict[str, Any]]

TYPES: Final = frozenset({str, int, float, bool, type(None), dict, list})

_SOON_JUDGED: Final = (
    Operator.KEEP,
    Operator.KEEP_ID,
    Operator.KEEP_PUBLIC,
    Operator.TRUNCATE_IP,
)  # others are not judged before it is known who is named
_JUDGED_NUMBERS: Final = (Operator.PSEUDONYMISE, Operator.MASK, Operator.COARSEN_GEO)
_UNPACKS: Final = f"{', '.join(REMEMBERED)}, strings, numbers, keys, identifiers = belief"


class Member(NamedTuple):
    """A member of a mapping: its key, its place, the type of its value, and the mapping that it is or those of the list that it is."""

    key: str
    field: Field
    kind: type
    below: Sequence[Shape] = ()


class Shape(NamedTuple):
    """What mappings have in common: their members, and the key that names another of them with its value."""

    members: Sequence[Member]
    named: tuple[str, str] | None = None


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


def compile_shape(shape: Shape, depth: int, makes: Makes) -> Redact:
    """`redact(mapping, belief)` for mappings of that shape, whose members stand so many levels below the payload."""
    source, names = source_of(shape, depth, makes)
    exec(compile(source, "<redact>", "exec"), names)  # source written here; its keys are words, quoted
    made: Redact = names["redact"]
    return made


def source_of(shape: Shape, depth: int, makes: Makes) -> tuple[str, dict[str, Any]]:
    """The source of `redact`, and what its names mean."""
    writer = _Writer(makes)
    unpacked, _, steps, clean = writer.mapping("mapping", shape, depth)
    return "\n    ".join(
        ["def redact(mapping, belief):", _UNPACKS, "has_names = identifiers.name_words", *unpacked, *steps, f"return {clean}"]
    ), writer.names


class _Writer:
    """Writes what is done with the members of mappings; each has a number."""

    def __init__(self, makes: Makes) -> None:
        self.names: dict[str, Any] = dict(makes.calls)
        self._makes = makes
        self._count = 0

    def mapping(self, name: str, shape: Shape, depth: int) -> tuple[list[str], list[str], list[str], str]:
        """For a mapping with these keys: its members taken out, what tells that they are as expected, statements, its redacted form."""
        numbered = [*zip(self._numbers(len(shape.members)), shape.members, strict=True)]
        unpacked = [f"{''.join(f'm{number}, ' for number, _ in numbered)}= {name}.values()"] if numbered else []
        checks = []
        for number, member in numbered:
            self.names[member.kind.__name__] = member.kind
            checks.append(f"type(m{number}) is {member.kind.__name__}")
            if shape.named and member.key == shape.named[0]:
                self.names[f"name{number}"] = shape.named[1]
                checks[-1] = f"m{number} == name{number}"
        kept = [(number, member) for number, member in numbered if not member.field.is_dropped]
        steps = [f"if has_names: keys += {name}"]
        if strings := [f"m{number}" for number, member in kept if member.kind is str and _is_believed(member.field)]:
            steps.append(f"strings += {', '.join(strings)},")
        if numbers := [f"m{number}" for number, member in kept if member.kind is int and not _is_judged(member.field)]:
            steps.append(f"numbers += {', '.join(numbers)},")
        for number, member in kept:
            steps += self._step(number, member, depth)
        return (
            unpacked,
            checks,
            steps,
            f"{{{', '.join(f'{member.key!r}: {self._value(number, member, depth)}' for number, member in kept)}}}",
        )

    def _numbers(self, count: int) -> range:
        first, self._count = self._count, self._count + count
        return range(first, self._count)

    def _step(self, number: int, member: Member, depth: int) -> list[str]:
        """Statements that leave a mapping or a list redacted in its variable."""
        name, place = f"m{number}", self._makes.place(member.field, depth + 1 if member.kind is list else depth)
        self.names |= {f"field{number}": member.field, f"certain{number}": self._makes.certain(member.field)}
        self.names |= {f"shapes{number}": place.shapes, f"unknown{number}": place.unknown, f"members{number}": place.members}
        self.names[f"value{number}"] = place.value
        if member.kind is dict:
            otherwise = f"{name} = (shapes{number}.get((*{name}, *map(type, {name}.values()))) or unknown{number})({name}, belief)"
            return self._nested(number, member.below[0], depth + 1, otherwise) if member.below else [otherwise]
        if member.kind is not list:
            return []
        otherwise = f"else: {name} = members{number}({name}, belief)"
        if member.below:
            numbers = self._numbers(len(member.below))
            steps = [f"{''.join(f'm{inner}, ' for inner in numbers)}= {name}"]
            for inner, shape in zip(numbers, member.below, strict=True):
                steps += self._nested(
                    inner, shape, depth + 2, f"m{inner} = value{number}(m{inner}, belief)", f"type(m{inner}) is dict and "
                )
            steps.append(f"{name} = [{', '.join(f'm{inner}' for inner in numbers)}]")
            return [f"if len({name}) == {len(member.below)}:", *_indented(steps), otherwise]
        noted = f"strings.append({name}); " if _is_believed(member.field) else ""
        only = f"{name}, = {name}; {noted}{name} = [{self._string(number, member.field, depth + 1)}]"
        return [f"if len({name}) == 1 and type({name}[0]) is str: {only}", otherwise]

    def _nested(self, number: int, shape: Shape, depth: int, otherwise: str, condition: str = "") -> list[str]:
        """Statements for a mapping that is expected to have that shape."""
        name = f"m{number}"
        self.names[f"keys{number}"] = [member.key for member in shape.members]
        unpacked, checks, steps, clean = self.mapping(name, shape, depth)
        known = [f"if known{number} := {condition}[*{name}] == keys{number}:"]
        known += _indented([*unpacked, f"known{number} = {' and '.join(checks) or 'True'}"])
        return [*known, f"if known{number}:", *_indented([*steps, f"{name} = {clean}"]), f"else: {otherwise}"]

    def _value(self, number: int, member: Member, depth: int) -> str:
        if member.kind is str:
            return self._string(number, member.field, depth)
        if member.kind in (int, float) and _is_judged(member.field):
            return f"number(m{number}, field{number}.treatment, identifiers)"
        return f"m{number}"

    def _string(self, number: int, field: Field, depth: int) -> str:
        operator, name = field.treatment.operator, f"m{number}"
        if _is_believed(field):
            known = f"{operator}[{name}]" if operator in _SOON_JUDGED else f"{operator}.get({name})"
            return f"{known} or doubted({name}, field{number}, belief, {depth})"
        leaf = f"leaf({name}, field{number}, identifiers, {depth})"
        if self._makes.certain(field) is None:
            return leaf
        if operator is Operator.PSEUDONYMISE:
            return f"person(*who) if (who := certain{number}[{name}]) else {leaf}"
        return f"certain{number}[{name}] or {leaf}"


def _is_believed(field: Field) -> bool:
    return field.treatment.operator in REMEMBERED


def _is_judged(field: Field) -> bool:
    return field.treatment.operator in _JUDGED_NUMBERS


def _indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]
