from __future__ import annotations

import numpy as np
import phonenumbers

from ingest.simulate.countries import countries
from ingest.simulate.numbers import RANGES_PER_COUNTRY
from ingest.simulate.people import MOST_PEOPLE, PER_COUNTRY, RANGES, phone_of


def test_every_number_is_valid_in_its_country() -> None:
    for country in countries():
        for number_range in country.ranges[::7]:
            for digits in ("0000", "0815", "4711", "9999"):
                number = phonenumbers.parse(number_range + digits)
                assert phonenumbers.is_valid_number(number), country.code
                assert phonenumbers.region_code_for_number(number) == country.code


def test_every_country_has_its_ranges_once() -> None:
    assert len(countries()) > 40
    for country in countries():
        assert len(set(country.ranges)) == RANGES_PER_COUNTRY, country.code
    assert len(set(RANGES.tolist())) == len(RANGES)


def test_different_people_have_different_phones() -> None:
    person = 3 * PER_COUNTRY + np.arange(MOST_PEOPLE, dtype=np.int64)
    number_range, digits = phone_of(person)
    assert len(np.unique(number_range * 10_000 + digits)) == MOST_PEOPLE


def test_every_country_states_prices_and_carriers() -> None:
    for country in countries():
        assert country.price_usd > 0
        assert country.carriers
        assert country.protect_mode in {"ALLOW", "MONITOR", "FILTER", "BLOCK"}
        assert 0.5 < country.delivered < 1
