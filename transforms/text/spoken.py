"""Telephone numbers and codes written as words: "oh seven nine eight four, triple one, two oh six"."""

from __future__ import annotations

import re

from transforms.text.cues import WORD, Hit
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.view import View

_DIGITS = """
    zero oh o nought nil one two three four five six seven eight nine
    cero uno dos tres cuatro cinco seis siete ocho nueve un
    um dois duas três quatro sete oito nove meia
    zéro deux trois quatre cinq sept huit neuf
    null eins zwei zwo drei vier fünf fuenf sechs sieben acht neun
    shunya ek do teen char chaar paanch panch chhe che cheh saat aath ath nau शून्य एक दो तीन चार पांच पाँच छह छः सात आठ नौ
    صفر واحد اثنان اثنين ثلاثة ثلاثه أربعة اربعة خمسة خمسه ستة سته سبعة سبعه ثمانية ثمانيه تسعة تسعه
    nol kosong satu dua tiga empat lima enam tujuh delapan sembilan
    sıfır sifir bir iki üç uc dört dort beş bes altı alti yedi sekiz dokuz
"""
_TENS = """
    ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty
    ninety hundred
    diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno treinta cuarenta cincuenta
    sesenta setenta ochenta noventa
    dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta oitenta noventa
    dix douze seize vingt trente quarante cinquante soixante quatre-vingt quatre-vingts quatre-vingt-dix cent soixante-dix
    zehn elf zwölf zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig
    on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz
"""
_REPEATS = "double triple treble doble dobel ganda doppel dreifach dobro triplo çift डबल दोगुना quadruple"
_JOINERS = "y e et und plus mais más ve and"
_VALUES = {**dict.fromkeys(_DIGITS.split(), 1), **dict.fromkeys(_TENS.split(), 2), **dict.fromkeys(_REPEATS.split(), 1)}
_JOIN = frozenset(_JOINERS.split())
_GAP = re.compile(r"[\s,.;-]{0,3}")
_LONGEST_WORDS = sorted((word for word in _VALUES if len(word) > 2), key=len, reverse=True)
TRIGGERS = (
    "(?:(?:" + "|".join(re.escape(word) for word in [*_LONGEST_WORDS, "oh", "ek", "do", "um", "un", "on", "uc", "o"]) + r")[ ,.-]+){4}",
    "(?:[〇零一二三四五六七八九]|ゼロ|まる|いち|にい?|さん|よん|ご|ろく|なな|はち|きゅう){7}",
)
_KANJI = re.compile("(?<![一-龯])[〇零一二三四五六七八九](?:[ の・-]?[〇零一二三四五六七八九]){6,}")
_KANA = re.compile("(?:(?:ゼロ|まる|れい|いち|にい|に|さん|よん|し|ごー|ご|ろく|なな|しち|はち|きゅう|く)[ 、,・の-]?){8,}")


def claim(view: View, found: list[Hit]) -> None:
    """Claims rows of number words with six digits or more, or four beside a code word."""
    is_code = any(hit.cue is Cue.CODE for hit in found) and not any(hit.cue is Cue.PHONE for hit in found)
    row: list[tuple[int, int]] = []
    size = 0
    pending_join = False
    for match in (*WORD.finditer(view.low), None):
        word = match.group() if match is not None else ""
        near = match is not None and bool(row) and _is_gap(view.low[row[-1][1] : match.start()])
        value = _value(word)
        if match is not None and value and (near or not row):
            row.append(match.span())
            size += value
            pending_join = False
            continue
        if match is not None and near and word in _JOIN and not pending_join:
            row.append(match.span())
            pending_join = True
            continue
        _claim_row(view, row, size, is_code)
        row, size, pending_join = ([match.span()], value, False) if match is not None and value else ([], 0, False)
    for pattern in (_KANJI, _KANA):
        for kanji in pattern.finditer(view.low):
            view.claim(kanji.start(), kanji.end(), Kind.PHONE)


def _value(word: str) -> int:
    value = _VALUES.get(word, 0)
    if not value and "-" in word:
        parts = word.split("-")
        return sum(map(_value, parts)) if all(part in _VALUES or part in _JOIN for part in parts) else 0
    return value


def _is_gap(between: str) -> bool:
    """Whether only separators, or a few digits typed as digits, stand between two number words."""
    return re.fullmatch(r"[\s,.;-]{0,3}(?:\d{1,4}[\s,.;-]{1,3})*", between) is not None


def _claim_row(view: View, row: list[tuple[int, int]], size: int, is_code: bool) -> None:
    while row and view.low[row[-1][0] : row[-1][1]] in _JOIN:
        row.pop()
    if not row:
        return
    start, end = row[0][0], row[-1][1]
    size += sum(char.isdigit() for char in view.low[start:end])
    if size >= 6 or (is_code and size >= 4):
        view.claim(start, end, Kind.CODE if is_code else Kind.PHONE)
