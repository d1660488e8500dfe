"""What an engine found in a text, put into the text beside what the rules have put there already.

An engine counts in code points of the text that it was given. Its spans are mended before they are used: none may cut a
word, an address or a character in two, none may touch a token of ours, and a name is believed only where the words of it
are no ordinary ones. Links are judged by the rules for links alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from transforms.text.cues import MARKS
from transforms.text.fold import fold
from transforms.text.kinds import Kind
from transforms.text.names import NameReader
from transforms.text.names_lexicon import ORGANISATION
from transforms.text.view import OURS, View

_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"]*@[^\s<>()\[\],;:\"]*")
_LINK: Final = re.compile(r"(?:\w+://|www\.)\S+")
_LETTERS_APART: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)  # words are not parted
_MARK: Final = re.compile(f"[{MARKS}\u200b-\u200f\u2060\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_CODE_BEFORE: Final = re.compile(r"\d[-_]?$")
_CODE_AFTER: Final = re.compile(r"[-_]?\d")
_JOINTS: Final = frozenset("-\u2010\u2011'\u2019.")


@dataclass(frozen=True, slots=True)
class Found:
    """A personal value that an engine sees: text[start:end] is a `kind`, with a `score` from 0 to 1."""

    start: int
    end: int
    kind: Kind
    score: float


def is_possible(text: str, found: Found) -> bool:
    """Whether an answer can be about the text at all."""
    numbers = type(found.start) is int and type(found.end) is int and type(found.score) in (int, float)
    return numbers and isinstance(found.kind, Kind) and 0 <= found.start < found.end <= len(text) and 0 <= found.score <= 1


def with_tokens(text: str, spans: Iterable[Found]) -> str:
    """The text with a token in the place of each span; the same object when none of them is to be believed."""
    pieces: list[str] = []
    position = 0
    for span in _apart(_mended(text, spans)):
        pieces += (text[position : span.start], span.kind.token)
        position = span.end
    return "".join((*pieces, text[position:])) if pieces else text


def _mended(text: str, spans: Iterable[Found]) -> Iterator[Found]:
    closed = [(match.start(), match.end()) for pattern in (OURS, _LINK) for match in pattern.finditer(text)]
    addresses = [(match.start(), match.end()) for match in _ADDRESS.finditer(text)] if "@" in text else []
    reader: NameReader | None = None
    for span in spans:
        for start, end in _outside(span.start, span.end, closed):
            start, end = _whole(text, start, end, addresses)
            if span.kind is Kind.PERSON:
                reader = reader or _reader(text)
                if (name := _name(reader, text, start, end)) is None:
                    continue
                start, end = name
            while start < end and not _says_something(text[start]):
                start += 1
            while end > start and not (_says_something(text[end - 1]) or _MARK.match(text[end - 1])):
                end -= 1
            for inner in _outside(start, end, closed):  # a word may have been widened into a token that stands right beside it
                yield Found(*inner, span.kind, span.score)


def _outside(start: int, end: int, closed: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of the range that lie in none of the closed ranges."""
    for closed_start, closed_end in sorted(closed):
        if closed_end <= start or closed_start >= end:
            continue
        if start < closed_start:
            yield start, closed_start
        start = closed_end
    if start < end:
        yield start, end


def _whole(text: str, start: int, end: int, addresses: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The range, grown until it cuts no address, no word and no character."""
    for first, last in addresses:
        if first < end and start < last:
            start, end = min(start, first), max(end, last)
    while start > 0 and _hangs_together(text, start):
        start -= 1
    while end < len(text) and _hangs_together(text, end):
        end += 1
    return start, end


def _hangs_together(text: str, at: int) -> bool:
    """Whether the characters on both sides of the place belong together."""
    before, after = text[at - 1], text[at]
    if _MARK.match(after) is not None or unicodedata.combining(after) or before == "\u200d":
        return True
    if before in _JOINTS and at > 1:  # Jean-Luc, O'Malley, J.R.
        return after.isupper() and text[at - 2].isalpha()
    if after in _JOINTS and at + 1 < len(text):
        return before.isalpha() and text[at + 1].isupper()
    return _is_of_word(before) and _is_of_word(after) and _LETTERS_APART.match(before) is None and _LETTERS_APART.match(after) is None


def _is_of_word(char: str) -> bool:
    return char.isalnum() or char == "_" or _MARK.match(char) is not None


def _says_something(char: str) -> bool:
    return char.isalnum()


def _reader(text: str) -> NameReader:
    low = fold(text).low
    return NameReader(View.of(text, low if len(low) == len(text) else "".join(char.lower()[:1] or char for char in text)))


def _name(reader: NameReader, text: str, start: int, end: int) -> tuple[int, int] | None:
    """The part of the range that is written as a name; None where all its words are ordinary or name a company."""
    inside = [index for index, word in enumerate(reader.words) if word.start < end and start < word.end]
    if inside and all(_is_of_code(text, reader.words[index].start, reader.words[index].end) for index in inside):
        return None
    if not inside or _LETTERS_APART.search(text, start, end) is not None:  # scripts whose words the rules do not read
        return (start, end) if any(char.isalpha() for char in text[start:end]) else None
    after = inside[-1] + 1
    around = [*inside, after] if after < len(reader.words) and reader.gap(inside[-1]) == " " else inside
    if any(reader.words[index].low in ORGANISATION for index in around):
        return None

    def is_ordinary(index: int) -> bool:
        return reader.is_stop(index) or _is_of_code(text, reader.words[index].start, reader.words[index].end)

    while inside and is_ordinary(inside[0]):
        inside = inside[1:]
    while inside and is_ordinary(inside[-1]):
        inside = inside[:-1]
    return (reader.words[inside[0]].start, reader.words[inside[-1]].end) if inside else None


def _is_of_code(text: str, start: int, end: int) -> bool:
    """Whether digits hang on the word, as in SPX583 or CS-127: the name of no person."""
    return _CODE_BEFORE.search(text, max(0, start - 2), start) is not None or _CODE_AFTER.match(text, end) is not None


def _apart(spans: Iterable[Found]) -> list[Found]:
    """The spans in order, those that overlap as one of the longer one's kind."""
    apart: list[Found] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if apart and span.start < apart[-1].end:
            last = apart[-1]
            longer = last if last.end - last.start >= span.end - span.start else span
            apart[-1] = Found(last.start, max(last.end, span.end), longer.kind, longer.score)
        else:
            apart.append(span)
    return apart
