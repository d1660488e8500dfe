"""The countries that messages go to: volume, prices, carriers, number plans. The figures stand in countries.csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from ingest.simulate.numbers import number_ranges


@dataclass(frozen=True, slots=True)
class Carrier:
    name: str
    mcc: str
    mnc: str


@dataclass(frozen=True, slots=True)
class Country:
    """`price_usd` and `carrier_fee_usd` are per segment; `receipt` is what carriers there report: handset or carrier."""

    code: str
    weight: float
    price_usd: Decimal
    carrier_fee_usd: Decimal
    protect_mode: str
    receipt: str
    delivered: float
    utc_offset_h: float
    language: str
    originators: tuple[str, ...]
    carriers: tuple[Carrier, ...]

    @property
    def ranges(self) -> tuple[str, ...]:
        return number_ranges(self.code)


@cache
def countries() -> tuple[Country, ...]:
    """Every country of countries.csv, in its order."""
    with (Path(__file__).parent / "countries.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_read(row) for row in csv.DictReader(file))


@cache
def country_index(code: str) -> int:
    """Where that country stands in `countries()`. Raises ValueError."""
    return [c.code for c in countries()].index(code)


def _read(row: dict[str, str]) -> Country:
    return Country(
        code=row["country"],
        weight=float(row["weight"]),
        price_usd=Decimal(row["price_usd"]),
        carrier_fee_usd=Decimal(row["carrier_fee_usd"]),
        protect_mode=row["protect_mode"],
        receipt=row["receipt"],
        delivered=float(row["delivered"]),
        utc_offset_h=float(row["utc_offset_h"]),
        language=row["language"],
        originators=tuple(row["originators"].split("|")),
        carriers=tuple(Carrier(*text.split(":")) for text in row["carriers"].split("|")),
    )
