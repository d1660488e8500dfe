"""A decoded value back to JSON, exactly: what `decode` reads from it is the same value."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import orjson

# A decimal is written as a string with private-use brackets, which come off together with the quotes afterwards.
_OPENS, _CLOSES = "\ue0f0\uf8f1", "\uf8f1\ue0f0"
_MARKED = re.compile(f'"{_OPENS}([-+0-9.eE]+){_CLOSES}"')


def encode(value: Any) -> bytes:
    """JSON of a decoded value, with its integers beyond 64 bits and its Decimals digit by digit."""
    try:
        return orjson.dumps(value)
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_mark)
        return _MARKED.sub(r"\1", text).encode("utf-8")


def _mark(number: Any) -> str:
    if not isinstance(number, Decimal):
        raise TypeError(f"{type(number).__name__} is no value of JSON")
    return f"{_OPENS}{number}{_CLOSES}"
