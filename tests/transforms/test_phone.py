"""Number ranges tell the country and never the person."""

from __future__ import annotations

import phonenumbers
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


def test_a_range_never_names_fewer_than_ten_thousand_numbers() -> None:
    """Every kind of number of every country that the library knows: all that share the range are assigned."""
    named = set()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in phonenumbers.PhoneNumberType.values():
            if (example := phonenumbers.example_number_for_type(region, kind)) is not None:
                number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                if (found := describe(number).number_range) is not None:
                    assert len(number) - len(found) == 4
                    named.add(found)
    assert len(named) > 700
    for found in sorted(named):
        shared = [f"{found}{last:04d}" for last in range(37, 10_000, 211)]
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in shared), found
        assert {describe(number).number_range for number in shared} == {found}


@pytest.mark.parametrize(
    ("number", "who"), [("+6838884012", "Niue"), ("+5993181234", "Bonaire"), ("+35650037123", "a premium line of Malta")]
)
def test_a_range_of_which_some_numbers_only_are_assigned_is_not_told(number: str, who: str) -> None:
    described = describe(number)
    assert (described.is_possible, described.number_range) == (True, None), who


def test_a_toll_free_number_is_told() -> None:
    assert describe("+18445550123").is_toll_free


def test_writing_does_not_matter() -> None:
    assert e164("1 (425) 555-0156") == e164("+14255550156") == "+14255550156"
    assert country("4420 7946 0000") == country("442079460000") == country("+442079460000") == "GB"


@pytest.mark.parametrize(
    "value",
    ["", "+", "1234", "+1 425 555 ext 1", "++14255550156", "\u0661\u0664\u0662\u0665\u0665\u0665\u0665\u0660\u0661\u0665\u0666", "1" * 18],
)
def test_what_is_no_number_has_no_country(value: str) -> None:
    assert e164(value) is country(value) is None
