"""National identifiers: by their form where it is telling, by check digits, or by the word that names them."""

from __future__ import annotations

import re

from stdnum import verhoeff
from stdnum.br import cpf
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.tr import tckimlik

from transforms.text.cues import Hit, nearest
from transforms.text.kinds import Kind
from transforms.text.lexicon import Cue
from transforms.text.view import View

TRIGGERS = (r"[a-z][ -]?\d{6,8}|\d{8} ?-? ?[a-z]|[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|[a-z]{4}\d{6}|[a-z]{5}\d{4}[a-z]",)

_SSN = re.compile(r"(?!000|666)[0-8]\d{2}([ .-])(?!00)\d{2}\1(?!0000)\d{4}")

# Forms that no order number or product has.
_TELLING = re.compile(
    r"(?<![a-z0-9_\u00c0-\u024f])(?:"
    r"[a-z]{4}\d{6}[hmx][a-z]{5}[a-z0-9]\d"  # CURP
    r"|[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]"  # codice fiscale
    r"|(?![dfiquv])[a-z](?![dfiquvo])[a-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]"  # NINO
    r"|[a-z]{3}[abcfghljpt][a-z]\d{4}[a-z]"  # PAN of India
    r"|756[. ]\d{4}[. ]\d{4}[. ]\d{2}"  # AHV
    r"|784-?\d{4}-?\d{7}-?\d"  # Emirates ID
    r"|\d{3}\.\d{3}\.\d{3}-\d{2}"  # CPF
    r")(?![a-z0-9_\u00c0-\u024f])"
)
_CURP_LIKE = re.compile(r"(?<![a-z0-9_\u00c0-\u024f])[a-z]{4} ?-?\d{6} ?-?[a-z0-9]{3}(?:[a-z0-9]{5})?(?![a-z0-9_\u00c0-\u024f])")
_SPANISH = re.compile(
    r"(?<![a-z0-9_\u00c0-\u024f])(?:\d{1,2}\.\d{3}\.\d{3}|\d{8}|[xyz][ -]?\d{7}|"
    r"[xyz]-?\d\.\d{3}\.\d{3}) ?-? ?[a-z](?![a-z0-9_\u00c0-\u024f])"
)
# Possessive, and a look ahead over two words only: otherwise digits in a row take exponential time.
_NAMED = re.compile(
    r"(?<![a-z0-9_\u00c0-\u024f])(?=[a-z]*+(?:[./ -][a-z]*+)?\d)[a-z0-9]++(?:[./ -](?=[a-z]*+\d)[a-z0-9]++)*"
    r"(?![a-z0-9_\u00c0-\u024f])"
)


def claim_forms(view: View, found: list[Hit]) -> None:
    """Claims identifiers that contain letters, or whose punctuation gives them away."""
    for match in _TELLING.finditer(view.low):
        if nearest(found, view.low, *match.span())[0] is not Cue.HARMLESS or match.group()[3:4] == ".":
            view.claim(match.start(), match.end(), Kind.NATIONAL_ID)
    for match in _SPANISH.finditer(view.low):
        compact = re.sub(r"[ .-]", "", match.group())
        valid = dni.is_valid(compact) or nie.is_valid(compact)
        if valid or nearest(found, view.low, *match.span())[0] is Cue.IDENTITY:
            view.claim(match.start(), match.end(), Kind.NATIONAL_ID)
    if not any(hit.cue is Cue.IDENTITY for hit in found):
        return
    for pattern in (_CURP_LIKE, _NAMED):
        for match in pattern.finditer(view.low):
            start, end = match.span()
            start += _words_before(match.group())
            compact = re.sub(r"[^a-z0-9]", "", view.low[start:end])
            if sum(char.isdigit() for char in compact) < 4 or not any(char.isalpha() for char in compact):
                continue
            if nearest(found, view.low, start, end, reach=32)[0] is Cue.IDENTITY:
                view.claim(start, end, Kind.NATIONAL_ID)


def _words_before(text: str) -> int:
    """The length of leading words without a digit, which belong to the sentence."""
    match = re.match(r"(?:[a-z]{3,}[ ./-]+|[a-z]{1,2} (?=[a-z]*\d{3}))*", text)
    return match.end() if match is not None else 0


def is_ssn(digits: str, written: str, cue: Cue | None) -> bool:
    """Whether nine digits are a social security number of the United States."""
    if len(digits) != 9:
        return False
    if cue is Cue.SSN:
        return True
    return cue not in (Cue.HARMLESS, Cue.PHONE) and _SSN.fullmatch(written) is not None


def is_national_id(digits: str, written: str, cue: Cue | None) -> bool:
    """Whether the digits are an identifier by the word near them or, where no word says anything, by their check digits."""
    if cue in (Cue.IDENTITY, Cue.SSN):
        return 5 <= len(digits) <= 20
    if cue not in (None, Cue.NUMBER, Cue.BIRTH):
        return False
    if len(digits) == 11:
        return bool((cpf.is_valid(digits) and digits[0] != "0") or tckimlik.is_valid(digits))
    if len(digits) == 12 and re.fullmatch(r"\d{4}([ -])\d{4}\1\d{4}", written):
        return bool(verhoeff.is_valid(digits))
    return len(digits) == 15 and bool(nir.is_valid(digits))
