"""Persons are found in bytes that nobody could read, whatever they are wrapped in."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from transforms.naming import digit_runs, persons_named
from transforms.pseudonyms import PersonKind, canonical

NUMBER, ADDRESS = "+12065550123", "jo.doe@example.com"
WHATSAPP_ID = "wamid." + base64.b64encode(b"\x1d\x12\x0b12065550123\x15\x02\x00\x11\x18\x12").decode()


def named(data: bytes | str, *, with_handles: bool = False) -> set[tuple[str, PersonKind]]:
    raw = data.encode() if isinstance(data, str) else data
    return {(canonical(value, kind), kind) for value, kind in persons_named(raw, with_handles=with_handles)}


@pytest.mark.parametrize(
    "text",
    [NUMBER, '{"to": "12065550123"}', '{"to": 12065550123', "tel:+1-206-555-0123", "0012065550123", "call (+1) 206 555 0123 now",
     quote(NUMBER), "\uff0b\uff11\uff12\uff10\uff16\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "011 1 206 555 0123", WHATSAPP_ID,
     base64.b64encode(json.dumps({"Message": json.dumps({"destination": NUMBER})}).encode()).decode(),
     json.dumps(json.dumps({"to": NUMBER})), "\\u002b12065550123", "1 206 555 0123 1772620829000", "7 12065550123"],
)  # fmt: skip
def test_a_number_is_found(text: str) -> None:
    assert (NUMBER, PersonKind.PHONE) in named(text)


@pytest.mark.parametrize(
    "text",
    [ADDRESS, "Jo.Doe@Example.com", f"<{ADDRESS}>", f'["{ADDRESS}"', f"mailto:{ADDRESS}", quote(ADDRESS, safe=""), f"x={ADDRESS}&y",
     "bounce+jo.doe=example.com@lists.example.net", base64.b64encode(f"To: {ADDRESS}".encode()).decode(), f"{ADDRESS}."],
)  # fmt: skip
def test_an_address_is_found(text: str) -> None:
    assert (ADDRESS, PersonKind.EMAIL) in named(text)


def test_bytes_that_are_no_text_are_searched_too() -> None:
    assert (NUMBER, PersonKind.PHONE) in named(b"\xff\xfe\x00 12065550123 \x80")


def test_a_number_is_found_as_its_country_writes_it() -> None:
    assert "15107136475" in set(digit_runs(b'{"text": "0151 0713-6475"}'))


def test_handles_are_found_where_they_are_asked_for() -> None:
    document = json.dumps({"tags": {"customerId": ["c-77"]}, "inner": json.dumps({"user": "US.13491208655302741918"})})
    assert ("c-77", PersonKind.CUSTOMER) in named(document, with_handles=True)
    assert ("US.13491208655302741918", PersonKind.WHATSAPP) in named(document, with_handles=True)
    assert {kind for _, kind in named(document)} == {PersonKind.PHONE}


def test_a_stack_of_encodings_ends() -> None:
    text = "x" * 40
    for _ in range(30):
        text = base64.b64encode(text.encode()).decode()
    assert list(persons_named(text.encode()[:2_000_000])) is not None
