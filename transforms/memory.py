"""What becomes of a string whoever the event is about: judged once, then remembered.

Statuses, user agents and names of campaigns come again with every event. One becomes the same for all of them, unless it
names one of the event's people or holds an encoding in which one may hide.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from transforms.known_values import Identifiers

_VALUES_REMEMBERED: Final = 16_384
_LONGEST_REMEMBERED: Final = 512


class Onlooker(Identifiers):
    """Nobody's identifiers, that note whether anything but the value itself was searched for them."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.saw_more = False
        self.name_words = set()  # the only ones that others look at

    def scrub(self, text: str, *, is_text: bool = True) -> str:
        self.saw_more = self.saw_more or text != self.value
        return text

    def embeds_phone(self, digits: str) -> bool:
        self.saw_more = True
        return False


class Memory(dict[str, str | None]):
    """`memory[value]` is what becomes of the value, or None when that depends on the event. Bounded."""

    def __init__(self, judge: Callable[[str, Onlooker], str], drawn: re.Pattern[str] | None = None) -> None:
        """`judge(value, onlooker)` makes of the value what it makes of it in an event of nobody's. What is `drawn` for one event stays
        as it is, and is not remembered.
        """
        super().__init__()
        self._judge = judge
        self._is_drawn = drawn.fullmatch if drawn is not None else None

    def __missing__(self, value: str) -> str | None:
        if self._is_drawn is not None and self._is_drawn(value) is not None:
            return value
        if len(value) > _LONGEST_REMEMBERED:
            return None
        clean = self._alone(value)
        if len(self) >= _VALUES_REMEMBERED:
            self.clear()
        self[value] = clean
        return clean

    def _alone(self, value: str) -> str | None:
        if "{" in value or "[" in value:
            return None
        onlooker = Onlooker(value)
        clean = self._judge(value, onlooker)
        return None if onlooker.saw_more else clean


class _NoMemory(Memory):
    """Remembers nothing, for an event that may be named by any string of it."""

    def __missing__(self, value: str) -> str | None:
        return None


NO_MEMORY: Final = _NoMemory(lambda value, onlooker: value)
