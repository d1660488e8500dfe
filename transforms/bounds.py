"""Types and bounds of canonical values: what leaves here fits its column, row by row.

One oversized integer would fail a whole Arrow batch, so bounds are checked per value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from string import ascii_uppercase
from typing import Any, Final

import pyarrow as pa

from engagedb.errors import Reason, Rejected
from transforms.canonical import BOOL, DOUBLE, INT, MAP, MONEY, STRING, TIMESTAMP, Column
from transforms.operators import as_text
from transforms.vocabulary import Channel, Direction, OriginatorType, Stage

STRICT_WORDS: Final[dict[str, frozenset[str]]] = {
    "channel": frozenset(Channel),
    "direction": frozenset(Direction),
    "stage": frozenset(Stage),
    "originator_type": frozenset(OriginatorType),
}
"""Columns that only a template fills: a word outside the vocabulary is the template's mistake."""

KNOWN_WORDS: Final[dict[str, frozenset[str]]] = {
    "message_type": frozenset({"transactional", "promotional"}),
    "protect_mode": frozenset({"allow", "block", "monitor", "filter"}),
    "protect_recommendation": frozenset({"allow", "block"}),
    "feedback_status": frozenset({"received", "failed"}),
}
"""Columns that the provider fills: a new word is kept, but redacted as free text."""

_COUNTRIES: Final = frozenset(first + second for first in ascii_uppercase for second in ascii_uppercase)


def words_of(column: Column) -> frozenset[str] | None:
    """The words that the column takes, or None when it takes others too."""
    return _COUNTRIES if column.name == "recipient_country" else STRICT_WORDS.get(column.name)


def coercion(column: Column) -> Callable[[Any], Any]:
    """A function from what an expression gave (never none) to a value of the column's type, or none when it does not fit.

    It raises Rejected(schema_violation) where a wrong value is the template's mistake or would falsify money.
    """
    convert = _CONVERSIONS[column.type]
    words = STRICT_WORDS.get(column.name)
    is_strict = words is not None or column.required or column.type == MONEY
    if not is_strict and column.name != "recipient_country":
        return convert

    def coerce(value: Any) -> Any:
        converted = convert(value)
        if converted is None:
            if not is_strict:
                return None
            raise Rejected(Reason.SCHEMA_VIOLATION, f"column {column.name}: a value does not fit the type {column.type}")
        if words is not None and converted not in words:
            known = ", ".join(sorted(words))
            raise Rejected(Reason.SCHEMA_VIOLATION, f"column {column.name}: the template gave a word that is none of {known}")
        if column.name == "recipient_country" and converted not in _COUNTRIES:
            raise Rejected(Reason.SCHEMA_VIOLATION, "column recipient_country: the template gave no two-letter code; use | iso_country")
        return converted

    return coerce


def _integer(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return int(value) if -(2**63) <= value < 2**63 and value == int(value) else None


def _double(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = float(value) if -1e300 < value < 1e300 else None
    return number if number is not None and number == number else None


_CONVERSIONS: Final[dict[pa.DataType, Callable[[Any], Any]]] = {
    STRING: as_text,
    BOOL: lambda value: value if isinstance(value, bool) else None,
    INT: _integer,
    DOUBLE: _double,
    TIMESTAMP: lambda value: value if isinstance(value, datetime) else None,
    MONEY: lambda value: value if isinstance(value, Decimal) and abs(value) < 10**10 else None,
    MAP: lambda value: value if isinstance(value, dict) else None,
}
