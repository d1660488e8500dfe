"""Dates of birth: any way of writing a date, where a word of birth stands near; other dates are nobody's secret."""

from __future__ import annotations

import re

from transforms.text.cues import NOT_IN_WORD, NOT_ON_WORD, Hit
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.view import View

_MONTH = (
    r"(?:jan(?:uary|uar|vier|eiro|uari)?|ene(?:ro)?|feb(?:ruary|ruar|rero|ruari)?|févr?(?:ier)?|fev(?:ereiro)?|mar(?:ch|zo|ço|s|et|t)?|"
    r"märz|mrz|"
    r"apr(?:il)?|abr(?:il)?|avr(?:il)?|may(?:o|ıs)?|maio?|mei|jun(?:e|i|io|ho)?|juin|jul(?:y|i|io|ho)?|juil(?:let)?|aug(?:ust)?|"
    r"ago(?:sto)?|août|"
    r"agu(?:stus)?|sep(?:t|tember|tiembre|tembre)?|set(?:embro|iembre)?|oct(?:ober|ubre|obre)?|okt(?:ober)?|out(?:ubro)?|nov(?:ember|"
    r"iembre|embro|embre)?|"
    r"dec(?:ember)?|dez(?:ember|embro)?|dic(?:iembre)?|déc(?:embre)?|des(?:ember)?|ocak|şubat|nisan|haziran|temmuz|ağustos|eylül|ekim|"
    r"kasım|aralık|pebruari|"
    r"जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर|"
    r"يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|كانون (?:الثاني|الأول)|شباط|آذار|"
    r"نيسان|أيار|حزيران|تموز|آب|أيلول|"
    r"تشرين (?:الأول|الثاني))\.?"
)
_ERA = r"(?:明治|大正|昭和|平成|令和|[mtshr])"
_YEAR = r"(?:'?\d{2}|(?:1[89]|20|2[45])\d{2})"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NUMBER = r"(?:0?[1-9]|1[0-2])"
_WRITTEN = re.compile(
    rf"{NOT_IN_WORD}(?:"
    rf"(?:1[89]|20)\d{{2}} ?[-/. ] ?{_NUMBER} ?[-/. ] ?{_DAY}"
    rf"|{_DAY}(?P<a> ?[-/. ] ?){_NUMBER}(?P=a){_YEAR}|{_NUMBER}(?P<b> ?[-/. ] ?){_DAY}(?P=b){_YEAR}"
    rf"|{_DAY}(?:st|nd|rd|th|er|º|ª|\.)?(?: of | de | d'| |-|\.|/|){_MONTH}(?:(?: of | de | del |,? ?'?|-|/){_YEAR}(?!\d))?"
    rf"|{_MONTH} ?{_DAY}(?:st|nd|rd|th)?(?:,? ?(?:of )?{_YEAR}(?!\d))?|{_MONTH} (?:de )?(?:1[89]|20)\d{{2}}"
    rf"|{_ERA}\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{1,2}}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2}"
    rf"){NOT_ON_WORD}"
    rf"|(?<!\d)(?:{_ERA})?(?:\d{{1,4}}|元) ?年(?: ?\d{{1,2}} ?月(?: ?\d{{1,2}} ?日)?)?|(?<!\d)\d{{1,2}} ?月 ?\d{{1,2}} ?日"
)
_ALONE = re.compile(rf"{NOT_IN_WORD}(?:(?:19\d{{2}}|20[012]\d)|{_DAY}[./-]{_NUMBER}){NOT_ON_WORD}")


def claim(view: View, found: list[Hit]) -> None:
    """Claims every date with a word of birth near it."""
    births = [hit for hit in found if hit.cue is Cue.BIRTH]
    if not births:
        return
    for pattern in (_WRITTEN, _ALONE):
        for match in pattern.finditer(view.low):
            if _is_birth(view.low, match.start(), match.end(), births, found):
                view.claim(match.start(), match.end(), Kind.BIRTH)


def _is_birth(low: str, start: int, end: int, births: list[Hit], found: list[Hit]) -> bool:
    """Whether a birth word stands within reach and no other meaning stands between."""
    for birth in births:
        left, right = (birth.end, start) if birth.end <= start else (end, birth.start)
        if right - left > 40 or "\n" in low[left:right]:
            continue
        if not any(left <= hit.start < right and hit.cue in (Cue.HARMLESS, Cue.CARD) for hit in found):
            return True
    return False
