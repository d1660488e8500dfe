"""Text as the rules read it: NFKC, ASCII digits, no invisible characters, one dash and one quote, with the way back.

Nothing is lost by folding: `Folded.source_range` gives the range of the original text that a folded range came from.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Characters that people and attackers put inside numbers and addresses and that nobody sees: zero-width, bidi marks,
# soft hyphen, variation selectors, the enclosing keycap of emoji digits.
_INVISIBLE = "\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
_SAME_LENGTH = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u00ad\u30fb"[:9], "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        "\u066b": ".",
        "\u066c": ",",
        "\u060c": ",",
        "\u3001": ",",
        "\u3002": ".",
        "\u0964": ".",
        "\u2022": ".",
        "\u00b7": ".",
        "\u061b": ";",
        "\u061f": "?",
        # the placeholder of claimed text may not come from outside
        "\ufffb": " ",
        "\ufffc": " ",
    }
)
_NEEDS_WORK = re.compile(f"[{_INVISIBLE}]")
_INVISIBLE_ONE = re.compile(f"[{_INVISIBLE}]")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_JOINS_LEFT = re.compile("[\u0300-\u036f\u0653-\u0655\u093c\u3099\u309a\uff9e\uff9f]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as the rules read it; `low` is the same in lower case and of the same length."""

    text: str
    low: str
    starts: list[int] | None
    ends: list[int] | None

    def source_range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original text that became text[start:end]; start < end."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """The folded text; the same string object when there is nothing to fold, which is the usual case."""
    if text.isascii():
        return Folded(text, text.lower(), None, None)
    if _NEEDS_WORK.search(text) is None and unicodedata.is_normalized("NFKC", text):
        folded = text.translate(_SAME_LENGTH)
        if _FOREIGN_DIGIT.search(folded) is not None:
            folded = _FOREIGN_DIGIT.sub(_ascii_digit, folded)
        return Folded(folded, _lower(folded), None, None)
    return _fold_with_offsets(text)


def _fold_with_offsets(text: str) -> Folded:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position, length = 0, len(text)
    while position < length:
        after = position + 1
        if _INVISIBLE_ONE.match(text[position]):
            position = after
            continue
        while after < length and _JOINS_LEFT.match(text[after]):
            after += 1
        piece = unicodedata.normalize("NFKC", text[position:after])
        piece = _FOREIGN_DIGIT.sub(_ascii_digit, piece.translate(_SAME_LENGTH))
        pieces.append(piece)
        starts.extend([position] * len(piece))
        ends.extend([after] * len(piece))
        position = after
    folded = "".join(pieces)
    return Folded(folded, _lower(folded), starts, ends)


def _ascii_digit(match: re.Match[str]) -> str:
    return str(unicodedata.digit(match.group()))


def _lower(text: str) -> str:
    low = text.lower()
    # Turkish capital dotted I is the letter that becomes two; the rules need equal lengths.
    return low if len(low) == len(text) else "".join(char.lower()[0] for char in text)
