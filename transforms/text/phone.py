"""Telephone numbers: by a phone word near them, by an international prefix, or by a form that national plans have."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from transforms.text.lexicon import Cue

# Grouped as people write numbers of the countries whose languages we read; none of these is how orders are numbered.
_NATIONAL = re.compile(
    r"\(\d{2,5}\)[ -]?\d[\d .-]{4,10}"
    r"|(?:1[ .-]?)?\(?[2-9]\d{2}\)?([ .-])[2-9]\d{2}\1\d{4}"
    r"|0\d([ .-])\d{2}(?:\2\d{2}){3}"
    r"|0\d{2,5}[ /-]\d{3,}(?:[ -]?\d+)*"
    r"|0\d{1,4}([ -])\d{1,4}\3\d{3,4}"
    r"|[6-9]\d{4}[ -]\d{5}"
    r"|[679]\d{2}([ .-])\d{3}\4\d{3}|[679]\d{2}([ .-])\d{2}\5\d{2}\5\d{2}"
    r"|\d{2}[ -]9?\d{4,5}[ -]\d{4}"
    r"|0?5\d{2} \d{3} \d{2} \d{2}|0?5\d{2} \d{3} \d{4}"
    r"|08\d{2}[ -]\d{3,4}[ -]\d{3,5}"
    r"|0\d{2,4}([.-])\d{3,4}\6\d{3,4}|0[ -]\d{3}[ -]\d{3}[ -]\d{2}[ -]\d{2}"
    r"|\d(?: \d){6,12}"
)
_BRACKETED = re.compile(r"\([2-9]\d\d\) ?[2-9]\d\d[ -]?\d{4}")  # no order is numbered so
_BARE = re.compile(r"0[1-9]\d{8,9}|[6-9]\d{9}|05\d{8,9}|08\d{8,11}|01[0125]\d{8}")
_SPANISH = re.compile(r"[67]\d{8}")
_OTHERWISE_NAMED = (Cue.HARMLESS, Cue.CODE, Cue.CARD, Cue.BANK, Cue.IDENTITY, Cue.SSN)
_MOBILE_PREFIX = ("GB", "FR", "DE", "ES", "BR", "IN", "ID", "JP", "TR", "EG", "SA", "MX", "US")


def is_phone(digits: str, written: str, cue: Cue | None, cost: int) -> bool:
    """Whether the digits are a telephone number."""
    size = len(digits)
    if not 6 <= size <= 17:
        return False
    international = written.lstrip("( ").startswith("+") or (digits.startswith("00") and not digits.startswith("000"))
    if international and 8 <= size <= 17:
        return cue is not Cue.HARMLESS or written.lstrip("( ").startswith("+") or _is_valid("+" + digits[2:], None)
    if _BRACKETED.fullmatch(written) is not None and _is_valid(digits, "US"):
        return True
    if cue is Cue.PHONE:
        return size >= 7 or (cost <= 14 and not written.isdigit())
    if cue in _OTHERWISE_NAMED:
        return cue is not Cue.HARMLESS and size >= 9 and _NATIONAL.fullmatch(written) is not None
    if size < 8:
        return cue is Cue.NUMBER and cost <= 30 and size == 7
    if _NATIONAL.fullmatch(written) is not None:
        return True
    if cue is Cue.NUMBER and size >= 8:
        return True
    if cue is None and _SPANISH.fullmatch(written) is not None:
        return _is_valid(written, "ES")
    if size in (10, 11) and _BARE.fullmatch(written) is not None:
        return any(_is_valid(digits, region) for region in _MOBILE_PREFIX)
    return 11 <= size <= 13 and written.isdigit() and _is_valid("+" + digits, None)


@lru_cache(maxsize=4096)
def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
