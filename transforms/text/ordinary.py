"""Numbers that are harmless by their form: dates, times, amounts, versions, ids of machines. They are covered, not claimed."""

from __future__ import annotations

import re

from transforms.text.cues import NOT_ON_WORD, WORD_CHARS
from transforms.text.view import View

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_CURRENCY = (
    r"(?:us\$|r\$|mx\$|a\$|c\$|s\$|hk\$|[$€£¥₹₺₩₽₫₱﷼₦₪₴]|rp\.?|rs\.?|inr|usd|eur|gbp|jpy|brl|mxn|idr|sar|aed|egp|tl|chf|cad|aud|ars|cop|"
    r"clp|円|元|रुपये|रुपए|"
    r"ریال|ريال|درهم|جنيه|دينار|دولار)"
)
_CURRENCY_BEFORE = re.compile(rf"(?<![a-z]){_CURRENCY} ?$")
_RUN = re.compile(r"\d+")
# Tried where a row of digits begins, so nothing here needs to look at what stands before.
_FORMS = re.compile(
    rf"(?:1[89]|20)\d{{2}}(?P<a>[-/.]){_MONTH}(?P=a){_DAY}(?:[t ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?: ?z|"
    rf"[+-]\d{{2}}:?\d{{2}})?)?{NOT_ON_WORD}"
    rf"|(?:{_DAY}(?P<b> ?[-/.] ?){_MONTH}|{_MONTH}(?P<c>[-/.]){_DAY})(?:(?P=b)|(?P=c))(?:\d{{2}}|(?:1[89]|20)\d{{2}}){NOT_ON_WORD}"
    rf"|{_DAY}[/.]{_MONTH}\.?{NOT_ON_WORD}|\d{{1,2}}月\d{{1,2}}日"
    rf"|\d{{1,2}}[:h]\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?(?![:{WORD_CHARS}])|\d{{1,2}} ?時 ?(?:\d{{1,2}} ?分)?"
    rf"|(?!0\d|1\.\d{{3}}\.\d{{3}}\.\d{{4}}|\d{{4}}\.\d{{4}}\.\d{{4}}|"
    rf"\d{{4}}\.\d{{6}}\.\d{{5}})\d{{1,4}}(?:\.\d{{1,4}}){{3,4}}(?![.{WORD_CHARS}])"
    rf"|\d+(?:[.,' ]\d{{3}})*(?:[.,]\d{{1,2}})? ?(?:{_CURRENCY}(?![a-z])|[%％])"
    rf"|\d{{1,3}}(?:,\d{{2}})*(?:,\d{{3}})+(?:\.\d{{1,2}})?{NOT_ON_WORD}|\d{{1,3}}(?:\.\d{{3}})+,\d{{1,2}}{NOT_ON_WORD}|"
    rf"\d+[.,]\d{{1,2}}{NOT_ON_WORD}"
)
# What comes behind the first digits of a form, one of these at least: the beginning of a currency, or what parts and ends numbers.
_CURRENCY_BEGINS = "$€£¥₹₺₩₽₫₱﷼₦₪₴umrachsiejbgtd円元रر" + "ردج"
_GOES_ON = frozenset("-/.,:h月時'%％" + _CURRENCY_BEGINS)
_GOES_ON_APART = frozenset("時%％" + _CURRENCY_BEGINS)
_CONTINUES = frozenset("/-.,+:_")
_AMOUNT = re.compile(r"\d+(?:[.,']\d+)*(?: \d{3}(?!\d))*")
_VERSION = re.compile(r"\d+(?:\.\d+){1,4}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAIR_BEFORE = re.compile(r"\d[ .-]$")
_PAIR_AFTER = re.compile(r"[ .-]\d{2}(?!\d?[:h])")


def cover(view: View) -> None:
    """Covers dates, times, amounts, versions and machine ids."""
    low = view.low
    if low.count("-") >= 4:
        for match in _UUID.finditer(low):
            view.cover(match.start(), match.end())
    position = 0
    while (run := _RUN.search(low, position)) is not None:
        start, position = run.span()
        end = _end_of_form(low, start, position)
        if end is not None:
            view.cover(start, end)
            position = max(position, end)


def _end_of_form(low: str, start: int, end: int) -> int | None:
    """Where the form ends that begins with the digits low[start:end]; None when there is none."""
    before = low[start - 1 : start]
    if before and (before in "$€£¥₹₺₩" or before in " .$pslrdy元円") and _CURRENCY_BEFORE.search(low[max(0, start - 8) : start]):
        amount = _AMOUNT.match(low, start)
        return amount.end() if amount is not None else None
    if before == "v":
        version = _VERSION.match(low, start)
        return version.end() if version is not None else None
    if not _may_go_on(low, start, end):
        return None
    if before not in _CONTINUES and not (before.isascii() and before.isalpha()):
        form = _FORMS.match(low, start)
        if form is not None and _PAIR_BEFORE.search(low[max(0, start - 2) : start]) is None and _PAIR_AFTER.match(low, form.end()) is None:
            return form.end()
    return None


def _may_go_on(low: str, start: int, end: int) -> bool:
    """Whether a form may begin with the digits low[start:end]: told by the character behind them, much faster than by trying."""
    after = low[end : end + 1]
    if after != " ":
        return after in _GOES_ON
    apart = low[end + 1 : end + 2]
    if apart in "-/.":
        return end - start <= 2  # of a date
    return apart in _GOES_ON_APART or low[end + 1 : end + 4].isdigit()
