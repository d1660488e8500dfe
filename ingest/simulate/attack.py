"""What attacks and their look-alikes have in common: when and where they happen, and how well they hide, drawn anew by each seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.simulate.countries import Country, countries
from ingest.simulate.numbers import neighbours
from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Surge, Window

COSTLY_USD: Final = 0.08  # what a message costs at least where most attackers earn


@dataclass(frozen=True, slots=True)
class Disguise:
    """Shares of an attack: messages that arrive, codes that are entered to look real, messages that the AIT model recommends to block."""

    delivered: float
    feedback: float
    flagged: float


def draw_disguise(rng: np.random.Generator) -> Disguise:
    """Two attacks of three are seen by the AIT model, and one of three enters some of its codes."""
    flagged = rng.uniform(0.3, 0.9) if rng.random() < 0.67 else rng.uniform(0.0, 0.15)
    feedback = rng.uniform(0.05, 0.3) if rng.random() < 0.33 else rng.uniform(0.0, 0.03)
    return Disguise(float(rng.uniform(0.55, 0.95)), float(feedback), float(flagged))


def draw_day(window: Window, rng: np.random.Generator, lasting: int = 1) -> int:
    """Start (Unix ms) of a day in the last third of the history that so many days, as far as there are, begin with."""
    latest = max(0, window.days - lasting)
    earliest = min(latest, window.days * 2 // 3)
    return window.start_ms + int(rng.integers(earliest, latest + 1)) * DAY_MS


def draw_start(window: Window, rng: np.random.Generator, hours: int) -> int:
    """Any minute of such a day from which so many hours fit into it."""
    return draw_day(window, rng) + int(rng.integers(0, (24 - hours) * 60)) * HOUR_MS // 60


def draw_daytime(window: Window, rng: np.random.Generator, country: Country, hours: int) -> int:
    """About ten in the morning in the country, on such a day, so that so many hours fit into the UTC day."""
    local = round(10 - country.utc_offset_h + rng.uniform(-1, 1)) % 24
    return draw_day(window, rng) + min(local, 24 - hours) * HOUR_MS


def draw_countries(rng: np.random.Generator, count: int) -> list[Country]:
    """Countries that attackers choose: two of three of the costly ones."""
    open_ones = [country for country in countries() if country.protect_mode != "BLOCK"]
    weights = np.asarray([2.0 if country.price_usd > COSTLY_USD else 1.0 for country in open_ones])
    chosen = rng.choice(len(open_ones), count, replace=False, p=weights / weights.sum())
    return [open_ones[int(index)] for index in chosen]


def draw_market(rng: np.random.Generator) -> Country:
    """A country in which the company has many customers."""
    large = [country for country in countries() if country.weight >= 30 and country.protect_mode in ("MONITOR", "ALLOW")]
    return large[int(rng.integers(0, len(large)))]


def daily_messages(window: Window, country: Country) -> int:
    """What the company sends to the country on an average day."""
    return round(window.sms_per_day * country.weight / sum(other.weight for other in countries()))


def draw_range(rng: np.random.Generator, country: Country) -> str:
    """A range in which customers live, or in one case of three the one after it, which nobody there knows."""
    known = country.ranges[int(rng.integers(0, len(country.ranges)))]
    return known if rng.random() < 0.67 else neighbours(known, 2)[1]


def draw_per_hour(rng: np.random.Generator, low: int, high: int) -> float:
    """Messages an hour between the two, small attacks as often as large ones."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def draw_pumping(rng: np.random.Generator, country: Country, starts_at: int, hours: float, per_hour: float, disguise: Disguise) -> Surge:
    """An attack on one range: numbers that the attacker owns, some again and again, or any of the range."""
    return Surge(
        starts_at=starts_at,
        ends_at=starts_at + round(hours * HOUR_MS),
        messages=max(10, round(per_hour * hours)),
        country=country.code,
        number_range=draw_range(rng, country),
        numbers=10_000 if rng.random() < 0.6 else int(rng.integers(40, 400)),
        is_attack=True,
        delivered=disguise.delivered,
        feedback=disguise.feedback,
        flagged=disguise.flagged,
    )


def busy_customers(country: Country, starts_at: int, ends_at: int, messages: int, use_case: str) -> Surge:
    """No attack: the country's customers get more messages than usual, and do with them what they always do."""
    return Surge(
        starts_at=starts_at,
        ends_at=ends_at,
        messages=messages,
        country=country.code,
        is_attack=False,
        use_case=use_case,
        delivered=country.delivered,
        feedback=0.87 if use_case == "otp" else 0.0,
        flagged=0.004,
    )
