"""The filters of template expressions. Each is total: a value of the wrong kind gives none.

Only `timestamp` and `money` refuse, because a wrong time or a wrong price is worse than a dead letter. None never
reaches a filter (the compiler passes it through), except `default`, which the compiler writes itself.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from functools import lru_cache
from string import ascii_uppercase
from typing import Any, Final

import orjson

from engagedb.errors import Reason, Rejected
from transforms import phone as phones
from transforms.operators import as_text

_PLAIN_ADDRESS: Final = re.compile(r"[^\s<>()\",;:@]+@[^\s<>()\",;:@]+")
_DOMAIN: Final = re.compile(r"[^\s<>()\",;:@/?&=%+]+")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_FIRST_MILLISECOND: Final = int(_EARLIEST.timestamp() * 1000)
_END_OF_MILLISECONDS: Final = int(_LATEST.timestamp() * 1000)
_NUMERIC: Final = re.compile(r"-?\d{1,20}(\.\d+)?")
_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}:?\d{2}|UTC)?)?", re.IGNORECASE
)
# Unix times by magnitude: the bands of plausible seconds, milliseconds, microseconds and nanoseconds do not overlap.
_SECONDS_END: Final = 10**11
_MILLISECONDS_END: Final = 10**14
_MICROSECONDS_END: Final = 10**17
_from_seconds: Final = datetime.fromtimestamp
_from_iso: Final = datetime.fromisoformat
_MOST_USD: Final = 10**10
_EIGHT_DIGITS: Final = Decimal("1E-8")
_COUNTRY_CODES: Final = frozenset(first + second for first in ascii_uppercase for second in ascii_uppercase)
_TEXTS_REMEMBERED: Final = 8_192  # times, prices and addresses come again within a moment
_LONGEST_REMEMBERED: Final = 128


def timestamp(value: Any) -> datetime:
    """The moment, UTC, to the microsecond: from Unix seconds, ms, µs or ns told apart by magnitude, or from ISO 8601.

    Raises Rejected(bad_timestamp) for anything else and for years before 2000 or after 2099.
    """
    if type(value) is int and _FIRST_MILLISECOND <= value < _END_OF_MILLISECONDS:  # by far the most
        return _from_seconds(value / 1_000, UTC)  # exact: a float keeps more than ms in these years
    moment = None
    if type(value) is str:
        try:  # the two forms that most texts have; ValueError is for digits of other scripts, or no time at all
            if len(value) == 24 and value[4:20:3] == "--T::." and value[23] == "Z":  # 2026-01-05T00:20:27.661Z
                moment = _from_iso(value)
            elif len(value) == 10 and value.isdecimal():
                moment = _from_seconds(int(value), UTC)
        except ValueError:
            pass
    if moment is None:
        moment = _moment(value)
    if moment is None or not _EARLIEST <= moment < _LATEST:
        raise Rejected(Reason.BAD_TIMESTAMP, f"{_kind(value)} is not a time between 2000 and 2099")
    return moment


def _moment(value: Any) -> datetime | None:
    if type(value) is int and 0 <= value < _MICROSECONDS_END:
        return _EPOCH + timedelta(microseconds=value * (1_000_000 if value < _SECONDS_END else 1_000 if value < _MILLISECONDS_END else 1))
    if type(value) is str:
        return _written(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else None
    if isinstance(value, bool) or value is None:
        return None
    number = _decimal(value)
    return None if number is None else _unix(number)


def _written(value: str) -> datetime | None:
    text = value.strip()
    return _unix(Decimal(text)) if _NUMERIC.fullmatch(text) else _iso(text)


def _unix(number: Decimal) -> datetime | None:
    size = abs(number)
    if size >= 10**20:
        return None
    if size < _SECONDS_END:
        number *= 1_000_000
    elif size < _MILLISECONDS_END:
        number *= 1_000
    elif size >= _MICROSECONDS_END:
        number /= 1_000
    try:
        return _EPOCH + timedelta(microseconds=int(number))
    except OverflowError:
        return None


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    offset = timedelta()
    if zone and zone.upper() not in ("Z", "UTC"):
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro, tzinfo=UTC)
        return local - offset
    except (ValueError, OverflowError):
        return None


def _kind(value: Any) -> str:
    """What a value is, without the value: refusals must not repeat what a record says."""
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float, Decimal)):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "nothing"


def money(value: Any) -> Decimal:
    """An amount in USD with at most ten digits before and eight behind the point. Raises Rejected(schema_violation)."""
    return _remembered_money(value) if type(value) is float or type(value) is int else _money(value)


def _money(value: Any) -> Decimal:
    if (type(value) is float or type(value) is int) and -_MOST_USD < value < _MOST_USD:  # by far the most
        return Decimal(str(value)).quantize(_EIGHT_DIGITS)
    amount = _decimal(value)
    if amount is None or abs(amount) >= _MOST_USD:
        raise Rejected(Reason.SCHEMA_VIOLATION, f"{_kind(value)} is not an amount of money")
    return amount.quantize(_EIGHT_DIGITS)


def millicents(value: Any) -> Decimal:
    """Thousandths of a US cent as USD: 645 is 0.00645. Raises Rejected(schema_violation)."""
    return money(money(value) / 100_000)


def _decimal(value: Any) -> Decimal | None:
    """The exact number; none for what a float could not come near either."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        found = Decimal(str(value).strip())
    except (InvalidOperation, ValueError):  # the latter for an integer of thousands of digits
        return None
    return found if found.is_finite() and math.isfinite(float(found)) else None


