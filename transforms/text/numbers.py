"""Every number that is still unclaimed gets one decision: card, identifier, telephone number, code, or nothing."""

from __future__ import annotations

import re

from transforms.text import card, code, national_id, phone
from transforms.text.cues import Hit, nearest
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.view import View

_NUMBER = re.compile(
    r"(?<![a-z0-9_\u00c0-\u024f])(?<![a-z][-.])(?<!\d[.,:/-])"
    r"(?:\+ ?\(?|\()?\d(?:(?:[ \t]*[-./()][ \t]*(?:[-./()][ \t]*)?|[ \t]{1,2})?\d)*+(?![a-z0-9_\u00c0-\u024f]|[.,:]\d)"
)
# Zeros and ones typed as letters: "O2O 7946 O958".
_LETTER_ZERO = re.compile(r"(?<![a-z0-9])(?=[ol\d .-]*o)[ol\d](?:[ .-]?[ol\d]){6,12}(?![a-z0-9])")
_NO_DIGIT = re.compile(r"\D")
_RUN = re.compile(r"\+?\d+(?:[-./]\d+)*")
_FEWEST_UNNAMED = 8  # digits of a number that is personal although no word says what it is
_OF_IDENTITY = (Cue.IDENTITY, Cue.SSN)
_OF_CODES = (Cue.CODE, Cue.SIGN_IN)
_HASH = re.compile(r"#\s?$")
# Forms that are found inside a longer number too, for two may stand side by side: an international or bracketed telephone number, a card.
_TELLING = re.compile(
    r"(?<!\d)(?:\+|00(?=[ (.-]?[1-9]))\d?(?:[ ().-]{0,2}\d){7,15}(?!\d)"
    r"|\([2-9]\d\d\) ?[2-9]\d\d[ -]?\d{4}(?!\d)|(?<!\d)\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)"
)


def claim(view: View, found: list[Hit]) -> None:
    """Claims the personal numbers of the text."""
    for match in _NUMBER.finditer(view.low):
        start, end = match.span()
        written = match.group()
        if written.count("(") != written.count(")") and written.startswith("("):
            start, written = start + 1, written[1:]
        if not found and len(_NO_DIGIT.sub("", written)) < _FEWEST_UNNAMED:
            continue
        kind = decide(view.low, start, end, written, found)
        if kind is not None:
            view.claim(start, end, kind)
            continue
        if written.isdigit() and not written.startswith("00"):
            continue  # neither are its parts anything, nor does a form tell of it
        for part_start, part_end in _parts(view.low, start, end):
            part_kind = decide(view.low, part_start, part_end, view.low[part_start:part_end], found)
            if part_kind is not None:
                view.claim(part_start, part_end, part_kind)
        while (inner := _TELLING.search(view.low, start, end)) is not None:
            inner_kind = _told_by_form(inner.group())
            if inner_kind is not None:
                view.claim(inner.start(), inner.end(), inner_kind)
            start = inner.start() + 1 if inner_kind is None else inner.end()
    if any(hit.cue is Cue.CODE for hit in found):
        code.claim_lettered(view, found)
    if any(hit.cue is Cue.PHONE for hit in found) or "landline" in view.low:
        for match in _LETTER_ZERO.finditer(view.low):
            if sum(char.isdigit() for char in match.group()) >= 5:
                view.claim(match.start(), match.end(), Kind.PHONE)


def decide(low: str, start: int, end: int, written: str, found: list[Hit]) -> Kind | None:
    """The kind of the number at low[start:end], or None when it may stay."""
    digits = _NO_DIGIT.sub("", written)
    if len(digits) < 3:
        return None
    cue, cost = nearest(found, low, start, end)
    if cue is None and len(digits) < _FEWEST_UNNAMED:
        return None
    if "#" in low[max(0, start - 2) : start] and _HASH.search(low[max(0, start - 2) : start]):
        cue = Cue.HARMLESS
    if card.is_card(digits, written, cue):
        return Kind.CARD
    if national_id.is_ssn(digits, written, cue):
        return Kind.SSN
    if cue in _OF_IDENTITY and national_id.is_national_id(digits, written, cue):
        return Kind.NATIONAL_ID
    if cue in _OF_CODES and code.is_code(digits, written, cue, cost):
        return Kind.CODE
    if cue is not Cue.PHONE and national_id.is_national_id(digits, written, cue):
        return Kind.NATIONAL_ID
    if phone.is_phone(digits, written, cue, cost):
        return Kind.PHONE
    return None


def _told_by_form(written: str) -> Kind | None:
    digits = _NO_DIGIT.sub("", written)
    if card.is_card(digits, written, Cue.HARMLESS):
        return Kind.CARD
    return Kind.PHONE if phone.is_phone(digits, written, Cue.HARMLESS, 0) else None


def _parts(low: str, start: int, end: int) -> list[tuple[int, int]]:
    """The runs of a number that is nothing as a whole: two numbers may stand side by side."""
    runs = [match.span() for match in _RUN.finditer(low[start:end])]
    return [(start + a, start + b) for a, b in runs] if len(runs) > 1 else []
