"""Texts made from bytes that a fuzzer chooses: pieces of personal values, tokens and marks, put together at random."""

from __future__ import annotations

from typing import Final

from tests.fuzz.mutation import HOSTILE, Choices

_PIECES: Final = (
    "call me on +44 20 7946 0958",
    "+1 (206) 555-0123",
    "0151 0713-6475",
    "4111 1111 1111 1111",
    "a.b+c@example.com",
    "DE89 3704 0044 0532 0130 00",
    "192.168.10.77",
    "2001:db8::1",
    "123-45-6789",
    "my name is Anna Smith",
    "Dear Mr. O'Neil,",
    "12 Main Street, Springfield",
    "born 03/04/1985",
    "your code is 482913",
    "https://shop.example/a?token=abc&email=a%40b.example",
    "52.52000, 13.40500",
    "[PHONE]",
    "[PERSON]",
    "[EMAIL",
    "]",
    "ph_a_abcdefghijklmnop",
    "mid_abcdefghijklmnop",
    "order 12345678",
    "EUR 12,50",
    "2026-03-04",
    "10:20",
    "東京都千代田区1-1",
    "電話 03-1234-5678",
    "मेरा नंबर ९८७६५४३२१० है",
    "٠١٠٠١٢٣٤٥٦٧",
    "four one five double two",
    "at",
    "dot",
    "CPF 123.456.789-09",
    "\n",
    " ",
    ",",
    ".",
    "-",
    "/",
    "(",
    ")",
    ":",
    "@",
    "#",
    "+",
    "0",
    "1",
    "9",
    "12",
    "a",
    "O",
    "l",
    "ß",
    "İ",
    "ﬁ",
    "\u200b",
    "\u00ad",
    "\u0301",
    "\ufffc",
    "\ufffb",
    "１２",
    "www.",
    "http://",
    "mailto:",
    "tel:",
    "%40",
    "%2B",
    "&",
    "=",
    "?",
    "NL",
    "st",
    "Anna",
    "Ş",
    "http://user:pass@",
    "PO Box",
    "Apt",
    "unit",
    "SSN",
    "passport no",
    "PIN",
)


def text(choices: Choices) -> str:
    """Up to forty pieces, some of them many times."""
    parts: list[str] = []
    for _ in range(1 + choices.below(40)):
        match choices.below(8):
            case 0:
                parts.append(str(choices.one_of(HOSTILE))[:400])
            case 1:
                parts.append(choices.rest(8).decode("utf-8", "replace"))
            case 2:
                parts.append(choices.one_of(_PIECES) * (1 + choices.below(60)))
            case _:
                parts.append(choices.one_of(_PIECES) + choices.one_of(("", " ", " ", ", ", "\n")))
    return "".join(parts)
