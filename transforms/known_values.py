"""The values that one event says are its people's, and their removal from any string of that event.

An event names its person once as +4915107136475 and again as "0151 0713-6475" in a diagnostic, as `user=domain` in a
return path, upper case in a header or as a bare local part. Text is compared in a folded form of the same length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from transforms.text.kinds import Kind

PHONE_DIGITS: Final = 7  # fewer are a short code
_TAIL: Final = 8
_FEW: Final = 32
_PEOPLE_REMEMBERED: Final = 8_192
_TEXTS_REMEMBERED: Final = 4_096
_LONGEST_REMEMBERED: Final = 512
_NO_DIGITS: Final = bytes(code for code in range(256) if not 48 <= code <= 57)
_NUMBER: Final = re.compile(r"\d(?:[\s().\-/]{0,3}\d){6,}", re.ASCII)
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BETWEEN_WORDS: Final = re.compile(r"(?:[\s._+\-,'\"]|%20){1,3}")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})
_STRONG_LOCAL: Final = re.compile(r"[\d._+-]")


class _FoldTable(dict[int, int]):
    """One character for one: lower case, without accent, wide forms and digits of all scripts as ASCII."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        parts = unicodedata.normalize("NFKD", char)
        plain = parts[0] if all(unicodedata.combining(part) for part in parts[1:]) else char
        if plain.isdigit():
            plain = str(unicodedata.digit(plain))
        low = plain.lower()
        self[code] = ord(low if len(low) == 1 else plain)
        return self[code]


_FOLD: Final = _FoldTable()


