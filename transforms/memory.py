"""What becomes of a string whoever the event is about: judged once, then remembered.

Statuses, user agents and names of campaigns come again with every event. One becomes the same for all of them, unless it
names one of the event's people or holds an encoding in which one may hide.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from transforms.known_values import Identifiers

_VALUES_REMEMBERED: Final = 16_384
_LONGEST_REMEMBERED: Final = 512


_NO_WORDS: Final[set[str]] = set()


class Onlooker(Identifiers):
    """Nobody's identifiers, that note whether anything but the value itself was searched for them."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.saw_more = False
        self.name_words = _NO_WORDS  # the only ones that others look at

    def scrub(self, text: str, *, is_text: bool = True) -> str:
        self.saw_more = self.saw_more or text != self.value
        return text

    def embeds_phone(self, digits: str) -> bool:
        self.saw_more = True
        return False


class Memory(dict[str, Any]):
    """`memory[value]` is what its judge makes of the value, or None when that depends on the event. Bounded."""

    def __init__(self, judge: Callable[[str], Any], drawn: re.Pattern[str] | None = None) -> None:
        """What is `drawn` for one event stays as it is, and is not remembered."""
        super().__init__()
        self._judge = judge
        self._is_drawn = drawn.fullmatch if drawn is not None else None

    def __missing__(self, value: str) -> Any:
        if self._is_drawn is not None and self._is_drawn(value) is not None:
            return value
        if len(value) > _LONGEST_REMEMBERED or "{" in value or "[" in value:
            return None
        clean = self._judge(value)
        if len(self) >= _VALUES_REMEMBERED:
            self.clear()
        self[value] = clean
        return clean


class _NoMemory(Memory):
    """Remembers nothing, for an event that may be named by any string of it."""

    def __missing__(self, value: str) -> None:
        return None


NO_MEMORY: Final = _NoMemory(lambda value: value)
