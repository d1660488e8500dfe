"""The sender's tags of a row, redacted: what is done with each key is found out once for all mappings with the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from transforms.known_values import Identifiers
from transforms.leaves import is_static
from transforms.memory import NO_MEMORY, Memory
from transforms.policy import Field

if TYPE_CHECKING:
    from transforms.scrub import Scrubber

_PLANS_REMEMBERED: Final = 1_024


class _Tag(NamedTuple):
    """A key that is kept: its place, what its values became before, and whether it is a word that cannot be a value."""

    key: str
    place: Field
    memory: Memory
    is_word: bool


class _Plan(NamedTuple):
    """`names` are all keys in one string; of the keys in `remembered` the values become the same whomever the event is about."""

    names: str
    remembered: tuple[str, ...]
    tags: tuple[_Tag, ...]


class Tags:
    """Redacts the tags of rows for one scrubber, without those of `left_out`."""

    def __init__(self, scrubber: Scrubber, left_out: frozenset[str] = frozenset()) -> None:
        self._scrubber = scrubber
        self._left_out = left_out
        self._plan = lru_cache(_PLANS_REMEMBERED)(self._planned)

    def strings(self, tags: Mapping[str, Any]) -> list[str]:
        """The keys, and those values whose treatment is one of `REMEMBERED`: what may name one of the event's people."""
        plan = self._plan(tuple(tags))
        found = [plan.names]
        for key in plan.remembered:
            value = tags[key]
            if type(value) is str:
                found.append(value)
            elif type(value) is list:
                found += [member for member in value if type(member) is str]
        return found

    def redacted(self, tags: Mapping[str, Any], identifiers: Identifiers, *, is_named: bool = True) -> dict[str, str]:
        """Keys redacted, each value treated by its key; members of a list joined by commas."""
        found: dict[str, str] = {}
        written = self._scrubber.written
        for key, place, memory, is_word in self._plan(tuple(tags)).tags:
            value = tags[key]
            if type(value) is str:
                text = (None if is_named else memory[value]) or written(value, place, identifiers, is_named)
            else:
                members = value if isinstance(value, list) else [value]
                texts = [written(member, place, identifiers, is_named) for member in members if member is not None]
                if not texts:
                    continue
                text = ",".join(texts)
            found[key if is_word and not is_named else self._scrubber.key(key, identifiers)] = text
        return found

    def _planned(self, keys: tuple[str, ...]) -> _Plan:
        tags = []
        for key in keys:
            place = self._scrubber.field(key)
            if not place.is_dropped and key not in self._left_out:
                tags.append(_Tag(key, place, self._scrubber.memory(place.treatment.operator), is_static(key)))
        return _Plan("\x00".join(keys), tuple(tag.key for tag in tags if tag.memory is not NO_MEMORY), tuple(tags))