_remembered_money: Final = lru_cache(_TEXTS_REMEMBERED)(_money)


def text(value: Any) -> str | None:
    """A scalar as text; none for mappings and lists, and for an empty text."""
    if type(value) is str:
        return value or None
    return str(value) if type(value) is int else as_text(value) or None


def lower(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None


def upper(value: Any) -> str | None:
    return value.upper() if isinstance(value, str) else None


def trim(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) else None


def replace(value: Any, old: Any, new: Any) -> str | None:
    """The text with every `old` replaced by `new`."""
    return value.replace(old, new) if isinstance(value, str) and isinstance(old, str) and isinstance(new, str) else None


def split(value: Any, separator: Any) -> list[str] | None:
    """The parts of a text between separators."""
    return value.split(separator) if isinstance(value, str) and isinstance(separator, str) and separator else None


def join(value: Any, separator: Any) -> str | None:
    """The scalars of a list as one text; none members are skipped."""
    if not isinstance(value, list) or not isinstance(separator, str):
        return None
    if value.count(None) == len(value):  # as most are
        return ""
    return separator.join([written for part in value if part is not None and (written := as_text(part)) is not None])


def first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else None


def length(value: Any) -> int | None:
    return len(value) if isinstance(value, (str, list, dict)) else None


def starts_with(value: Any, prefix: Any) -> bool:
    return isinstance(value, str) and isinstance(prefix, str) and value.startswith(prefix)


def ends_with(value: Any, suffix: Any) -> bool:
    return isinstance(value, str) and isinstance(suffix, str) and value.endswith(suffix)


def contains(value: Any, part: Any) -> bool:
    return isinstance(value, str) and isinstance(part, str) and part in value


def phone(value: Any) -> str | None:
    """The phone number in E.164; digits without a plus sign are international."""
    written = as_text(value)
    return phones.e164(written) if written else None


def country(value: Any) -> str | None:
    """ISO alpha-2 country of a phone number."""
    return phones.country(value) if isinstance(value, str) else None


def iso_country(value: Any) -> str | None:
    """A two-letter country code in upper case."""
    if not isinstance(value, str):
        return None
    code = value if value in _COUNTRY_CODES else value.strip().upper()
    return code if code in _COUNTRY_CODES else None


def address(value: Any) -> str | None:
    """The bare address of `Name <local@domain>`, or none."""
    if not isinstance(value, str):
        return None
    return _remembered_address(value) if len(value) <= _LONGEST_REMEMBERED else _address(value)


def _address(value: str) -> str | None:
    plain = value.strip()
    if _PLAIN_ADDRESS.fullmatch(plain):  # by far the most, and the mail parser takes 60 µs
        return plain
    found = parseaddr(plain)[1]
    return found if "@" in found and found in plain else None  # the parser takes spaces out: "a@b.example DE80" is no address


def domain_of(found: str) -> str | None:
    """What stands behind the @ of an address, lower case; none when that is more than a domain."""
    behind = found.rpartition("@")[2].strip("> ").lower()
    return behind if _DOMAIN.fullmatch(behind) else None


_remembered_address: Final = lru_cache(_TEXTS_REMEMBERED)(_address)


def domain(value: Any) -> str | None:
    """The domain behind the @, lower case."""
    found = address(value)
    return domain_of(found) if found else None


def integer(value: Any) -> int | None:
    """A whole number of at most 64 bits, from a number or its text."""
    if type(value) is int:
        return value if abs(value) < 2**63 else None
    number = _decimal(value)
    if number is None or abs(number) >= 2**63 or number != int(number):
        return None
    return int(number)


def number(value: Any) -> float | None:
    """A number, or its text, as a float."""
    found = _decimal(value)
    return float(found) if found is not None else None


def boolean(value: Any) -> bool | None:
    """True or false, also written as text or as 1 and 0."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}.get(str(as_text(value)).strip().lower())


def from_json(value: Any) -> Any:
    """What a text holds as JSON; none when it is not JSON."""
    if not isinstance(value, str):
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def values(value: Any) -> list[Any] | None:
    return list(value.values()) if isinstance(value, dict) else None


def keys(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, dict) else None


def flatten(value: Any) -> list[Any] | None:
    """A list of lists as one list; members that are no lists stay."""
    if not isinstance(value, list):
        return None
    return [inner for member in value for inner in (member if isinstance(member, list) else [member])]


def unique(value: Any) -> list[Any] | None:
    """The list without repetitions, in its order."""
    if not isinstance(value, list):
        return None
    return list({json.dumps(member, sort_keys=True, default=str): member for member in value}.values())


def compact(value: Any) -> list[Any] | None:
    """The list without none."""
    return [member for member in value if member is not None] if isinstance(value, list) else None


def map_key(value: Any, key: Any) -> list[Any] | None:
    """For each mapping of a list what stands under the key."""
    if not isinstance(value, list) or not isinstance(key, str):
        return None
    return [member.get(key) if isinstance(member, dict) else None for member in value]


def select(value: Any, key: Any, wanted: Any) -> list[Any] | None:
    """The mappings of a list whose member under the key equals the wanted value."""
    if not isinstance(value, list) or not isinstance(key, str):
        return None
    return [member for member in value if isinstance(member, dict) and member.get(key) == wanted]


def merge(value: Any, other: Any) -> dict[str, Any] | None:
    """Two mappings as one; the second wins. None counts as empty."""
    return {**value, **(other if isinstance(other, dict) else {})} if isinstance(value, dict) else None


def tag_map(value: Any) -> dict[str, Any] | None:
    """SES tags `{name: [values]}` as `{name: "value,value"}`."""
    if not isinstance(value, dict):
        return None
    return {
        key: member if type(member) is not list else member[0] if len(member) == 1 and type(member[0]) is str else join(member, ",")
        for key, member in value.items()
    }


def b64decode(value: Any) -> str | None:
    """The text that base64 holds."""
    try:
        return base64.b64decode(value, validate=True).decode() if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    f.__name__: f
    for f in (
        timestamp, money, millicents, text, lower, upper, trim, replace, split, join, first, last, length, starts_with,
        ends_with, contains, phone, country, iso_country, address, domain, integer, number, boolean, from_json, values,
        keys, flatten, unique, compact, select, merge, tag_map, b64decode,
    )
} | {"map": map_key}  # fmt: skip

TESTS: Final[dict[str, Callable[[Any], bool]]] = {
    "defined": lambda value: value is not None,
    "none": lambda value: value is None,
    "string": lambda value: isinstance(value, str),
    "mapping": lambda value: isinstance(value, dict),
    "sequence": lambda value: isinstance(value, list),
    "number": lambda value: isinstance(value, (int, float, Decimal)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}
