"""One-time codes: short numbers and capital-letter codes beside a word that says so."""

from __future__ import annotations

import re

from transforms.text.cues import Hit, nearest
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.view import View

_LETTERED = re.compile(
    r"(?<![A-Za-z0-9_\u00c0-\u024f#/.@-])(?:[A-Z]{1,3}-\d{4,8}|"
    r"(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[A-Z0-9]{4,10}(?:-[A-Z0-9]{3,6})?)(?![A-Za-z0-9_\u00c0-\u024f@/-])"
)

# SUMMER25 is given to everybody.
_PROMOTION = re.compile(r"[A-Z]{4,}\d{1,4}")


def claim_lettered(view: View, found: list[Hit]) -> None:
    """Claims codes that mix capital letters and digits, close to a code word; upper-case shouting has no digit and stays."""
    for match in _LETTERED.finditer(view.text):
        if _PROMOTION.fullmatch(match.group()) is not None:
            continue
        cue, cost = nearest(found, view.low, *match.span(), reach=40)
        if cue is Cue.CODE and cost <= 36:
            view.claim(match.start(), match.end(), Kind.CODE)


def is_code(digits: str, written: str, cue: Cue | None, cost: int) -> bool:
    """Whether the digits are a one-time code."""
    if not 3 <= len(digits) <= 10 or len(written) > len(digits) + 7:
        return False
    if cue is Cue.CODE:
        return len(digits) >= 4 or cost <= 8
    return cue is Cue.SIGN_IN and 4 <= len(digits) <= 8
