"""Person names, by what leads to them (greeting, title, introduction, "call ..."), what follows them, and what stands beside them.

There is no list of names: a name is a word that stands where names stand and is not one of the words that also stand there.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from transforms.text import person_japanese
from transforms.text.cues import CJK, WORD, cue_of
from transforms.text.kinds import Kind
from transforms.text.names import NameReader
from transforms.text.names_lexicon import (
    ADDRESSED,
    CONTACT,
    DEEDS,
    FILLERS,
    GREETINGS,
    HONORIFICS,
    LEADS_TO_NAME,
    MEETING,
    ORGANISATION,
    POSTPOSITIONS,
    RELATIVES,
    ROLES,
    SELF_HERE,
    SIGN_OFFS,
    SMALL_LEADS,
    SMALL_TITLES,
    STRONG,
    TALKED,
    THANKS,
    TITLES,
    TURKISH_ENDING,
    WEAK,
    WEAK_FOLLOWERS,
)
from transforms.text.view import CLAIMED, Span, View

_BESIDE = frozenset({Kind.PHONE, Kind.EMAIL, Kind.ADDRESS, Kind.NATIONAL_ID, Kind.IBAN, Kind.SSN})
_LOOSE_GAP = re.compile(r"[\s,;:(/<\"'-]{1,3}")
_SIGN_OFF_GAP = re.compile(r"[ ,.!~-]*\n+[ -]*|[,!] ?| ?[-~] ?")
_PHRASES: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _role, _text in (("strong", STRONG), ("deed", DEEDS), ("contact", CONTACT), ("relative", RELATIVES), ("sign_off", SIGN_OFFS)):
    for _phrase in _text.split("|"):
        _parts = tuple(WORD.findall(_phrase)) or (_phrase,)
        _PHRASES.setdefault(_parts[0], []).append((_parts, _role))
for _language, _text in WEAK.items():
    for _phrase in _text.split("|"):
        _parts = tuple(WORD.findall(_phrase))
        _PHRASES.setdefault(_parts[0], []).append((_parts, _language))
for _options in _PHRASES.values():
    _options.sort(key=lambda option: -len(option[0]))
LEADS = frozenset({*_PHRASES, *GREETINGS, *TITLES, *HONORIFICS, *SELF_HERE})
# What makes a text worth reading for names when it holds no contact; small prepositions alone ("from", "para") do not.
_TELLING = (
    *(phrase for text in (STRONG, SIGN_OFFS, RELATIVES, DEEDS, *WEAK.values()) for phrase in text.split("|")),
    *(phrase for phrase in CONTACT.split("|") if " " in phrase),
    *LEADS_TO_NAME, *TALKED, *GREETINGS, *TITLES, *HONORIFICS, *SELF_HERE, *MEETING,
)  # fmt: skip
TRIGGERS = (
    "|".join(sorted({rf"\b{re.escape(phrase)}\b" if phrase.isascii() else re.escape(phrase) for phrase in _TELLING})),
    rf"^[^\d\s,]{{2,20}}(?: [^\d\s,]{{1,20}}){{0,3}}(?:,| -) {ADDRESSED.pattern}",
    r"\bthis side\b|[\x{3040}-\x{30ff}\x{3400}-\x{9fff}]",
)


def claim(view: View) -> None:
    """Claims every name."""
    if CJK.search(view.text) is not None:
        person_japanese.claim(view)
    rules = _Rules(NameReader(view), [span for span in view.marks() if span.kind in _BESIDE])
    rules.after_leads()
    rules.before_honorifics()
    rules.before_postpositions()
    rules.beside_contacts()


class _Rules:
    def __init__(self, reader: NameReader, contacts: list[Span]) -> None:
        self.reader = reader
        self.contacts = contacts

    def after_leads(self) -> None:
        """Claims the names to which a greeting, a title, an introduction or a verb of contact leads."""
        taken = self._addressed()
        for index, word in enumerate(self.reader.words):
            if index > taken and word.low in LEADS:
                found = self._after(index)
                if found is not None:
                    taken = self._take(*found)

    def _addressed(self) -> int:
        """Claims a name that opens the text and is spoken to ("Maria, your order ..."); the index of its last word, or -1."""
        reader = self.reader
        found = reader.name_at(0, loose=False) if reader.words else None
        if found is None or reader.words[found[0]].is_caseless or found[1] + 1 >= len(reader.words):
            return -1
        gap, following = reader.gap(found[1]), reader.words[found[1] + 1].low
        spoken_to = gap in (", ", " - ") and ADDRESSED.fullmatch(following) is not None
        return self._take(*found) if spoken_to or (gap == " " and following in GREETINGS) else -1

    def _after(self, index: int) -> tuple[int, int] | None:
        reader = self.reader
        word = reader.words[index]
        if word.low in TITLES and re.fullmatch(r"\.? |\.|", reader.gap(index)):
            small = word.low in SMALL_TITLES
            found = reader.name_at(self._past_titles(index) + 1, loose=not small, trusted=not small and word.is_capital)
            if found is not None and (
                reader.words[found[0]].is_capital or word.is_caseless or (word.is_capital and reader.ends_well(found[1]))
            ):
                return found
        if word.low in GREETINGS:
            found = self._after_greeting(index)
            if found is not None:
                return found
        for parts, role in _PHRASES.get(word.low, ()):
            last = index + len(parts) - 1
            if last < len(reader.words) and all(reader.words[index + step].low == part for step, part in enumerate(parts)):
                if role in WEAK and not reader.is_in(role):
                    continue
                found = self._after_phrase(last, "weak" if role in WEAK else role, several=last > index)
                if found is not None:
                    return found
        return None

    def _after_greeting(self, index: int) -> tuple[int, int] | None:
        reader = self.reader
        last = index
        while last + 1 < len(reader.words) and reader.words[last + 1].low in FILLERS and not reader.gap(last).strip():
            last += 1
        last = self._past_titles(last)
        if re.fullmatch(r"[ .,]{0,2}", reader.gap(last)) is None:
            return None
        found = reader.name_at(last + 1, loose="," not in reader.gap(last))
        if found is None:
            return None
        return found if reader.words[found[0]].is_capital or reader.ends_well(found[1]) else None

    def _after_phrase(self, last: int, role: str, *, several: bool) -> tuple[int, int] | None:
        reader = self.reader
        gap = reader.gap(last)
        if role == "sign_off":
            plain = gap == " " and reader.words[last].low not in THANKS
            if not plain and _SIGN_OFF_GAP.fullmatch(gap) is None:
                return None
            found = reader.name_at(self._past_titles(last) + 1, loose="\n" in gap)
            return found if found is not None and reader.ends_line(found[1]) else None
        if re.fullmatch(r" ?[:=-] ?| ", gap) is None or (role not in ("strong", "contact") and gap != " "):
            return None
        first = self._past_titles(last) + 1
        while (
            first < len(reader.words) and reader.words[first].low in ("is", "es", "é", "est", "ist", "o", "a") and reader.gap(first) == " "
        ):
            first += 1
        if role == "strong":
            found = reader.name_at(first, loose=True)
            if found is None or reader.words[found[0]].is_capital or ":" in gap or len(reader.words[last].low) > 4:
                return found
            return found if reader.ends_well(found[1]) else None
        found = reader.name_at(first, loose=True)
        if found is None:
            return None
        name = reader.words[found[0]]
        if role == "relative":
            return found if name.is_capital or (reader.ends_well(found[1]) and (self.contacts or name.is_caseless)) else None
        if role == "weak":
            return found if (name.is_capital and not name.is_caseless) or self._introduces(found[1], caseless=name.is_caseless) else None
        if role == "deed":
            return found if name.is_capital and not self._is_named_otherwise(*found) else None
        if name.is_capital:
            talked = reader.words[last].low == "mit" and found[1] + 1 < len(reader.words) and reader.words[found[1] + 1].low in TALKED
            return found if self.contacts or self._is_reached(last) or (talked and not self._is_named_otherwise(*found)) else None
        small_may_follow = several or self._is_reached(last) or reader.words[last].low in SMALL_LEADS
        return found if small_may_follow and self._meets_contact(found) else None

    def _is_named_otherwise(self, first: int, last: int) -> bool:
        """Whether the words are rather a company's: capitals only, or what follows says so ("met with London office")."""
        words = self.reader.words
        if words[first].text.isupper() and len(words[first].text) > 1:
            return True
        following = words[last + 1].low if last + 1 < len(words) and self.reader.gap(last) == " " else ""
        return following in ROLES or following in ORGANISATION

    def _past_titles(self, index: int) -> int:
        reader = self.reader
        while (
            index + 1 < len(reader.words) and reader.words[index + 1].low in TITLES and re.fullmatch(r"[. \n]{0,2}|: ", reader.gap(index))
        ):
            index += 1
        return index

    def _introduces(self, last: int, *, caseless: bool) -> bool:
        """Whether "im shaniqua" is an introduction: the sentence goes on as after a name, or a contact follows."""
        reader = self.reader
        if last + 1 >= len(reader.words):
            return CLAIMED in reader.gap(last)
        following, gap = reader.words[last + 1].low, reader.gap(last)
        if CLAIMED in gap or following in WEAK_FOLLOWERS:
            return True
        after = reader.words[last].end
        near = any(0 <= span.start - after <= 60 for span in self.contacts)
        return near and (gap.strip()[:1] in (",", ".", ";") or cue_of(following) is not None or reader.is_stop(last + 1) or caseless)

    def _meets_contact(self, found: tuple[int, int]) -> bool:
        """Whether a name in small letters after "call" or "and" stands beside a contact."""
        words = self.reader.words
        start, end = words[found[0]].start, words[found[1]].end
        text = self.reader.view.text
        for span in self.contacts:
            if 0 <= span.start - end <= 24 and "\n\n" not in text[end : span.start] and self.reader.ends_well(found[1]):
                return True
            if 0 <= start - span.end <= 12 and self.reader.ends_line(found[1]):
                return True
        return False

    def _is_reached(self, last: int) -> bool:
        """Whether the phrase that ends at `last` is one that people follow, even without a number: "ask for Beatrix"."""
        words = self.reader.words
        lead, before = words[last].low, words[last - 1].low if last else ""
        return lead in LEADS_TO_NAME or f"{before} {lead}" in LEADS_TO_NAME or before in MEETING

    def before_honorifics(self) -> None:
        """Claims "Suresh bhai", "Ayşe Hanım" and "Priya here"."""
        reader = self.reader
        for index in range(1, len(reader.words)):
            word = reader.words[index]
            here = word.low in SELF_HERE or (word.low == "this" and reader.view.low.startswith("side", word.end + 1))
            if word.low not in HONORIFICS and not here:
                continue
            first = self._back_from(index, loose=not here or bool(self.contacts))
            if first < index and reader.is_free(first, index) and not (here and not self._opens_clause(first)):
                reader.view.claim(reader.words[first].start, reader.words[index - 1 if here else index].end, Kind.PERSON)

    def before_postpositions(self) -> None:
        """Claims names before the small words of Hindi and the endings of Turkish: "Kamlesh ko call karo", "Orhan'ı ara"."""
        if not self.contacts:
            return
        reader = self.reader
        for index, word in enumerate(reader.words):
            stem, mark, _ = word.text.partition("'")
            if (
                mark
                and TURKISH_ENDING.search(word.low)
                and len(stem) > 2
                and not reader.is_stop_word(stem.lower(), capital=word.is_capital)
            ):
                first = self._back_from(index, loose=False)
                if self._near_contact(word.end):
                    reader.view.claim(reader.words[first].start, word.start + len(stem), Kind.PERSON)
            elif word.low in POSTPOSITIONS and index and self._near_contact(word.end):
                first = self._back_from(index, loose=True)
                if first < index and reader.is_free(first, index - 1):
                    self._take(first, index - 1)

    def _back_from(self, index: int, *, loose: bool) -> int:
        """The first word of the name that ends before the word at index, or index."""
        reader = self.reader
        first = index
        while first > 0 and index - first < 4 and reader.gap(first - 1) in (" ", "-") and reader.is_name_word(first - 1, loose=loose):
            if first < index and loose and reader.words[first - 1].is_capital != reader.words[index - 1].is_capital:
                break
            first -= 1
        small = first < index and not reader.words[first].is_capital
        return (
            index
            if small and (index - first > 2 or (first > 0 and not reader.is_stop(first - 1) and reader.gap(first - 1) == " "))
            else first
        )

    def _opens_clause(self, first: int) -> bool:
        """Whether the sentence, or a part of it behind a comma, begins with the word."""
        return first == 0 or self.reader.gap(first - 1).strip() != ""

    def _near_contact(self, end: int) -> bool:
        return any(0 <= span.start - end <= 30 or 0 <= end - span.end <= 40 for span in self.contacts)

    def beside_contacts(self) -> None:
        """Claims capitalised words directly before or after a number, an address or an e-mail: "Juliet 0412 617 801"."""
        reader, text = self.reader, self.reader.view.text
        starts = [word.start for word in reader.words]
        for span in self.contacts:
            after = bisect_left(starts, span.end)
            if after < len(starts) and _LOOSE_GAP.fullmatch(text[span.end : reader.words[after].start]):
                self._take_after(after, stops=",)")
            last = self._after_last_comma(span.end)
            if last is not None:
                # Outside German, a capital after a comma is a name's; a verb may follow ("[PHONE] numarasını ara, Orgün açacak").
                self._take_after(
                    last,
                    stops=" " if text[reader.words[last].start - 2] == "," and span.kind is Kind.PHONE and not reader.is_in("de") else "",
                )
            before = bisect_left(starts, span.start) - 1
            gap = text[reader.words[before].end : span.start] if before >= 0 else ""
            if before >= 0 and _LOOSE_GAP.fullmatch(gap) and not (":" in gap and span.kind is Kind.ADDRESS):
                self._take_before(before, small=span.kind is Kind.ADDRESS or "<" in gap)

    def _take_after(self, start: int, *, stops: str) -> None:
        reader = self.reader
        found = reader.name_at(min(self._past_titles(start - 1) + 1, len(reader.words) - 1), loose=False)
        if found is not None and (reader.ends_line(found[1]) or reader.gap(found[1])[:1] in tuple(stops)):
            self._take(*found)

    def _after_last_comma(self, start: int) -> int | None:
        """The word after the last comma or dash of the text, when only a name can stand there ("[ID] es mi dni, Begoña")."""
        text = self.reader.view.text
        if not any(mark in text[start : start + 42] for mark in (", ", "- ", ". ")):
            return None  # none is near; to look through the whole text for each contact would take quadratic time
        comma = max(text.rfind(", ", start), text.rfind("- ", start), text.rfind(". ", start))
        if comma < 0 or "\n" in text[start:] or comma - start > 40:
            return None
        return next((index for index, word in enumerate(self.reader.words) if word.start == comma + 2), None)

    def _take_before(self, last: int, *, small: bool) -> None:
        reader = self.reader
        first = last + 1
        while first > 0 and last - first < 3 and (first > last or reader.joins(first - 1)):
            word = reader.words[first - 1]
            if word.is_caseless or not reader.is_name_word(first - 1, loose=small):
                break
            first -= 1
        if first <= last and (reader.words[first].is_capital or (first > 0 and reader.is_stop(first - 1))):
            self._take(first, last)

    def _take(self, first: int, last: int) -> int:
        """Claims the words with titles and honorific; the index of the last one."""
        reader = self.reader
        first, last = reader.with_titles(first), reader.with_honorific(last)
        if reader.is_free(first, last):
            reader.view.claim(reader.words[first].start, reader.words[last].end, Kind.PERSON)
        return last
