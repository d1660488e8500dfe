"""A whole payload, redacted in the belief that none of its strings names one of the event's people.

What was taken on that belief is looked at together, at the end; in a payload that disappoints it the strings that do name
somebody are redacted for this event. A payload whose walk has redacted it (transforms/leaves.py) is looked at only. Else mappings of
one place that come often have a function (transforms/redact_shape.py), and others are redacted string by string.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from transforms.certain import certain_memory
from transforms.identify import DEEPEST, Identifiers
from transforms.leaves import is_static
from transforms.memory import Memory
from transforms.policy import REMEMBERED, Field, Treatment
from transforms.redact_shape import TYPES, Belief, Redact, compile_shape, redacting
from transforms.shape import DEEPEST as DEEPEST_SHAPE
from transforms.shape import LARGEST, LONGEST_NAME, Member, Shape

if TYPE_CHECKING:
    from transforms.leaves import Unread
    from transforms.scrub import Scrubber

OFTEN: Final = 4  # times that a shape comes before its function is written
_SHAPES_REMEMBERED: Final = 2_048


class Payloads:
    """Redacts payloads for one scrubber; `person` gives the pseudonym of a person."""

    def __init__(self, scrubber: Scrubber, person: Callable[..., str]) -> None:
        self.scrubber = scrubber
        self.calls: dict[str, Callable[..., Any]] = {
            "person": person,
            "doubted": self._doubted,
            "leaf": scrubber.leaf,
            "number": scrubber.number,
        }
        self._memories = [scrubber.memory(operator) for operator in REMEMBERED]
        self._certain: dict[Treatment, Memory | None] = {}
        self._places: dict[tuple[Field, int], _Place] = {}
        self._shapes = 0

    def redacted(self, payload: Any, field: Field, identifiers: Identifiers) -> Any:
        """The payload with every key and leaf redacted. Raises RecursionError for one that is nested too deep."""
        belief = self.belief(identifiers)
        return self.settled(payload, field, belief, self.place(field, 0).value(payload, belief))

    def belief(self, identifiers: Identifiers) -> Belief:
        """That nobody is named, before anything is redacted."""
        return (*self._memories, [""], [], [], identifiers)

    def settled(self, payload: Any, field: Field, belief: Belief, clean: Any) -> Any:
        """The payload as it was redacted in that belief, and again where it is disappointed."""
        naming: frozenset[str] = frozenset()
        while True:
            *_, strings, numbers, keys, identifiers = belief
            if (identifiers.phones and identifiers.embeds_phone(repr(numbers))) or (keys and identifiers.stand_in(keys)):
                return self.scrubber.value(payload, field, identifiers, 0)
            found = _naming(identifiers, strings)
            if not found:
                return clean
            naming |= found  # and looked at again, for what was believed may be other strings: functions are written on the way
            belief = (*(_Without(memory, naming) for memory in self._memories), [""], [], [], identifiers)
            clean = self.place(field, 0).value(payload, belief)

    def redacting(self, shape: Shape[Unread], is_noted: Callable[[Member[Unread]], bool], names: dict[str, Any]) -> list[str]:
        """The lines that redact a whole payload whose members a walk has looked at."""
        return redacting(shape, 1, self, lambda place: place.field, is_noted, names)

    def place(self, field: Field, depth: int) -> _Place:
        """The place of that field, so many levels below the payload."""
        found = self._places.get((field, depth))
        if found is None:
            found = self._places[field, depth] = _Place(self, field, depth)
        return found

    def certain(self, field: Field) -> Memory | None:
        """What is certain of strings there."""
        if field.treatment not in self._certain:
            self._certain[field.treatment] = certain_memory(field.treatment)
        return self._certain[field.treatment]

    def count_shape(self) -> None:
        """Count one that has not come before; when there are very many all are forgotten."""
        self._shapes += 1
        if self._shapes > _SHAPES_REMEMBERED:
            self._shapes = 1
            self._places.clear()

    def _doubted(self, text: str, field: Field, belief: Belief, depth: int) -> str:
        """A string of which no memory tells, so that it is redacted for this event and need not be believed."""
        *_, strings, _, _, identifiers = belief
        strings.remove(text)
        return self.scrubber.leaf(text, field, identifiers, depth)


def _naming(identifiers: Identifiers, strings: Sequence[str]) -> frozenset[str]:
    """Those of the strings that name somebody, found by looking at halves."""
    if not identifiers.stand_in(strings):
        return frozenset()
    if len(strings) == 1:
        return frozenset(strings)
    half = len(strings) // 2
    return _naming(identifiers, strings[:half]) | _naming(identifiers, strings[half:])


class _Without:
    """A memory that tells nothing of strings that name somebody."""

    def __init__(self, memory: Memory, naming: frozenset[str]) -> None:
        self._memory = memory
        self._naming = naming

    def __getitem__(self, text: str) -> str | None:
        return None if text in self._naming else self._memory[text]

    def get(self, text: str) -> str | None:
        """What the memory tells already."""
        return None if text in self._naming else self._memory.get(text)


class _Place:
    """Where values stand: their field, and how many levels below the payload; `shapes` are functions by keys and types."""

    def __init__(self, payloads: Payloads, field: Field, depth: int) -> None:
        self._payloads = payloads
        self._field = field
        self._depth = depth
        self._seen: dict[tuple[Any, ...], int] = {}
        self._named: dict[tuple[Any, ...], dict[str, Redact]] = {}
        self.shapes: dict[tuple[Any, ...], Redact] = {}

    def value(self, value: Any, belief: Belief) -> Any:
        """A value redacted."""
        if type(value) is dict:
            return (self.shapes.get((*value, *map(type, value.values()))) or self.unknown)(value, belief)
        return self._payloads.scrubber.value(value, self._field, belief[-1], self._depth)

    def members(self, values: list[Any], belief: Belief) -> list[Any]:
        """Values redacted."""
        shapes, unknown, other = self.shapes, self.unknown, self.value
        return [
            (shapes.get((*value, *map(type, value.values()))) or unknown)(value, belief) if type(value) is dict else other(value, belief)
            for value in values
        ]

    def unknown(self, mapping: dict[str, Any], belief: Belief) -> dict[str, Any]:
        """A mapping redacted that has no function, and perhaps one for the next."""
        self._learn(mapping)
        clean: dict[str, Any] = self._payloads.scrubber.value(mapping, self._field, belief[-1], self._depth)
        return clean

    def _learn(self, mapping: dict[str, Any]) -> None:
        """Write the function for mappings like this when they have come often; never when a key could be a value."""
        if self._depth >= DEEPEST - 2 * DEEPEST_SHAPE or not _has_shape(mapping, self._field):
            return
        pair = self._field.policy.pair(mapping)
        name: str | None = mapping[pair[0]] if pair else None
        shape = (*mapping, *map(type, mapping.values()))
        seen = self._seen[name, shape] = self._seen.get((name, shape), 0) + 1
        if seen == 1:
            self._payloads.count_shape()
        if seen != OFTEN:
            return
        redact = compile_shape(_shape(mapping, self._field), self._depth + 1, self._payloads)
        if pair is None or name is None:
            self.shapes[shape] = redact
        else:
            known = self._named.setdefault(shape, {})
            known[name] = redact
            self.shapes.setdefault(shape, _by_name(pair[0], known, self.unknown))


def _has_shape(mapping: dict[str, Any], field: Field) -> bool:
    """False when a key could be a value, or when there is too much of it."""
    if len(mapping) > LARGEST or not all(map(is_static, mapping)) or not TYPES.issuperset(map(type, mapping.values())):
        return False
    pair = field.policy.pair(mapping)
    return pair is None or len(mapping[pair[0]]) <= LONGEST_NAME


def _shape(mapping: dict[str, Any], field: Field) -> Shape[Field]:
    """The shape of a mapping, and of so much of what is nested in it as has one."""
    left = LARGEST
    numbers = count()

    def shape(mapping: dict[str, Any], name: str, field: Field, levels: int) -> Shape[Field]:
        nonlocal left
        left -= 1
        pair = field.policy.pair(mapping)
        named = None if pair is None else (pair[0], mapping[pair[0]])
        members = []
        for member, (key, value) in [(f"m{next(numbers)}", item) for item in mapping.items()]:
            at = field.child(named[1] if pair and named and key == pair[1] else key)
            members.append(Member(member, key, at, type(value), below(value, member, at, levels - 1)))
        return Shape(name, members, named)

    def below(value: Any, name: str, at: Field, levels: int) -> list[Shape[Field]]:
        values = [value] if type(value) is dict else value if type(value) is list else []
        if levels == 0 or at.is_dropped or len(values) > left or not all(type(inner) is dict and _has_shape(inner, at) for inner in values):
            return []
        if type(value) is dict:
            return [shape(value, name, at, levels)]
        return [shape(inner, inner_name, at, levels) for inner_name, inner in [(f"m{next(numbers)}", inner) for inner in values]]

    return shape(mapping, "mapping", field, DEEPEST_SHAPE)


def _by_name(key: str, known: dict[str, Redact], unknown: Redact) -> Redact:
    """For mappings in which the value of that key names another."""

    def redact(mapping: dict[str, Any], belief: Belief) -> dict[str, Any]:
        return (known.get(mapping[key]) or unknown)(mapping, belief)

    return redact
