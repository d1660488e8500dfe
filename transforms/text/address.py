"""Street addresses: a street with a house number, a postal code with a place, or what follows a word such as "address:".

The text is cut into runs of words and numbers that could be one address; a run is claimed when it holds enough signs of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.text import address_japanese
from transforms.text.cues import CJK, LETTER, MARKS, cue_of
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.streets import ALSO_ORDINARY, CUES, ENDINGS, GLUED, INSIDE, STREETS, UNITS
from transforms.text.view import View

TRIGGERS = (
    r"\d.*(?:\b(?:"
    + "|".join(sorted(re.escape(word) for word in STREETS | ENDINGS if word.isascii()))
    + r")\b|straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|damm|straat)",
    r"(?:\b(?:"
    + "|".join(sorted(re.escape(word) for word in STREETS if word.isascii()))
    + r")\b|straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|damm|straat).*\d",
    "(?:" + "|".join(sorted(re.escape(word) for word in STREETS if not word.isascii())) + ")",
    CUES,
    r"\bc/ .*\d",
    r"\d[^\d\n]{1,60}(?:\d{5,6}\b|\d{5}-\d{3}\b)|\bs/n\b",
    r"\bp\.?o\.? ?box|postfach|apartado|caixa postal|boîte postale|kotak pos|posta kutusu|ص\.?ب|\b[afd]po,? a[aep] |\bpsc \d|\bunit \d|"
    r"\b[a-z]{1,2}\d{1,2}[a-z]? ?\d[a-z]{2}\b|\b[a-z]\d[a-z] ?\d[a-z]\d\b",
    *address_japanese.TRIGGERS,
)

_ATOM = re.compile(f"[nN]°|[cC]/(?= ?[^\\W\\d_])|[sS]/[nN](?![^\\W_])|(?:{LETTER}|\\d)+(?:['./-](?:{LETTER}|\\d)+)*")
_GAP = re.compile(r"\.? ?[,#/-]{0,2} ?(?:[-#(] ?)?|, ?\n?|\n|: ?| \|? ?|, ?#|\. ?,? ?", re.ASCII)
_CUE = re.compile(rf"(?<![^\W_])(?:{CUES})(?=[\s:,-])[\s:,-]*")
_POSTCODE = re.compile(r"\d{5,6}|\d{5}-\d{3,4}|\d{4}|\d{3}-\d{4}")
_LETTERED_POSTCODE = re.compile(r"[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}", re.IGNORECASE)
_CASELESS = re.compile(f"[\u0590-\u08ff\u0900-\u0dff{MARKS}]")
_SMALL = re.compile(
    r"(?<![\w.,-])\d{1,5}[a-z]?,? (?:(?:n|s|e|w|north|south|east|west|old|new|upper|lower)\.? )?(?!days?\b|hours?\b|min|weeks?\b|"
    r"items?\b|of\b|the\b|on\b)[a-z']{3,}(?: [a-z']{3,})?"
    r" (?:street|road|avenue|ave|lane|blvd|boulevard|terrace|crescent|rd|nagar|marg|colony|sokak|caddesi)(?![\w])(?:,? (?:apt|unit|"
    r"suite|flat|no|kat|daire|#)\.? ?#?\d+[a-z]?)?"
)

# "5 place de la Bourse": what is an ending elsewhere begins a street in French, where a capital follows.
_FRENCH = re.compile(
    r"(?<![\w.,-])\d{1,4}(?: ?(?:bis|ter))?,? (?:[Pp]lace|[Ss]quare|[Pp]assage) (?:de la |de l'|des |du |de |d')"
    r"[A-ZÀ-Þ][^\W\d_]+(?:[ -][A-ZÀ-Þ][^\W\d_]+)*(?:(?:,? \d{5}|,) [A-ZÀ-Þ][^\W\d_]+)?"
)
_BOX = re.compile(
    r"(?<![^\W_])(?:(?:p\.?o\.? ?box|postfach|apartado(?: de correos| postal)?|caixa postal|boîte postale|kotak pos|posta kutusu|"
    r"ص\.?ب\.?) ?:?#? ?\d{1,6}(?:, [^\W\d_]{3,}(?: [^\W\d_]{3,})?)?"
    r"|(?:[a-z]+ [^\W\d_]+,? )?(?:apo|fpo|dpo),? (?:aa|ae|ap) \d{5})(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class _Atom:
    start: int
    end: int
    text: str
    low: str

    @property
    def is_number(self) -> bool:
        return self.low == "s/n" or any(char.isdigit() for char in self.text)

    @property
    def is_street(self) -> bool:
        return (self.low in STREETS and (self.low not in ALSO_ORDINARY or not self.text[0].islower())) or (
            len(self.low) > 5 and self.text[0].isupper() and self.low.endswith(GLUED)
        )

    @property
    def fits(self) -> bool:
        """Whether the word can stand inside an address."""
        if self.is_number:
            return sum(char.isdigit() for char in self.text) <= 8 and re.search(r"[a-z]{3}(?!.*-\d{5,6}$)", self.low) is None
        if self.is_street or self.low in UNITS or self.low in INSIDE:
            return True
        if cue_of(self.low) in (Cue.PHONE, Cue.HARMLESS, Cue.CODE, Cue.CARD, Cue.BANK, Cue.SSN) and self.low not in ENDINGS:
            return False
        return self.text[0].isupper() or _CASELESS.match(self.text) is not None


def claim(view: View) -> None:
    """Claims every street address."""
    if CJK.search(view.text) is not None:
        address_japanese.claim(view)
    leads = {match.end(): match.start() for match in _CUE.finditer(view.low)}
    for run in _runs(view, leads):
        led = _lead(view, run, leads)
        part = _address_in(view, run, led=led)
        if part is not None:
            view.claim(part[0].start, part[-1].end, Kind.ADDRESS)
    for pattern, text in ((_SMALL, view.low), (_BOX, view.low), (_FRENCH, view.text)):
        for match in pattern.finditer(text):
            view.claim(match.start(), match.end(), Kind.ADDRESS)


def _runs(view: View, leads: dict[int, int]) -> list[list[_Atom]]:
    runs: list[list[_Atom]] = []
    current: list[_Atom] = []
    for match in _ATOM.finditer(view.text):
        atom = _Atom(match.start(), match.end(), match.group(), view.low[match.start() : match.end()])
        rural = (
            atom.low in ENDINGS
            and bool(current)
            and current[-1].text[0].isupper()
            and current[0].is_number | any(member.is_number for member in current)
        )
        if (
            _is_amount_or_time(view.text, atom)
            or not (atom.fits or rural)
            or any(lead_start <= atom.start < lead_end for lead_end, lead_start in leads.items())
        ):
            if current:
                runs.append(current)
            current = []
            continue
        if current and (not _continues(view.text[current[-1].end : atom.start], current, atom) or atom.start in leads):
            runs.append(current)
            current = []
        current.append(atom)
    if current:
        runs.append(current)
    return [run for run in runs if any(atom.is_number for atom in run) or any(atom.is_street for atom in run)]


def _is_amount_or_time(text: str, atom: _Atom) -> bool:
    if not atom.is_number:
        return False
    before, after = text[max(0, atom.start - 2) : atom.start], text[atom.end : atom.end + 2]
    return (
        after[:1] == "%"
        or before[-1:] in tuple("$€£₹")
        or re.fullmatch(r"\d:", before) is not None
        or re.fullmatch(r":\d", after) is not None
    )


def _continues(gap: str, run: list[_Atom], atom: _Atom) -> bool:
    if _GAP.fullmatch(gap) is None:
        return False
    if ". " in gap and not (run[-1].low in UNITS or run[-1].is_street or len(run[-1].low) <= 4):
        return False
    if "\n" in gap:
        return any(member.is_number for member in run) and (atom.is_number or atom.text[0].isupper()) and not gap.startswith("\n\n")
    return ":" not in gap or run[-1].low in UNITS


def _lead(view: View, run: list[_Atom], leads: dict[int, int]) -> bool:
    """Whether an address word stands right before the run, or before a name that opens it."""
    return any(0 <= run[0].start - end <= 2 for end in leads)


def _address_in(view: View, run: list[_Atom], *, led: bool) -> list[_Atom] | None:
    """The part of the run that is an address."""
    first = 0
    text = view.text
    segments: list[int] = [0] + [
        i for i in range(1, len(run)) if "," in text[run[i - 1].end : run[i].start] or "\n" in text[run[i - 1].end : run[i].start]
    ]
    # A name may open the run ("ship it to Ann Lee, 8 High Street"): the address begins where a number, a unit or a street is.
    for position, begin in enumerate(segments):
        stop = segments[position + 1] if position + 1 < len(segments) else len(run)
        members = run[begin:stop]
        if any(atom.is_number or atom.is_street or atom.low in UNITS for atom in members) or (led and position == 0 and _is_place(run)):
            first = begin
            break
    members = run[first:]
    while members and members[0].low in INSIDE and not members[0].text[0].isupper():
        members = members[1:]
    members = _from_house_number(members)
    members = _trimmed(text, members)
    if not members:
        return None
    numbers = [index for index, atom in enumerate(members) if atom.is_number]
    words = [atom for atom in members if not atom.is_number and len(atom.low) > 2 and atom.low not in INSIDE]
    written = text[members[0].start : members[-1].end]
    has_street = any(atom.is_street for atom in members) or any(
        atom.low in ENDINGS and index and members[index - 1].text[0].isupper() and (members[0].is_number or led)
        for index, atom in enumerate(members)
    )
    has_unit = any(atom.low in UNITS and index + 1 < len(members) and members[index + 1].is_number for index, atom in enumerate(members))
    lettered = _LETTERED_POSTCODE.search(written) is not None
    last_is_postcode = bool(numbers) and _POSTCODE.search(members[numbers[-1]].text) is not None and numbers[-1] > 0
    if led and words and (numbers or (has_street and len(words) > 1)):
        return members
    if has_street and numbers and any(atom.low not in STREETS and atom.low not in UNITS for atom in words):
        return members
    if has_unit and len(numbers) >= 2 and (last_is_postcode or lettered):
        return members
    if _house_and_postcode(members):
        return members
    if lettered and len(words) >= 2 and (members[0].is_number or "," in written):
        return members
    if (
        members[0].is_number
        and last_is_postcode
        and len(numbers) >= 2
        and len(words) >= 2
        and numbers[-1] >= len(members) - 1
        and "," in written
    ):
        return members if len(re.sub(r"\D", "", members[numbers[-1]].text)) >= 5 else None
    return None


def _house_and_postcode(members: list[_Atom]) -> bool:
    """Whether a house number, a postal code and a town follow each other: "Zur Alten Mühle 7b, 34117 Kassel"."""
    for index in range(1, len(members) - 2):
        house, code, town = members[index : index + 3]
        if (
            re.fullmatch(r"\d{1,4}[a-zA-Z]?(?:/\d+)?", house.text)
            and re.fullmatch(r"\d{5}", code.text)
            and town.text[0].isupper()
            and members[0].text[0].isupper()
        ):
            return True
    return False


def _is_place(run: list[_Atom]) -> bool:
    return any(atom.is_street or atom.low in ENDINGS for atom in run)


def _from_house_number(members: list[_Atom]) -> list[_Atom]:
    """Without capitalised words of the sentence before the number that opens the address ("Send 12 High Street")."""
    for index, atom in enumerate(members[:3]):
        if (
            atom.is_number
            and index
            and not any(before.is_street or before.low in UNITS or before.low in ENDINGS for before in members[:index])
        ):
            return members[index:] if any(later.is_street or later.low in ENDINGS for later in members[index:]) else members
    return members


def _trimmed(text: str, members: list[_Atom]) -> list[_Atom]:
    """Without small connecting words and cut-off numbers at the end ("..., 2e étage")."""
    while members:
        last = members[-1]
        if last.low in INSIDE and not last.text[0].isupper():
            members = members[:-1]
            continue
        lone = (
            last.is_number
            and len(members) > 1
            and text[members[-2].end : last.start].strip() == ","
            and _POSTCODE.fullmatch(last.text) is None
        )
        if not lone or re.match(r" ?[^\W\d_]", text[last.end : last.end + 2]) is None:
            break
        members = members[:-1]
    return members
