"""Payment cards: by issuer and Luhn digit, or by a card word near a number of the right length."""

from __future__ import annotations

import re

from stdnum import luhn

from transforms.text.lexicon import Cue

_ISSUER = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,13}|35\d{14}|6\d{11,18}|"
    r"50\d{10,17}|5[6-9]\d{10,17}"
)
_GROUPED = re.compile(r"\d{4}([ .-])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ .-])\d{6}\2\d{4,5}|\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{4}")


def is_card(digits: str, written: str, cue: Cue | None) -> bool:
    """Whether the digits, written like this and standing near this cue, are a card number."""
    if not 12 <= len(digits) <= 19:
        return False
    if cue is Cue.CARD:
        return True
    if len(digits) < 13 or _ISSUER.fullmatch(digits) is None:
        return False
    if _GROUPED.fullmatch(written) is not None and cue is not Cue.IDENTITY:
        return cue is not Cue.HARMLESS or luhn.is_valid(digits)
    return cue is not Cue.HARMLESS and bool(luhn.is_valid(digits))
