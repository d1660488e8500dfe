"""Personal values that nobody has, each with a number in it: found anywhere, it tells the leaf that it was planted in."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final
from urllib.parse import unquote

import phonenumbers

KINDS: Final = ("phone", "email", "ip", "card", "iban")
SPELLINGS: Final = 6
_FIRST_AREA: Final = 201
_ADDRESSES: Final = 200  # last octets 1 to 200: a cut network ends in 0
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_DIGITS: Final = re.compile(r"\d(?:[ \t().+\-/]{0,3}\d){9,}")
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


@cache
def _areas() -> tuple[str, ...]:
    """North American area codes; their 555-01xx is kept for fiction, and the payloads of the corpus use few of them."""
    used = {"206", "425", "212", "650", "800", "202", "415", "123", "555"}
    found = (str(area) for area in range(_FIRST_AREA, 800) if str(area) not in used)
    return tuple(area for area in found if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100")))


def planted(kind: str, number: int, spelling: int) -> str:
    """The value of that kind with that number, in one of several spellings."""
    return _MAKERS[kind](number, spelling % SPELLINGS)


def _phone(number: int, spelling: int) -> str:
    area, line = _areas()[number // 100], f"01{number % 100:02d}"
    return (
        f"+1{area}555{line}",
        f"+1 ({area}) 555-{line}",
        f"({area}) 555-{line}",
        f"001 {area} 555 {line}",
        f"tel:+1-{area}-555-{line}",
        f"call {area}-555-{line}",
    )[spelling]


def _email(number: int, spelling: int) -> str:
    local = f"ann.zqv{number:05d}"
    return (
        f"{local}@mailbox.example",
        f"{local.upper()}@MAILBOX.EXAMPLE",
        f"Ann <{local}@mailbox.example>",
        f"mailto:{local}@mailbox.example",
        f"https://shop.example/u?e={local}%40mailbox.example&x=1",
        f"{local}+tag@mailbox.example",
    )[spelling]


def _ip(number: int, spelling: int) -> str:
    block, last = divmod(number, _ADDRESSES)
    four = f"198.{18 + block // 256}.{block % 256}.{last + 1}"
    return (four, f"2001:db8:0:{number:x}::5a5a", f"{four}:443", f"from {four}", f"[{four}]", four)[spelling]


def _card(number: int, spelling: int) -> str:
    digits = f"4539{number:05d}318276"
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(digits)]
    digits += str(-sum(value - 9 * (value > 9) for value in doubled) % 10)
    grouped = " ".join(digits[at : at + 4] for at in range(0, 16, 4))
    return (grouped, grouped.replace(" ", "-"), f"card {digits}", grouped, f"Visa {grouped} 12/29", grouped)[spelling]


def _iban(number: int, spelling: int) -> str:
    account = f"37040044{number:05d}31827"
    iban = f"DE{98 - int(account + '131400') % 97:02d}{account}"
    grouped = " ".join(iban[at : at + 4] for at in range(0, 22, 4))
    return (iban, grouped, f"IBAN {iban}", f"IBAN: {grouped}", iban, grouped)[spelling]


_MAKERS: Final[dict[str, Callable[[int, int], str]]] = {"phone": _phone, "email": _email, "ip": _ip, "card": _card, "iban": _iban}


def found_in(text: str) -> set[tuple[str, int]]:
    """Kind and number of each planted value in the text: in any case, escaped, in percent or base64, with or without separators."""
    views = {text}
    views |= {unquote(view) for view in views if "%" in view}
    views |= {_unescaped(view) for view in views if "\\" in view}
    views |= {decoded for view in views for decoded in _from_base64(view)}
    return {hit for view in views for hit in _hits(unicodedata.normalize("NFKC", view).casefold())}


def _hits(text: str) -> Iterator[tuple[str, int]]:
    for match in re.finditer(r"zqv(\d{5})", text):
        yield "email", int(match[1])
    for match in re.finditer(r"198\.(1[89])\.(\d{1,3})\.(\d{1,3})(?![\d/])", text):
        if int(match[3]):
            yield "ip", ((int(match[1]) - 18) * 256 + int(match[2])) * _ADDRESSES + int(match[3]) - 1
    for match in re.finditer(r"2001:0?db8:0{1,4}:([0-9a-f]{1,4}):[0:]*5a5a", text):
        yield "ip", int(match[1], 16)
    for match in re.finditer(r"de ?\d\d ?3704 ?0044 ?((?:\d ?){5})3 ?1 ?8 ?2 ?7", text):
        yield "iban", int(match[1].replace(" ", ""))
    for run in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", run[0])
        for match in re.finditer(r"4539(?=(\d{5})318276\d)", digits):
            yield "card", int(match[1])
        for match in re.finditer(r"(?=([2-7]\d\d)55501(\d\d))", digits):
            if match[1] in _areas():
                yield "phone", _areas().index(match[1]) * 100 + int(match[2])


def _unescaped(text: str) -> str:
    plain = text.replace("\\\\", "\\").replace('\\"', '"').replace("\\/", "/")
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), plain)


def _from_base64(text: str) -> Iterator[str]:
    for token in set(_BASE64.findall(text)):
        plain = token.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            data = base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "=" * (-len(plain) % 4))
        except (binascii.Error, ValueError):
            continue
        yield data.decode("latin-1")
