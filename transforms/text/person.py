"""Person names, by what leads to them (greeting, title, introduction, "call ..."), what follows them, and what stands beside them.

There is no list of names: a name is a word that stands where names stand and is not one of the words that also stand there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.text import person_japanese
from transforms.text.cues import CJK, MARKS, WORD, cue_of
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.names_lexicon import (
    CONNECTORS,
    CONTACT,
    GREETING_FILLERS,
    GREETINGS,
    HONORIFICS,
    NOT_NAMES,
    ORGANISATION,
    RELATIVES,
    ROLES,
    SIGN_OFFS,
    STRONG,
    TITLES,
    WEAK,
)
from transforms.text.view import CLAIMED, View

_BESIDE = frozenset({Kind.PHONE, Kind.EMAIL, Kind.ADDRESS, Kind.NATIONAL_ID, Kind.IBAN, Kind.SSN, Kind.BIRTH})
_CASELESS = re.compile(f"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0e7f{MARKS}]")
_PHRASES: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _role, _text in (("strong", STRONG), ("weak", WEAK), ("contact", CONTACT), ("relative", RELATIVES), ("sign_off", SIGN_OFFS)):
    for _phrase in _text.split("|"):
        _parts = tuple(WORD.findall(_phrase)) or (_phrase,)
        _PHRASES.setdefault(_parts[0], []).append((_parts, _role))
for _options in _PHRASES.values():
    _options.sort(key=lambda option: -len(option[0]))


@dataclass(frozen=True, slots=True)
class Word:
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


def claim(view: View) -> None:
    """Claims every name."""
    if CJK.search(view.text) is not None:
        person_japanese.claim(view)
    words = [Word(match.start(), match.end(), match.group(), view.low[match.start() : match.end()]) for match in WORD.finditer(view.text)]
    reader = _Reader(view, words, {span.start for span in view.marks() if span.kind in _BESIDE})
    taken = 0
    for index in range(len(words)):
        if index < taken:
            continue
        found = reader.name_after(index)
        if found is not None:
            first, last = found
            view.claim(words[first].start, words[last].end, Kind.PERSON)
            taken = last + 1
    reader.claim_before_honorifics()
    reader.claim_beside_contacts()


class _Reader:
    def __init__(self, view: View, words: list[Word], contacts: set[int]) -> None:
        self.view = view
        self.words = words
        self.contacts = contacts

    def gap(self, index: int) -> str:
        """The text between a word and the next one (or the end)."""
        after = self.words[index + 1].start if index + 1 < len(self.words) else len(self.view.text)
        return self.view.text[self.words[index].end : after]

    def name_after(self, index: int) -> tuple[int, int] | None:
        """The words (first, last) of a name to which the word at index leads."""
        word = self.words[index]
        if word.low in TITLES and (word.is_capital or word.is_caseless or len(word.low) > 2):
            found = self.name_at(index + 1, loose=len(word.low) > 2, after=index)
            if found is not None:
                return found
        if word.low in GREETINGS:
            return self.after_greeting(index)
        for parts, role in _PHRASES.get(word.low, ()):
            last = index + len(parts) - 1
            if last < len(self.words) and all(self.words[index + step].low == part for step, part in enumerate(parts)):
                found = self.after_phrase(last, role)
                if found is not None:
                    return found
        return None

    def after_greeting(self, index: int) -> tuple[int, int] | None:
        start = index
        while start + 1 < len(self.words) and self.words[start + 1].low in GREETING_FILLERS and self.gap(start).strip() == "":
            start += 1
        start = self.skip_titles(start)
        if re.fullmatch(r"[\s.,]{0,2}", self.gap(start)) is None:
            return None
        found = self.name_at(start + 1, loose=True, after=start)
        if found is None:
            return None
        if self.words[found[0]].is_capital or start > index:
            return found
        return found if self.ends_well(found[1]) else None

    def after_phrase(self, last: int, role: str) -> tuple[int, int] | None:
        gap = self.gap(last)
        if role == "sign_off":
            if re.fullmatch(r"[ ,.!~-]*\n+[ -]*|[,!] ?|[ ]?[-~] ?", gap) is None:
                return None
            found = self.name_at(last + 1, loose="\n" in gap, after=None)
            return found if found is not None and self.stands_alone(found[1]) else None
        if role == "strong":
            if re.fullmatch(r" ?[:=-]? ?(?:is |es |é |est |ist )?", gap) is None:
                return None
            start = self.skip_titles(last)
            found = self.name_at(start + 1, loose=True, after=None)
            if found is not None and not self.words[found[0]].is_capital and self.words[last].low in ("nom", "nome", "nombre", "name", "names", "nama", "naam"):
                return found if ":" in gap or self.ends_well(found[1]) else None
            return found
        if re.fullmatch(r" (?:o |a )?", gap) is None:
            return None
        start = self.skip_titles(last)
        if role == "relative":
            return self.name_at(start + 1, loose=bool(self.contacts), after=None)
        found = self.name_at(start + 1, loose=bool(self.contacts) or role == "weak", after=None)
        if found is None:
            return None
        first = self.words[found[0]]
        if role == "weak":
            if first.is_capital:
                return found
            return found if self.introduces(found[1]) else None
        if first.is_capital:
            return found if self.contacts or self.is_reached(found) else None
        return found if self.leads_to_contact(found[1]) else None

    def skip_titles(self, index: int) -> int:
        """The last of the titles that follow the word at index ("Dear Mr."), or index."""
        while index + 1 < len(self.words) and self.words[index + 1].low in TITLES and re.fullmatch(r"[.\s]{0,2}", self.gap(index)):
            index += 1
        return index

    def name_at(self, first: int, *, loose: bool, after: int | None) -> tuple[int, int] | None:
        """The longest run of name words from `first`; `loose` allows small letters."""
        if first >= len(self.words) or (after is not None and re.fullmatch(r"[.\s]{1,2}|", self.gap(after)) is None):
            return None
        begin = first
        while begin < len(self.words) - 1 and self.words[begin].low in CONNECTORS and self.words[begin + 1].is_capital and self.gap(begin) == " ":
            begin += 1
        if not self.is_name_word(begin, loose=loose):
            return None
        capital = self.words[begin].is_capital
        last, limit = begin, begin + (4 if capital else 3 if self.words[begin].is_caseless else 2)
        position = begin + 1
        while position < len(self.words) and position <= limit and self.joins(position - 1):
            word = self.words[position]
            if word.low in CONNECTORS and position + 1 < len(self.words) and self.joins(position) and self.is_name_word(position + 1, loose=not capital):
                if not capital and not word.is_caseless and not self.ends_well(position + 1):
                    break
                position += 1
                limit += 1
                last = position
            elif self.is_name_word(position, loose=not capital):
                last = position
            else:
                break
            position += 1
        if any(self.words[index].low in ORGANISATION for index in range(begin, min(last + 2, len(self.words)))):
            return None
        return first, last

    def joins(self, index: int) -> bool:
        """Whether the next word can belong to the same name."""
        gap = self.gap(index)
        return gap in (" ", "-", "") or (gap in (". ", ".") and len(self.words[index].text) == 1)

    def is_name_word(self, index: int, *, loose: bool) -> bool:
        word = self.words[index]
        if word.low in NOT_NAMES or word.low in ROLES or "/" in word.low or "#" in word.low:
            return False
        if cue_of(word.low) is not None and cue_of(word.low) not in (Cue.SIGN_IN,):
            return False
        if word.is_caseless:
            return len(word.low) > 1 and not word.low.startswith(("وال", "بال", "لل"))
        if word.is_capital:
            return len(word.text) > 1 or self.gap(index).startswith(".")
        return loose and len(word.low) > 1 and not word.low.endswith(("ing", "'s", "'re", "'ll", "n't", "ly")) and "." not in word.low

    def ends_well(self, last: int) -> bool:
        """Whether what follows a name in small letters is what follows names: a stop, a function word, the end."""
        gap = self.gap(last)
        return gap.strip() != "" or last + 1 >= len(self.words) or self.words[last + 1].low in NOT_NAMES or cue_of(self.words[last + 1].low) is not None

    def introduces(self, last: int) -> bool:
        gap = self.gap(last)
        if CLAIMED in gap:
            return True
        if last + 1 >= len(self.words):
            return False
        following = self.words[last + 1].low
        if self.contacts and (gap.strip().startswith(",") or cue_of(following) is not None or following in NOT_NAMES):
            return True
        return following in ("the", "from", "here", "desde", "von", "aus", "who") and gap == " "

    def leads_to_contact(self, last: int) -> bool:
        """Whether a contact follows within a few words."""
        after = self.words[last].end
        return any(0 <= start - after <= 24 and "\n\n" not in self.view.text[after:start] for start in self.contacts)

    def is_reached(self, found: tuple[int, int]) -> bool:
        """Whether a capitalised name after "call", "tell", "thanks" stands like a person: short, and before a stop or small word."""
        lead = self.words[found[0] - 1].low if found[0] else ""
        strict = {"call", "ring", "contact", "for", "to", "tell", "ask", "remind", "ping", "a", "por", "pra", "para", "com", "appelez", "hubungi", "sama", "nach", "an"}
        if lead not in strict:
            return False
        if lead in {"for", "to", "a", "por", "pra", "para", "com", "an"}:
            before = self.words[found[0] - 2].low if found[0] > 1 else ""
            return before in {"ask", "speak", "talk", "pregunta", "pregunte", "llama", "llame", "liga", "ligue", "fale", "fala", "dile"}
        return True

    def stands_alone(self, last: int) -> bool:
        """Whether the line ends after the name."""
        gap = self.gap(last)
        return last + 1 >= len(self.words) and not re.search(r"\d", gap) or "\n" in gap

    def claim_before_honorifics(self) -> None:
        """Claims "Suresh bhai", "Ayşe Hanım" and "Priya here"."""
        for index in range(1, len(self.words)):
            word = self.words[index]
            if word.low not in HONORIFICS and not (word.low in ("here", "speaking") and index <= 3):
                continue
            first = index
            while first > 0 and index - first < 3 and self.gap(first - 1) == " " and self.is_name_word(first - 1, loose=False):
                first -= 1
            if first < index and CLAIMED not in self.view.text[self.words[first].start : word.start]:
                if word.low in ("here", "speaking") and first > 0:
                    continue
                self.view.claim(self.words[first].start, self.words[index - 1].end, Kind.PERSON)

    def claim_beside_contacts(self) -> None:
        """Claims capitalised words directly before or after a number, an address or an e-mail: "Juliet 0412 617 801"."""
        text = self.view.text
        for span in self.view.marks():
            if span.kind not in _BESIDE:
                continue
            after = [i for i, word in enumerate(self.words) if word.start >= span.end]
            if after and re.fullmatch(r"[\s,;:(/-]{1,3}", text[span.end : self.words[after[0]].start]):
                found = self.name_at(after[0], loose=False, after=None)
                if found is not None and (self.stands_alone(found[1]) or self.gap(found[1])[:1] in ",)\n"):
                    self.take(found)
            before = [i for i, word in enumerate(self.words) if word.end <= span.start]
            if before and re.fullmatch(r"[\s,;:(/-]{1,3}", text[self.words[before[-1]].end : span.start]):
                first = before[-1]
                while first >= 0 and before[-1] - first < 3 and self.is_name_word(first, loose=False) and not self.words[first].is_caseless:
                    if first > 0 and self.joins(first - 1):
                        first -= 1
                    else:
                        first -= 1
                        break
                first += 1
                if first <= before[-1]:
                    self.take((first, before[-1]))

    def take(self, found: tuple[int, int]) -> None:
        start, end = self.words[found[0]].start, self.words[found[1]].end
        if CLAIMED not in self.view.text[start:end] and not any(self.words[i].low in ORGANISATION for i in range(found[0], found[1] + 1)):
            self.view.claim(start, end, Kind.PERSON)
