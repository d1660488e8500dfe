"""What a phone number tells without telling whose it is: E.164 form, country, number range, kind.

Parsing costs about 27 µs, so the answer is kept per number range and length; the four last digits of a number
change neither its country nor, in the numbering plans that we meet, its validity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers

_DIGITS: Final = re.compile(r"\+?[0-9]{5,17}")
_HIDDEN_DIGITS: Final = 4  # a range holds at least 10,000 numbers
_FEWEST_DIGITS: Final = 7  # of a national number: in shorter plans four digits are most of it
_PROBED_EVERY: Final = 100
_LARGE_KINDS: Final = (  # plans assign these in blocks of ten thousand and more, where national numbers are longer
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
_MOST_RANGES: Final = 200_000
_SHARED_CODES: Final = {1, 7}  # several large countries share them, so only an assigned block names one


@dataclass(frozen=True, slots=True)
class NumberRange:
    """What all numbers of one range and length share. `country` is ISO 3166-1 alpha-2 or none."""

    country: str | None
    number_range: str | None
    is_possible: bool
    is_toll_free: bool


_ranges: dict[str, NumberRange] = {}


def e164(value: str) -> str | None:
    """The number in E.164 with its plus sign; digits without one are taken as international. None when it cannot be a number."""
    number = _international(value)
    return number if number is not None and describe(number).is_possible else None


def describe(number: str) -> NumberRange:
    """The range of a number that starts with a plus sign and has five digits or more."""
    number_range = number[:-_HIDDEN_DIGITS]
    found = _ranges.get(number_range)
    if found is None:
        if len(_ranges) >= _MOST_RANGES:
            _ranges.clear()
        found = _ranges[number_range] = _describe(number)
    return found


def country(value: str) -> str | None:
    """ISO 3166-1 alpha-2 country of a phone number, or none."""
    number = _international(value)
    if number is None:
        return None
    described = describe(number)
    return described.country if described.is_possible else None


def _international(value: str) -> str | None:
    """The digits with a plus sign in front; none for a value that is anything but 5 to 17 digits and what separates them."""
    has_plus = value[:1] == "+"
    digits = value[1:] if has_plus else value
    if 5 <= len(digits) <= 17 and digits.isascii() and digits.isdigit():  # by far the most
        return value if has_plus else "+" + value
    compact = value.strip().translate(_SEPARATORS)
    if not _DIGITS.fullmatch(compact):
        return None
    return compact if compact.startswith("+") else "+" + compact


_SEPARATORS: Final = str.maketrans("", "", " -.()\u00a0")


def _describe(number: str) -> NumberRange:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return NumberRange(None, None, False, False)
    region = phonenumbers.region_code_for_number(parsed)
    if region is None and parsed.country_code not in _SHARED_CODES:  # an unassigned block: the calling code still names the country
        region = next(iter(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(parsed.country_code or 0, ())), None)
    national = phonenumbers.national_significant_number(parsed)
    kind = phonenumbers.number_type(parsed)
    is_valid = kind != phonenumbers.PhoneNumberType.UNKNOWN  # is_valid_number would find out region and kind once more
    has_range = is_valid and len(national) >= _FEWEST_DIGITS
    if has_range and (len(national) == _FEWEST_DIGITS or kind not in _LARGE_KINDS):
        has_range = _is_wholly_assigned(number[:-_HIDDEN_DIGITS])
    return NumberRange(
        country=region if region and region != "001" else None,
        number_range=number[:-_HIDDEN_DIGITS] if has_range else None,
        is_possible=phonenumbers.is_possible_number(parsed),
        is_toll_free=kind == phonenumbers.PhoneNumberType.TOLL_FREE,
    )


def _is_wholly_assigned(number_range: str) -> bool:
    """False when the numbering plan uses only some of the range's numbers: it would tell more than others do."""
    return all(phonenumbers.is_valid_number(phonenumbers.parse(f"{number_range}{last:04d}")) for last in range(0, 10_000, _PROBED_EVERY))
