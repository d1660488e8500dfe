"""Decoded values back to JSON."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode import decode
from ingest.encode import encode

texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=6,
)


@given(values)
def test_what_was_decoded_survives_encoding_exactly(value: object) -> None:
    decoded = decode(encode(value))
    assert decode(encode(decoded)) == decoded


def test_long_numbers_are_written_digit_by_digit() -> None:
    text = b'{"a":123456789012345678901234567890,"b":[0.1234567890123456789012,1E+400],"c":"\xc3\xa9"}'
    assert encode(decode(text)) == text


def test_what_is_no_json_value_is_refused() -> None:
    with pytest.raises(TypeError):
        encode({"a": Decimal("0.5"), "b": object()})
