"""Where a document ends that is too long to be held: its brackets and strings are followed, nothing is kept."""

from __future__ import annotations

import re

KEPT_BYTES = 64 * 1024
"""How much of an oversize record goes into its dead letter; the landing object still has all of it."""

_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\\n]')


class DocumentEnd:
    """Finds the end of the JSON value that begins at the first place it is given, fed one buffer after another."""

    def __init__(self) -> None:
        self._depth = 0
        self._is_inside_string = False
        self._is_escaped = False

    def find(self, buffer: bytes, at: int) -> int | None:
        """The place after the value, None when the buffer ends before. A line break in a string ends a broken value."""
        while at < len(buffer):
            if self._is_escaped:
                self._is_escaped = False
                at += 1
                continue
            found = (_INSIDE if self._is_inside_string else _OUTSIDE).search(buffer, at)
            if not found:
                return None
            at, sign = found.end(), found[0]
            if sign == b"\\":
                self._is_escaped = True
            elif sign == b"\n":
                return found.start()
            elif sign == b'"':
                self._is_inside_string = not self._is_inside_string
            else:
                self._depth += 1 if sign in b"{[" else -1
            if self._depth <= 0 and not self._is_inside_string:
                return at
        return None


class LineEnd:
    """Finds the end of a line, fed one buffer after another."""

    def find(self, buffer: bytes, at: int) -> int | None:
        """The place of the line break, None when the buffer ends before."""
        end = buffer.find(b"\n", at)
        return None if end < 0 else end
