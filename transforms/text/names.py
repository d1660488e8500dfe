"""The grammar of a person name: which words can be one, how many belong together, and what stands around them."""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.text import stop_words
from transforms.text.cues import MARKS, WORD, cue_of
from transforms.text.lexicon import Cue
from transforms.text.names_lexicon import ALSO_NAMES, CONNECTORS, GREETINGS, HONORIFICS, ORGANISATION, ROLES, TITLES
from transforms.text.view import CLAIMED, View

_CASELESS = re.compile(f"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0e7f{MARKS}]")
_SMALL_ENDINGS = ("ing", "'s", "'re", "'ll", "'m", "n't", "ly")
_ARABIC_PREFIXES = ("وال", "بال", "لل", "ور", "وب", "وه")


class Word(NamedTuple):
    """One word of the text: where it stands, and how it is written."""

    start: int
    end: int
    text: str
    low: str

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()

    @property
    def is_caseless(self) -> bool:
        """Whether its script has no capitals."""
        return _CASELESS.match(self.text) is not None


class NameReader:
    """The words of a view, and the questions that the rules ask about them."""

    __slots__ = ("_languages", "view", "words")

    def __init__(self, view: View) -> None:
        self.view = view
        low = view.low
        self.words = [
            Word(match.start(), match.end(), match.group(), low[match.start() : match.end()]) for match in WORD.finditer(view.text)
        ]
        self._languages = 0

    @property
    def languages(self) -> int:
        """The languages of the text, worked out when first asked for."""
        if not self._languages:
            self._languages = stop_words.languages(word.low for number, word in enumerate(self.words) if not number or not word.is_capital)
        return self._languages

    def is_in(self, language: str) -> bool:
        """Whether the text may be in the language ("en", "es", ...)."""
        return bool(self.languages & stop_words.bit(language))

    def gap(self, index: int) -> str:
        """The text between a word and the next one (or the end)."""
        after = self.words[index + 1].start if index + 1 < len(self.words) else len(self.view.text)
        return self.view.text[self.words[index].end : after]

    def is_stop(self, index: int) -> bool:
        """Whether the word is an ordinary word, not a name."""
        word = self.words[index]
        greeted = index > 0 and self.words[index - 1].low in GREETINGS and self.gap(index)[:1] in tuple(",!:.\n")
        if greeted and word.is_capital and (word.low in ALSO_NAMES or (not word.text.isupper() and stop_words.is_abbreviation(word.low))):
            return False
        return self.is_stop_word(word.low, capital=word.is_capital)

    def is_stop_word(self, low: str, *, capital: bool) -> bool:
        """Whether a word in small letters is an ordinary one; capitals are judged by the languages of the text only."""
        if "'" in low and low.rpartition("'")[2] in ROLES | ORGANISATION:
            return True
        cue = cue_of(low)
        return (
            stop_words.is_stop(low, self.languages if capital else stop_words.ALL)
            or low in ROLES
            or (cue is not None and cue is not Cue.SIGN_IN)
        )

    def is_name_word(self, index: int, *, loose: bool) -> bool:
        """Whether the word can be part of a name; `loose` allows small letters."""
        word = self.words[index]
        if self.is_stop(index) or "/" in word.low or "#" in word.low or (word.low in HONORIFICS and not word.is_capital):
            return False
        if word.is_caseless:
            return len(word.low) > 1 and not word.low.startswith(_ARABIC_PREFIXES)
        if word.is_capital:
            return len(word.text) > 1 or self.gap(index)[:1] == "."
        return loose and len(word.low) > 1 and not word.low.endswith(_SMALL_ENDINGS) and "." not in word.low

    def joins(self, index: int) -> bool:
        """Whether the next word can belong to the same name."""
        gap = self.gap(index)
        return gap in (" ", "-", "") or (gap in (". ", ".") and len(self.words[index].text) == 1)

    def name_at(self, first: int, *, loose: bool, trusted: bool = False) -> tuple[int, int] | None:
        """The words (first, last) of the name that begins at `first`; `trusted` (after a title) lets any capitalised word begin it."""
        words = self.words
        begin = first
        while begin + 1 < len(words) and words[begin].low in CONNECTORS and words[begin + 1].is_capital and self.joins(begin):
            begin += 1
        if begin >= len(words):
            return None
        if not self.is_name_word(begin, loose=loose) and not (trusted and words[begin].is_capital and words[begin].low not in ROLES):
            return None
        capital = words[begin].is_capital
        limit = 5 if capital else 3 if words[begin].is_caseless else 2
        last, taken, position = begin, 1, begin + 1
        while position < len(words) and taken < limit and self.joins(position - 1):
            word = words[position]
            fits = self.is_name_word(position, loose=not capital) and (capital or word.is_caseless or not word.is_capital)
            by_title = trusted and word.is_capital and word.low not in ROLES and cue_of(word.low) is None
            if fits or by_title or (word.is_caseless and words[position - 1].low in CONNECTORS):
                last, taken = position, taken + 1
            elif word.low not in CONNECTORS or not self._goes_on(position, capital=capital):
                break
            position += 1
        if any(
            words[index].low in ORGANISATION for index in range(begin, min(last + 2, len(words))) if index <= last or self.gap(last) == " "
        ):
            return None
        return first, last

    def _goes_on(self, position: int, *, capital: bool) -> bool:
        """Whether a small connecting word leads to another part of the name ("Inès de la Cruz")."""
        for step in range(position + 1, min(position + 4, len(self.words))):
            if not self.joins(step - 1):
                return False
            word = self.words[step]
            if word.low not in CONNECTORS:
                return word.is_caseless or (capital and self.is_name_word(step, loose=False))
        return False

    def with_titles(self, first: int) -> int:
        """The first of the titles before the word at `first` ("Dear Mr. Smith"), or `first`."""
        while first > 0 and self.words[first - 1].low in TITLES and self.gap(first - 1) in (" ", ".", ". "):
            first -= 1
        return first

    def with_honorific(self, last: int) -> int:
        """The honorific after the word at `last`, or `last`."""
        after = last + 1
        return after if after < len(self.words) and self.words[after].low in HONORIFICS and self.gap(last) in (" ", "-", "") else last

    def ends_well(self, last: int) -> bool:
        """Whether what follows a name in small letters is what follows names: a stop, a function word, the end."""
        if last + 1 >= len(self.words):
            return True
        return self.gap(last).strip() != "" or "\n" in self.gap(last) or self.is_stop(last + 1)

    def ends_line(self, last: int) -> bool:
        """Whether the line ends after the name."""
        gap = self.gap(last)
        return "\n" in gap or (last + 1 >= len(self.words) and re.search(r"\d", gap) is None)

    def is_free(self, first: int, last: int) -> bool:
        """Whether no claimed value stands between the two words."""
        return CLAIMED not in self.view.text[self.words[first].start : self.words[last].end]
