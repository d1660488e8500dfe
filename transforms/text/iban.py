"""International bank account numbers, by check digits, by country length, or by the word IBAN before them."""

from __future__ import annotations

import re

from stdnum import iban as stdnum_iban

from transforms.text.kinds import Kind
from transforms.text.view import View

TRIGGERS = (r"[a-z]{2}[ -]?\d{2}(?:[ .\-]?[a-z0-9]){9}",)

_START = re.compile(r"(?<![a-z0-9])[a-z]{2}[ -]?\d{2}(?:[ .-]{0,2}[a-z0-9]){10,40}")
_CUE = re.compile(r"iban|آيبان|ايبان|konto|bank|account|cuenta|conta|compte|rekening|hesap|口座|खाता|حساب")
_LENGTHS = {
    country: int(size)
    for country, size in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28"
        "IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24"
        "SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20",
    )
}


def claim(view: View) -> None:
    """Claims every account number; a wrong check digit is forgiven where the length is right or the text speaks of an account."""
    position = 0
    while (match := _START.search(view.low, position)) is not None:
        position = match.start() + 1  # "to 97..." may hide the account number behind it
        size = _LENGTHS.get(match.group()[:2].upper())
        if size is None:
            continue
        compact, end = "", match.start()
        for place in range(match.start(), match.end()):
            char = view.low[place]
            if char.isalnum():
                compact += char
                end = place + 1
                if len(compact) == size:
                    break
        if len(compact) != size or (end < len(view.low) and view.low[end].isascii() and view.low[end].isalnum()):
            continue
        attached = view.low[match.start() + 2].isdigit()
        grouped = attached and " " in view.low[match.start() : end] and view.text[match.start()].isupper()
        valid = bool(stdnum_iban.is_valid(compact, check_country=False))
        context = _CUE.search(view.low[max(0, match.start() - 30) : match.start()]) is not None
        if valid or (context and attached) or (grouped and sum(char.isdigit() for char in compact) >= 14):
            view.claim(match.start(), end, Kind.IBAN)
