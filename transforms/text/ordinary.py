"""Numbers that are not personal by their form: dates, times, amounts, versions, ids of machines. They are covered, not claimed.

A date with a birth word near it is claimed as a date of birth.
"""

from __future__ import annotations

import re

from transforms.text.cues import Hit
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.view import View

_MONTH = (
    r"(?:jan(?:uary|uar|vier|eiro|uari)?|ene(?:ro)?|feb(?:ruary|ruar|rero|ruari)?|févr?(?:ier)?|fev(?:ereiro)?|mar(?:ch|zo|ço|s|et)?|märz|mrz|"
    r"apr(?:il)?|abr(?:il)?|avr(?:il)?|may(?:o|ıs)?|mai(?:o)?|mei|jun(?:e|i|io|ho)?|juin|jul(?:y|i|io|ho)?|juil(?:let)?|aug(?:ust)?|ago(?:sto)?|"
    r"août|agu(?:stus)?|sep(?:t|tember|tiembre|tembre)?|set(?:embro|iembre)?|oct(?:ober|ubre|obre)?|okt(?:ober)?|out(?:ubro)?|nov(?:ember|iembre|embro|embre)?|"
    r"dec(?:ember)?|dez(?:ember|embro)?|dic(?:iembre)?|déc(?:embre)?|des(?:ember)?|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|"
    r"kasım|aralık|januari|pebruari|जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर|"
    r"يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|"
    r"تشرين الثاني|كانون الأول|muharram)\.?"
)
_YEAR = r"(?:'?\d{2}|(?:1[89]|20)\d{2}|2[45]\d{2})"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_DATE = re.compile(
    r"(?<![a-z0-9_\u00c0-\u024f/-])(?<!\d[.,])(?:"
    rf"(?:1[89]|20)\d{{2}}(?P<a>[-/.])(?:{_MONTH_NUMBER})(?P=a){_DAY}(?:[t ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?(?: ?z|[+-]\d{{2}}:?\d{{2}})?)?"
    rf"|{_DAY}(?P<b> ?[-/.] ?){_MONTH_NUMBER}(?P=b){_YEAR}"
    rf"|{_MONTH_NUMBER}(?P<c>[-/.]){_DAY}(?P=c){_YEAR}"
    rf"|{_DAY}(?:st|nd|rd|th|er|º|ª|\.)?(?: of | de | d'| |-|\.|/|){_MONTH}(?:(?: of | de | del |,? ?'?|-|/){_YEAR}(?!\d))?"
    rf"|{_MONTH} ?{_DAY}(?:st|nd|rd|th)?(?:,? ?(?:of )?(?:1[89]|20)\d{{2}}|,? '\d{{2}})?"
    rf"|{_MONTH} (?:de )?(?:1[89]|20)\d{{2}}"
    r"|(?:(?:1[89]|20)\d{2}|(?:明治|大正|昭和|平成|令和)(?:\d{1,2}|元)|[mtshr]\d{1,2}) ?年 ?\d{1,2} ?月 ?(?:\d{1,2} ?日)?"
    r")(?![a-z0-9_\u00c0-\u024f/-]|[.,]\d)|(?:(?:1[89]|20)\d{2}|(?:明治|大正|昭和|平成|令和)(?:\d{1,2}|元)|[mtshr]\d{1,2}) ?年 ?\d{1,2} ?月 ?\d{1,2} ?日"
)
_SHORT_DATE = re.compile(rf"(?<![a-z0-9_\u00c0-\u024f/.-]){_DAY}[/.]{_MONTH_NUMBER}\.?(?![a-z0-9_\u00c0-\u024f/-]|\.\d)|(?<!\d)\d{{1,2}}月\d{{1,2}}日")
_BARE_BIRTH = re.compile(r"(?<![a-z0-9_\u00c0-\u024f/.,-])(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2})(?![a-z0-9_\u00c0-\u024f/-])")
_SPACED_BIRTH = re.compile(
    rf"(?<![\w/.,-]){_DAY} {_MONTH_NUMBER} {_YEAR}(?![\w/-])|(?<![a-z0-9])[mtshr]\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{1,2}}(?!\d)|{_MONTH} {_DAY},? \d{{2}}(?!\d)"
    rf"|(?<!\d)(?:明治|大正|昭和|平成|令和)?\d{{1,2}} ?年 ?\d{{1,2}} ?月 ?\d{{1,2}} ?日"
)
_BARE_YEAR = re.compile(r"(?<![a-z0-9_\u00c0-\u024f/.,-])(?:19\d{2}|20[012]\d)(?![a-z0-9_\u00c0-\u024f/-])")
_TIME = re.compile(r"(?<![a-z0-9_\u00c0-\u024f:])\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?(?![a-z0-9_\u00c0-\u024f:])|(?<![\d:])\d{1,2} ?時 ?(?:\d{1,2} ?分)?")
_CURRENCY = (
    r"(?:us\$|r\$|mx\$|a\$|c\$|s\$|hk\$|[$€£¥₹₺₩₽₫₱﷼₦₪₴]|rp\.?|rs\.?|inr|usd|eur|gbp|jpy|brl|mxn|idr|sar|aed|egp|tl|chf|cad|aud|ars|cop|clp|円|元|रुपये|"
    r"ریال|ريال|درهم|جنيه|دينار|دولار)"
)
_AMOUNT = re.compile(
    rf"(?<![a-z]){_CURRENCY} ?\d(?:[\d.,'](?=\d)|\d| (?=\d{{3}}(?!\d)))*\d?|(?<![a-z0-9_\u00c0-\u024f.,+-])\d+(?:[.,' ]\d{{3}})*(?:[.,]\d{{1,2}})? ?(?:{_CURRENCY}(?![a-z])|%|％)"
    r"|(?<![a-z0-9_\u00c0-\u024f.,+-])\d{1,3}(?:,\d{2})*(?:,\d{3})+(?:\.\d{1,2})?(?![a-z0-9_\u00c0-\u024f]|[.,]\d)|(?<![a-z0-9_\u00c0-\u024f.,+-])\d{1,3}(?:\.\d{3})+(?:,\d{1,2})(?![a-z0-9_\u00c0-\u024f]|[.,]\d)"
    r"|(?<![a-z0-9_\u00c0-\u024f.,+-])\d+[.,]\d{1,2}(?![a-z0-9_\u00c0-\u024f]|[.,-]\d)"
)
_MACHINE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\bv ?\d+(?:\.\d+){1,4}\b|(?<![a-z0-9_\u00c0-\u024f.])(?!0\d(?:\.\d\d){4}|1\.\d{3}\.\d{3}\.\d{4}|\d{4}\.\d{4}\.\d{4}|\d{4}\.\d{6}\.\d{5})\d{1,4}(?:\.\d{1,4}){3,4}(?![a-z0-9_\u00c0-\u024f.])"
    r"|(?<![a-z0-9])1z[0-9a-z]{16}(?![a-z0-9])|(?<![a-z0-9])[a-z]{2}\d{9}[a-z]{2}(?![a-z0-9])"
    r"|(?<![a-z0-9])\d{1,4} ?[x×] ?\d{1,4}(?: ?[x×] ?\d{1,4})?(?![a-z0-9])"
)


