"""Number ranges tell the country and never the person."""

from __future__ import annotations

import pytest

from transforms.phone import country, describe, e164


@pytest.mark.parametrize(
    ("number", "expected_country", "expected_range"),
    [
        ("+14255550156", "US", "+1425555"),
        ("+14376638816", "CA", "+1437663"),
        ("+447400123456", "GB", "+44740012"),
        ("+447700900123", "GB", None),
        ("+919876543210", "IN", "+91987654"),
        ("+12025", None, None),
    ],
)
def test_a_range_hides_the_last_four_digits(number: str, expected_country: str | None, expected_range: str | None) -> None:
    described = describe(number)
    assert (described.country, described.number_range) == (expected_country, expected_range)


def test_a_number_with_fewer_than_seven_national_digits_has_no_range() -> None:
    assert describe("+290 22 22".replace(" ", "")).number_range is None


def test_a_toll_free_number_is_told() -> None:
    assert describe("+18445550123").is_toll_free


def test_writing_does_not_matter() -> None:
    assert e164("1 (425) 555-0156") == e164("+14255550156") == "+14255550156"
    assert country("4420 7946 0000") == "GB"
