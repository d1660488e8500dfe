"""One JSON document's bytes to its value: exact numbers, no lone surrogates, no depth that would break a later stage.

orjson reads nearly everything; the standard library reads what orjson would round (integers beyond 64 bits, long
decimals) or refuse without saying why.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import orjson

from engagedb.errors import Reason, Rejected

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_DEPTH = 128
"""Containers within containers; later stages walk payloads recursively and must not run out of stack."""

INT_DIGITS = 4300  # what int() reads before its guard against quadratic time refuses

_LONG = b"0" * 16  # a number of so many digits and point may lose some as a float
_MUCH = 16 * 1024  # bytes, of which NumPy finds that there are none sooner than Python
_BEFORE_NUMBERS = b":,[ \t\r\n"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DIGITS = bytes.maketrans(bytes(range(256)), bytes(48 if byte in b"0123456789." else 32 for byte in range(256)))


def decode(data: bytes) -> Any:
    """The value of one JSON document; numbers that a float would round are int or Decimal.

    Raises Rejected: NOT_JSON for what is no JSON or is nested too deep, UNDECODABLE for JSON around broken text."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _decode_slowly(data)
    if holds_long_numbers(data):
        return _decode_slowly(data)
    if may_be_deep(data):
        _refuse_depth(value)
    return value


def holds_long_numbers(data: bytes) -> bool:
    """True when a number in `data`, one document or many, may be too long for a float. Never wrongly false."""
    if len(data) >= _MUCH and not _holds_long_run(np.frombuffer(data, np.uint8)):
        return False
    runs = data.translate(_DIGITS)
    at = runs.find(_LONG)
    while at >= 0:
        before = data[at - 1 : at] if data[at - 1 : at] != b"-" else data[at - 2 : at - 1]
        if before in _BEFORE_NUMBERS:  # and not in a string; the very beginning counts too
            return True
        at = runs.find(_LONG, runs.find(b" ", at) % (len(runs) + 1))
    return False


def _holds_long_run(data: NDArray[np.uint8]) -> bool:
    """False when nowhere so many digits and points stand together; a slash counts as one of them here."""
    found = (data - 46) < 12
    for width in (1, 2, 4, 8):
        found = found[width:] & found[:-width]
    return bool(found.any())


def may_be_deep(data: bytes) -> bool:
    """True when the document has brackets enough to be nested beyond MAX_DEPTH."""
    return len(data) > 2 * MAX_DEPTH and data.count(b"{") + data.count(b"[") > MAX_DEPTH


def _decode_slowly(data: bytes) -> Any:
    try:
        # Structure first, on bytes as Latin-1: whether it is JSON must not depend on whether its text is valid UTF-8.
        _STRUCTURE.decode(data.decode("latin-1"))
        value = _EXACT.decode(text := data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Rejected(Reason.UNDECODABLE, "the text is not valid UTF-8") from None
    except RecursionError:
        raise _too_deep() from None
    except (ValueError, InvalidOperation):
        raise Rejected(Reason.NOT_JSON, "this is not a JSON document") from None
    if _SURROGATE.search(text) and not _is_text(value):
        raise Rejected(Reason.UNDECODABLE, "a string holds half of a surrogate pair")
    _refuse_depth(value)
    return value


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Rejected:
    return Rejected(Reason.NOT_JSON, f"nested deeper than {MAX_DEPTH} levels")


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= INT_DIGITS else Decimal(digits)


def _fraction(digits: str) -> float | Decimal:
    rounded, exact = float(digits), Decimal(digits)
    return rounded if math.isfinite(rounded) and Decimal(repr(rounded)) == exact else exact


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _nothing(_: str) -> None:
    return None


_EXACT = json.JSONDecoder(parse_int=_integer, parse_float=_fraction, parse_constant=_refuse_constant)
_STRUCTURE = json.JSONDecoder(parse_int=_nothing, parse_float=_nothing, parse_constant=_refuse_constant)


def scan(text: str, at: int) -> int:
    """Where the JSON value that starts at `at` ends. `text` is bytes as Latin-1, so that places are byte offsets.

    Raises json.JSONDecodeError at the place that is wrong, RecursionError when nested far too deep, ValueError for NaN."""
    return _STRUCTURE.raw_decode(text, at)[1]