def cover(view: View, found: list[Hit]) -> None:
    """Covers dates, times, amounts and machine ids; claims dates with a birth word near."""
    births = [hit for hit in found if hit.cue is Cue.BIRTH]
    patterns = (_SPACED_BIRTH, _DATE, _SHORT_DATE) if births else (_DATE, _SHORT_DATE)
    for pattern in patterns:
        for match in pattern.finditer(view.low):
            if births and _is_birth(view.low, match.start(), match.end(), births, found):
                view.claim(match.start(), match.end(), Kind.BIRTH)
            elif pattern is not _SPACED_BIRTH and (pattern is _SHORT_DATE or not _is_inside_number(view.low, match.start(), match.end())):
                view.cover(match.start(), match.end())
    if births:
        for pattern in (_BARE_BIRTH, _BARE_YEAR):
            for match in pattern.finditer(view.low):
                if _is_birth(view.low, match.start(), match.end(), births, found):
                    view.claim(match.start(), match.end(), Kind.BIRTH)
    for pattern in (_MACHINE, _TIME, _AMOUNT):
        for match in pattern.finditer(view.low):
            view.cover(match.start(), match.end())


def _is_birth(low: str, start: int, end: int, births: list[Hit], found: list[Hit]) -> bool:
    """Whether a birth word stands within reach and no other meaning stands between."""
    for birth in births:
        between = (birth.end, start) if birth.end <= start else (end, birth.start)
        if between[1] - between[0] > 40 or "\n" in low[between[0] : between[1]]:
            continue
        if not any(between[0] <= hit.start < between[1] and hit.cue in (Cue.HARMLESS, Cue.CARD) for hit in found):
            return True
    return False


def _is_inside_number(low: str, start: int, end: int) -> bool:
    """Whether the date is only a stretch of a longer row of digits, such as a phone number in pairs."""
    return re.search(r"\d[ .-]$", low[max(0, start - 2) : start]) is not None or re.match(r"[ .-]\d{2}(?!\d?[:h])", low[end : end + 4]) is not None
