"""Phone numbers that are valid in their country's number plan, in ranges of ten thousand."""

from __future__ import annotations

from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberType

from ingest.simulate.draw import generator

RANGES_PER_COUNTRY = 40
_PROBES = (0, 1234, 4999, 5000, 8765, 9999)
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


@cache
def number_ranges(country: str) -> tuple[str, ...]:
    """E.164 prefixes of mobile numbers without their last four digits; any four digits make them valid.

    Found by changing digits of the plan's example number: the same list for every seed, so that histories with
    different seeds can be compared. Raises ValueError for a country without a plan.
    """
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if example is None or example.national_number is None:
        raise ValueError(f"country {country} has no mobile number plan; take it out of countries.csv")
    national = str(example.national_number)
    head = f"+{example.country_code}"
    rng = generator(0, "number plan", country)
    found: dict[str, None] = {}
    for attempt in range(4000):
        fixed = 1 + attempt % max(1, len(national) - 5)
        digits = "".join(str(d) for d in rng.integers(0, 10, len(national) - 4 - fixed))
        prefix = head + national[:fixed] + digits
        if prefix not in found and all(_is_mobile(f"{prefix}{probe:04d}", country) for probe in _PROBES):
            found[prefix] = None
            if len(found) == RANGES_PER_COUNTRY:
                break
    return tuple(found)


def neighbours(number_range: str, count: int) -> tuple[str, ...]:
    """That range and the ones that follow it."""
    return tuple(f"+{int(number_range[1:]) + further}" for further in range(count))


@cache
def dense_range(country: str, count: int) -> str:
    """A range of the country that so many ranges of mobile numbers begin with. Raises ValueError when there is none."""
    for candidate in number_ranges(country):
        if all(_is_mobile(f"{one}{probe:04d}", country) for one in neighbours(candidate, count) for probe in _PROBES):
            return candidate
    raise ValueError(f"country {country} has no {count} mobile number ranges side by side; choose another")


def _is_mobile(number: str, country: str) -> bool:
    parsed = phonenumbers.parse(number)
    return phonenumbers.region_code_for_number(parsed) == country and phonenumbers.number_type(parsed) in _MOBILE
