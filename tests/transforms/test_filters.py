"""Filters: total, but for times and money, which refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagedb.errors import Reason, Rejected
from transforms.filters import FILTERS, money, timestamp

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        (1686975103470, 470_000),
        (1686975103, 0),
        ("1686975103", 0),
        ("\u0661\u0666\u0668\u0666\u0669\u0667\u0665\u0661\u0660\u0663", 0),
        (" 1686975103 ", 0),
        ("1686975103470", 470_000),
        (1686975103470123, 470_123),
        (1686975103470123456, 470_123),
        ("2023-06-17T04:11:43.470Z", 470_000),
        ("2023-06-17T04:11:43.470123456Z", 470_123),
        ("2023-06-16T21:11:43.47-07:00", 470_000),
        ("2023-06-17T04:11:43.470+0000", 470_000),
        ("2023-06-17 04:11:43", 0),
        (Decimal("1686975103.47"), 470_000),
    ],
)
def test_seconds_milliseconds_and_iso_tell_the_same_moment(written: Any, micros: int) -> None:
    assert timestamp(written) == datetime(2023, 6, 17, 4, 11, 43, micros, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "0946684799",
        "4102444800",
        "2023-W24-6T04:11:43.470Z",
        "2023-06-17x04:11:43.470Z",
        "0001-01-01T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "2023-02-30",
        0,
        -5,
        10**25,
        True,
        [],
        {},
        float("nan"),
        "NaN",
    ],
)
def test_what_is_no_time_is_refused(written: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        timestamp(written)
    assert refusal.value.reason is Reason.BAD_TIMESTAMP


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (0.00581, "0.00581"),
        ("0.1", "0.1"),
        (0, "0"),
        (Decimal("1234567890.12345678"), "1234567890.12345678"),
        (1e-9, "0"),
        (12, "12"),
        (-3, "-3"),
    ],
)
def test_money_is_exact(written: Any, amount: str) -> None:
    assert money(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["a lot", 1e30, 10**10, -1e10, float("nan"), float("inf"), True, [1]])
def test_what_is_no_amount_is_refused(written: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        money(written)
    assert refusal.value.reason is Reason.SCHEMA_VIOLATION


@given(value=JSON, other=JSON, name=st.sampled_from(sorted(FILTERS)))
def test_every_filter_answers_or_refuses_for_any_value(value: Any, other: Any, name: str) -> None:
    if value is None:
        return
    wanted = FILTERS[name].__code__.co_argcount - 1
    try:
        FILTERS[name](value, *([other] * wanted))
    except Rejected:
        assert name in {"timestamp", "money", "millicents"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("phone", "14255550156", "+14255550156"),
        ("phone", "+44 20 7946 0000", "+442079460000"),
        ("phone", "12345", None),
        ("country", "+14376638816", "CA"),
        ("country", "rcs-agent", None),
        ("iso_country", "us", "US"),
        ("iso_country", " DE ", "DE"),
        ("iso_country", "USA", None),
        ("iso_country", "U1", None),
        ("address", "Sender Name <sender@example.com>", "sender@example.com"),
        ("address", "a@example.com DE89370400440532013000", None),
        ("domain", "a@EXAMPLE.com", "example.com"),
        ("domain", "a@example.com DE89370400440532013000", None),
        ("integer", "12", 12),
        ("integer", 2**70, None),
        ("boolean", "TRUE", True),
        ("boolean", "maybe", None),
        ("from_json", '{"a": 1}', {"a": 1}),
        ("from_json", "{", None),
        ("tag_map", {"a": ["1", "2"]}, {"a": "1,2"}),
        ("unique", [1, 2, 1], [1, 2]),
        ("text", "", None),
        ("text", 0, "0"),
        ("text", True, "true"),
        ("text", 1.5, "1.5"),
    ],
)
def test_filters_give(name: str, value: Any, expected: Any) -> None:
    assert FILTERS[name](value) == expected


def test_join_skips_what_is_no_scalar() -> None:
    join = FILTERS["join"]
    assert [join(parts, "-") for parts in ([], [None, None], [None, 1, "a", True], ["", None], [[], {}])] == ["", "", "1-a-true", "", ""]