def folded(text: str) -> str:
    """The text as values are compared, character for character."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def visible(text: str) -> str:
    """The text composed and without characters that nobody sees, so that folding keeps its length."""
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def _shown(text: str) -> str:
    """The text as values are compared, where nothing that nobody sees comes between."""
    if text.isascii():
        return text.lower()
    return _remembered_fold(text) if len(text) <= _LONGEST_REMEMBERED else folded(visible(text))


_remembered_fold: Final = lru_cache(_TEXTS_REMEMBERED)(lambda text: folded(visible(text)))


@dataclass(slots=True, init=False)  # one for each event: a constructor with default factories takes twice as long
class Identifiers:
    """One event's own identifiers. `phones` are digits, everything else is folded."""

    ordinary_words: frozenset[str]
    phones: dict[str, str]  # last digits -> all digits
    emails: set[str]
    literals: dict[str, Kind]  # as they stand, wherever they stand
    weak_literals: dict[str, Kind]  # only in free text and between boundaries
    names: set[tuple[str, ...]]
    name_words: set[str]
    decided: dict[tuple[str, str, str], str]  # by treatment and operator
    _beginnings: dict[int, tuple[int, dict[str, set[int]]]]  # of many words: two letters -> lengths

    def __init__(self, ordinary_words: frozenset[str] = frozenset()) -> None:
        self.ordinary_words = ordinary_words
        self.phones, self.literals, self.weak_literals, self.decided, self._beginnings = {}, {}, {}, {}, {}
        self.emails, self.names, self.name_words = set(), set(), set()

    def add_phone(self, digits: str) -> None:
        if PHONE_DIGITS <= len(digits) <= 15:
            self.phones[digits[-_TAIL:] if len(digits) >= 10 else digits] = digits

    def add_email(self, address: str) -> None:
        plain, strong, weak = _words_of_email(address, self.ordinary_words)
        if plain and plain not in self.emails:
            self.emails.add(plain)
            self.literals.update(strong)
            self.weak_literals.update(weak)

    def add_name(self, name: str) -> None:
        words, apart, glued = _words_of_name(name, self.ordinary_words)
        if words:
            self.names.add(words)
            self.name_words.update(apart)
            self.literals.update(glued)

    def add_phrase(self, plain: str, kind: Kind) -> None:
        if 6 <= len(plain) <= 200 and plain not in self.ordinary_words:
            self.literals[plain] = kind
        elif len(plain) >= 4:
            self.weak_literals[plain] = kind

    def scrub(self, text: str, *, is_text: bool = True) -> str:
        """The text with [PHONE], [EMAIL], [PERSON] ... where it names an identifier; the same object when it names none.

        In a machine value (`is_text` false) single words of a name and short local parts stay: they are other words there.
        """
        if not self.names_somebody():
            return text
        shown = visible(text)
        plain = folded(shown)
        spans = list(self._spans(shown, plain, is_text))
        return _replaced(shown, spans) if spans else text

    def names_somebody(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.phones or self.literals or self.weak_literals or self.name_words)

    def stand_in(self, strings: Sequence[str]) -> bool:
        """False when `scrub` would leave each of the strings as it is: one look over all of them instead of one at each."""
        if not self.names_somebody():
            return False
        joined = "\x00".join(strings)
        plain = joined.lower() if joined.isascii() else "\x00".join(map(_shown, strings))
        if self.phones:
            digits = plain.encode("ascii", "ignore").translate(None, _NO_DIGITS)
            for tail in self.phones:
                if tail[-PHONE_DIGITS:].encode() in digits:
                    return True
        for words in (self.literals, self.weak_literals, self.name_words):
            if len(words) > _FEW:
                if self._present(words, plain):
                    return True
            elif words:
                for word in words:
                    if word in plain:
                        return True
        return False

    def embeds_phone(self, digits: str) -> bool:
        """Whether the digits hold the number of one of the event's people."""
        return any(tail in digits for tail in self.phones)

    def _spans(self, shown: str, plain: str, is_text: bool) -> Iterator[tuple[int, int, Kind]]:
        if self.phones:
            for match in _NUMBER.finditer(plain):
                yield from self._phone_spans(plain, match.start(), match.end())
        for literals in (self.literals, self.weak_literals) if is_text else (self.literals,):
            for literal in self._present(literals, plain):
                yield from ((start, start + len(literal), literals[literal]) for start in _bounded(plain, literal))
        if present := self._present(self.name_words, plain):
            yield from self._name_spans(shown, plain, present, is_text)

    def _present(self, words: Collection[str], plain: str) -> list[str]:
        """The words that stand in the text. Many are not tried one by one: an event may name thousands of people."""
        if len(words) <= _FEW:
            return [word for word in words if word in plain]
        size, lengths = self._beginnings.get(id(words), (0, {}))
        if size != len(words):
            lengths = {}
            for word in words:
                lengths.setdefault(word[:2], set()).add(len(word))
            self._beginnings[id(words)] = len(words), lengths
        found = {
            plain[start : start + length]
            for start in range(len(plain) - 1)
            for length in lengths.get(plain[start : start + 2], ())
            if plain[start : start + length] in words
        }
        return sorted(found)

    def _phone_spans(self, plain: str, start: int, end: int) -> Iterator[tuple[int, int, Kind]]:
        places = [place for place in range(start, end) if plain[place].isdigit()]
        digits = "".join(plain[place] for place in places)
        for length in self._tail_lengths():
            for found in range(len(digits) - length + 1):
                whole = self.phones.get(digits[found : found + length])
                if whole is None:
                    continue
                first, before = found, len(whole) - length - 1
                while first > 0 and before >= 0 and digits[first - 1] == whole[before]:
                    first, before = first - 1, before - 1
                while first > 0 and digits[first - 1] == "0" and found - first < _TAIL:
                    first -= 1
                last = found + length - 1
                if before >= 0 and last + 1 < len(places) and places[last + 1] == places[last] + 1:
                    continue  # some digits in the middle of a longer number
                begin = places[first]
                yield begin - (begin > 0 and plain[begin - 1] in "+("), places[last] + 1, Kind.PHONE
        if len(digits) == PHONE_DIGITS and any(tail.endswith(digits) for tail in self.phones):  # written without its area code
            yield start, end, Kind.PHONE

    def _tail_lengths(self) -> set[int]:
        return {len(tail) for tail in self.phones}

    def _name_spans(self, shown: str, plain: str, present: list[str], is_text: bool) -> Iterator[tuple[int, int, Kind]]:
        hits = sorted((start, start + len(word)) for word in present for start in _bounded(plain, word, digits=True))
        groups: list[list[tuple[int, int]]] = []
        for start, end in hits:
            if groups and (start <= groups[-1][-1][1] or _BETWEEN_WORDS.fullmatch(plain, groups[-1][-1][1], start)):
                groups[-1].append((start, end))
            else:
                groups.append([(start, end)])
        for group in groups:
            words = tuple(plain[start:end] for start, end in group)
            start, end = group[0][0], group[-1][1]
            if len(group) > 1 or self._says_the_name(words[0], shown[start], is_text):
                yield start, end, Kind.PERSON

    def _says_the_name(self, word: str, initial: str, is_text: bool) -> bool:
        """Whether this word alone is to go: a machine value loses only a whole name, a text also a part of one."""
        if not word[0].isascii() and not initial.isupper() and not initial.islower():
            return True  # a script without capitals
        if not is_text:
            return (word,) in self.names and len(word) >= 5
        return len(word) >= 5 or (len(word) >= 3 and initial.isupper())


