"""What a finder sees and how it claims: a folded text in which claimed ranges are no longer readable.

A range is claimed once. Later finders see placeholders there, so that two kinds never fight for the same characters and the
order of the finders is their priority. Tokens of an earlier redaction and pseudonyms of this project are covered from the
start: redacting twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from transforms.text.kinds import Kind

CLAIMED = "\ufffc"
COVERED = "\ufffb"
_KINDS = {kind.token: kind for kind in Kind}
OURS: Final = re.compile(
    "|".join(re.escape(token) for token in _KINDS) + r"|(?<![A-Za-z0-9_])(?:(?:ph|em|wa|cu)_[a-z]+_|mid_)[a-p]{16,}(?![A-Za-z0-9_@%=])"
)
"""Tokens of an earlier redaction, and pseudonyms."""


@dataclass(frozen=True, slots=True)
class Span:
    """A personal value: text[start:end] of the folded text is a `kind`."""

    start: int
    end: int
    kind: Kind


@dataclass(slots=True)
class View:
    """The text that is still unclaimed (`text`, and `low` in lower case), the spans claimed, and those of an earlier pass."""

    text: str
    low: str
    spans: list[Span] = field(default_factory=list)
    earlier: list[Span] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, low: str) -> View:
        """The view of a folded text, our own tokens and pseudonyms covered."""
        view = cls(text, low)
        if "[" in text or "_" in text:
            for match in OURS.finditer(text):
                kind = _KINDS.get(match.group())
                if kind is not None:
                    view.earlier.append(Span(match.start(), match.end(), kind))
                view._hide(match.start(), match.end(), CLAIMED if kind is not None else COVERED)
        return view

    def claim(self, start: int, end: int, kind: Kind) -> None:
        """Takes text[start:end] as a `kind`; it is not readable any more afterwards. Space at its ends stays."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start < end:
            self.spans.append(Span(start, end, kind))
            self._hide(start, end, CLAIMED)

    def cover(self, start: int, end: int) -> None:
        """Makes text[start:end] unreadable without redacting it: it is known to be harmless, or ours."""
        if CLAIMED in self.text[start:end]:
            return
        self._hide(start, end, COVERED)

    def marks(self) -> list[Span]:
        """Claimed spans and those of an earlier pass, in order."""
        return sorted([*self.spans, *self.earlier], key=lambda span: span.start)

    def _hide(self, start: int, end: int, char: str) -> None:
        gap = char * (end - start)
        self.text = self.text[:start] + gap + self.text[end:]
        self.low = self.low[:start] + gap + self.low[end:]
