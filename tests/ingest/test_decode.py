"""One document's bytes to its value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagedb.errors import Reason, Rejected
from ingest.decode import MAX_DEPTH, decode, holds_long_numbers

numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.floats(allow_nan=False, allow_infinity=False)


def refusal(data: bytes) -> Reason:
    with pytest.raises(Rejected) as caught:
        decode(data)
    return caught.value.reason


@given(numbers, st.sampled_from([b"%s", b'{"a":%s}', b'{"a": %s }', b"[1,%s]", b"[\n%s]"]))
def test_every_number_keeps_all_of_its_digits(number: int | Decimal | float, around: bytes) -> None:
    text = str(number) if not isinstance(number, float) else repr(number)
    value = decode(around.replace(b"%s", text.encode()))
    while not isinstance(value, int | float | Decimal):
        value = value["a"] if isinstance(value, dict) else value[-1]
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    assert exact == Decimal(text)


def test_an_integer_too_long_for_int_is_a_decimal() -> None:
    assert decode(b"9" * 5_000) == Decimal("9" * 5_000)


def test_a_number_beyond_doubles_is_exact() -> None:
    assert decode(b'{"a":1e400}') == {"a": Decimal("1e400")}


def test_digits_in_a_string_are_no_number() -> None:
    assert not holds_long_numbers(b'{"wabaId":"1163793972139053","id":"00000000000000000000","n":12}')
    assert holds_long_numbers(b'{"wabaId":"1163793972139053","n":-1163793972139053.5}')


@given(numbers, st.integers(0, 40), st.sampled_from([b'"%s"', b":%s,", b"-%s ", b"/%s/"]))
def test_among_much_text_a_long_number_is_found_as_it_is_in_little(number: int | Decimal | float, at: int, around: bytes) -> None:
    text = around.replace(b"%s", str(number).encode())
    little = b" " * at + text
    assert holds_long_numbers(b"{" * 20_000 + little + b"}" * at) == holds_long_numbers(b"{" + little)


MALFORMED = [b"", b"{", b"NaN", b'{"a":Infinity}', b"{'a':1}", b'{"a":1,}', b"01", b'"a\nb"', b"\xef\xbb\xbf{}", b"\xff", b"{}{}"]


@pytest.mark.parametrize("data", MALFORMED)
def test_what_is_no_json_is_not_json(data: bytes) -> None:
    assert refusal(data) is Reason.NOT_JSON


@pytest.mark.parametrize("data", [b'"\\ud800"', b'{"\\udfff":1}', b'["\\ud83d\\u0041"]', b'"\xe9"', b'{"\xed\xa0\x80":1}'])
def test_json_around_broken_text_is_undecodable(data: bytes) -> None:
    assert refusal(data) is Reason.UNDECODABLE


def test_escaped_pairs_and_escaped_backslashes_are_no_lone_surrogates() -> None:
    assert decode(b'["\\ud83d\\ude00", "\\\\ud800", 1.23456789012345678]') == ["😀", "\\ud800", Decimal("1.23456789012345678")]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_100, 50_000])
def test_nesting_beyond_reason_is_refused(depth: int) -> None:
    assert refusal(b"[" * depth + b"]" * depth) is Reason.NOT_JSON
    assert decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_a_refusal_holds_nothing_of_the_data() -> None:
    with pytest.raises(Rejected) as caught:
        decode(b'{"to": +14255550156}')
    assert "4255" not in str(caught.value)