@lru_cache(_PEOPLE_REMEMBERED)
def _words_of_email(address: str, ordinary_words: frozenset[str]) -> tuple[str, dict[str, Kind], dict[str, Kind]]:
    """The folded address, what stands for it wherever it stands, and what does so in free text; nothing for no address."""
    plain = folded(visible(address.strip()))
    local, at, domain = plain.rpartition("@")
    if not at or not local:
        return "", {}, {}
    strong = {plain: Kind.EMAIL, f"{local}={domain}": Kind.EMAIL}
    weak: dict[str, Kind] = {}
    for part in {local, local.partition("+")[0]}:
        if len(part) >= 4 and part not in ordinary_words:
            is_strong = len(part) >= 5 and bool(_STRONG_LOCAL.search(part) or len(part) >= 10)
            (strong if is_strong else weak)[part] = Kind.EMAIL
    return plain, strong, weak


@lru_cache(_PEOPLE_REMEMBERED)
def _words_of_name(name: str, ordinary_words: frozenset[str]) -> tuple[tuple[str, ...], set[str], dict[str, Kind]]:
    """The words of a name, those that tell of it by themselves, and the name without spaces; nothing for what is none."""
    words = tuple(_LETTERS.findall(folded(visible(name))))
    if not words or len(name) > 80 or len(words) > 6 or all(word in ordinary_words for word in words):
        return (), set(), {}
    apart = {word for word in words if len(word) >= 2 and word not in ordinary_words}
    apart.update(_LETTERS.findall(name.lower().translate(_UMLAUTS)) if not name.isascii() else ())
    glued = "".join(words)
    if len(words) == 1 or len(glued) < 8:
        return words, apart, {}
    return words, apart, {glued: Kind.PERSON, "".join(reversed(words)): Kind.PERSON}


def _bounded(plain: str, literal: str, *, digits: bool = False) -> Iterator[int]:
    """Where the literal stands as a word of its own; `digits` may touch it, and any letter may where a script has no spaces."""
    start = plain.find(literal)
    while start >= 0:
        end = start + len(literal)
        before, after = plain[start - 1 : start], plain[end : end + 1]
        if not (_continues(before, literal[0], digits) or _continues(after, literal[-1], digits)):
            yield start
        start = plain.find(literal, start + 1)


def _continues(neighbour: str, edge: str, digits: bool) -> bool:
    if not neighbour or not neighbour.isalnum() or not edge.isalnum():
        return False
    if neighbour.isdigit() and digits:
        return False
    return neighbour.isascii() == edge.isascii() or (neighbour < "\u0530" and edge < "\u0530")


def _replaced(text: str, spans: list[tuple[int, int, Kind]]) -> str:
    spans.sort(key=lambda span: (span[0], -span[1]))
    pieces: list[str] = []
    position = 0
    for start, end, kind in spans:
        if end <= position:
            continue
        if start >= position:
            pieces += (text[position:start], kind.token)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
