"""Numbers, shares, times and days as people read them."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards import wording


def test_nothing_is_a_dash_and_never_a_zero() -> None:
    for word in (wording.count, wording.share, wording.money, wording.age):
        assert word(None) == word(float("nan")) == "–"


def test_numbers_read_well() -> None:
    assert wording.count(1234567) == "1,234,567"
    assert wording.share(0.9549) == "95.5 %"
    assert wording.money(28.4449) == "$28.44"
    assert wording.channel("email") == "E-mail"
    assert wording.channel("pigeon") == "pigeon"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (20, "20 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (172_799, "48 h"), (172_800, "2 days")],
)
def test_ages_read_well(seconds: float, text: str) -> None:
    assert wording.age(seconds) == text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 1, 5), date(2026, 1, 5), "5 January 2026"),
        (date(2026, 1, 5), date(2026, 1, 18), "5 to 18 January 2026"),
        (date(2026, 1, 25), date(2026, 2, 3), "25 January to 3 February 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 December 2025 to 2 January 2026"),
    ],
)
def test_windows_say_each_part_once(first: date, last: date, text: str) -> None:
    assert wording.days(first, last) == text
