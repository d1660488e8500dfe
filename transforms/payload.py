"""A whole payload, redacted in the belief that none of its strings names one of the event's people.

All strings that were taken on that belief are looked at together, at the end; a payload that disappoints it is redacted
again, string by string. What is done with the members of mappings of one place that have the same keys is found out once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from transforms.identify import DEEPEST, Identifiers
from transforms.leaves import is_static
from transforms.policy import Field, Operator

if TYPE_CHECKING:
    from transforms.scrub import Scrubber

_PLANS_REMEMBERED: Final = 2_048
_LARGEST_PLAN: Final = 64  # members
_LONGEST_NAME: Final = 64
_SOON_JUDGED: Final = (Operator.KEEP, Operator.KEEP_ID, Operator.KEEP_PUBLIC)  # others are not judged before it is known who is named


class _Member(NamedTuple):
    """A member of a mapping: its key, whether that is a word, its field, and what gives its strings as they become whomever
    the event is about, or None.
    """

    key: str
    is_word: bool
    field: Field
    remembered: Callable[[str], str | None]


class Payloads:
    """Redacts payloads for one scrubber."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._plans: dict[tuple[Any, ...], list[_Member] | str] = {}

    def redacted(self, payload: Any, place: Field, identifiers: Identifiers) -> Any:
        """The payload with every key and leaf redacted. Raises RecursionError for one that is nested too deep."""
        strings: list[str] = []
        clean = self._believed(payload, _Member("", True, place, self._remembered(place)), identifiers, 0, strings)
        return self._scrubber.value(payload, place, identifiers, 0) if identifiers.stand_in(strings) else clean

    def _believed(self, value: Any, at: _Member, identifiers: Identifiers, depth: int, strings: list[str]) -> Any:
        """The value redacted; `strings` get those that are believed to name nobody."""
        kind = type(value)
        if kind is str:
            known = at.remembered(value)
            if known is None:
                return self._scrubber.leaf(value, at.field, identifiers, depth)
            strings.append(value)
            return known
        if depth > DEEPEST:
            raise RecursionError
        if kind is list:
            return [self._believed(member, at, identifiers, depth + 1, strings) for member in value]
        if value is None or kind is bool:
            return value
        if kind is not dict:
            return self._scrubber.number(value, at.field.treatment, identifiers)
        if identifiers.name_words:
            strings += value
        found: dict[str, Any] = {}
        for below, member in zip(self._members(value, at.field), value.values(), strict=True):
            key, is_word, field, remembered = below
            if field.is_dropped:
                continue
            if type(member) is str and (known := remembered(member)) is not None:
                strings.append(member)
                clean: Any = known
            else:
                clean = self._believed(member, below, identifiers, depth + 1, strings)
            found[key if is_word else self._scrubber.key(key, identifiers)] = clean
        return found

    def _members(self, mapping: dict[str, Any], place: Field) -> list[_Member]:
        keys = (place, *mapping)
        plan = self._plans.get(keys)
        if type(plan) is str:  # the key whose value names another member
            name = mapping[plan]
            plan = self._plans.get((name, *keys)) if type(name) is str else None
        return plan if type(plan) is list else self._planned(mapping, place, keys)

    def _planned(self, mapping: dict[str, Any], place: Field, keys: tuple[Any, ...]) -> list[_Member]:
        named = place.policy.pair(mapping)
        fields = [(key, place.child(mapping[named[0]] if named and key == named[1] else key)) for key in mapping]
        plan = [_Member(key, is_static(key), field, self._remembered(field)) for key, field in fields]
        if len(self._plans) >= _PLANS_REMEMBERED or len(mapping) > _LARGEST_PLAN or not all(map(is_static, mapping)):
            return plan
        possible = place.policy.possible_pairs(mapping)
        if not possible:
            self._plans[keys] = plan
        elif named is not None and len(possible) == 1 and len(mapping[named[0]]) <= _LONGEST_NAME:
            self._plans[keys] = named[0]
            self._plans[mapping[named[0]], *keys] = plan
        return plan

    def _remembered(self, field: Field) -> Callable[[str], str | None]:
        memory = self._scrubber.memory(field.treatment.operator)
        return memory.__getitem__ if field.treatment.operator in _SOON_JUDGED else memory.get
