"""The operators of template expressions under the one rule for authors: none passes through, nothing raises.

Missing equals null equals none. Arithmetic on anything but two numbers (or two lists, for `+`) is none; `~` skips
none; an ordering comparison with none, or between kinds that have no order, is false.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

Number = int | float | Decimal
_MOST_BITS: Final = 14_000  # str() refuses integers of more than 4,300 digits


def as_text(value: Any) -> str | None:
    """A scalar as text (true/false in lower case); none for mappings, lists and none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return None


def concat(*values: Any) -> str:
    """The values as one text; none, mappings and lists are skipped."""
    return "".join(text for text in map(as_text, values) if text is not None)


def item(container: Any, key: Any) -> Any:
    """The member of a mapping or list under that key or index, else none; never a Python attribute."""
    if isinstance(container, dict):
        return container.get(key) if isinstance(key, (str, int)) else None
    if isinstance(container, list) and isinstance(key, int) and not isinstance(key, bool):
        return container[key] if -len(container) <= key < len(container) else None
    return None


def is_in(value: Any, container: Any) -> bool:
    """True when a list or mapping holds the value, or a text holds the text."""
    if isinstance(container, str):
        return isinstance(value, str) and value in container
    if isinstance(container, dict):
        return isinstance(value, (str, int)) and value in container
    return isinstance(container, (list, tuple)) and value in container


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _arithmetic(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operate(left: Any, right: Any) -> Any:
        if not (_is_number(left) and _is_number(right)):
            return None
        try:
            if isinstance(left, Decimal) != isinstance(right, Decimal):
                left, right = Decimal(str(left)), Decimal(str(right))
            return _writable(apply(left, right))
        except (ArithmeticError, ValueError):  # the latter for an integer of thousands of digits
            return None

    return operate


def _writable(result: Any) -> Any:
    """The result, or none when nothing could be made of it: an infinite float, an integer of thousands of digits."""
    is_beyond = not math.isfinite(result) if isinstance(result, float) else isinstance(result, int) and result.bit_length() > _MOST_BITS
    return None if is_beyond else result


def _ordering(apply: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        both_numbers = _is_number(left) and _is_number(right)
        same_kind = type(left) is type(right) and isinstance(left, (str, datetime))
        try:
            return bool(apply(left, right)) if both_numbers or same_kind else False
        except (TypeError, InvalidOperation):
            return False

    return compare


_plus = _arithmetic(lambda a, b: a + b)


def add(left: Any, right: Any) -> Any:
    """The sum of two numbers, or two lists joined; else none."""
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    return _plus(left, right)


subtract = _arithmetic(lambda a, b: a - b)
multiply = _arithmetic(lambda a, b: a * b)
divide = _arithmetic(lambda a, b: a / b)
floor_divide = _arithmetic(lambda a, b: a // b)
modulo = _arithmetic(lambda a, b: a % b)
less = _ordering(lambda a, b: a < b)
less_or_equal = _ordering(lambda a, b: a <= b)
greater = _ordering(lambda a, b: a > b)
greater_or_equal = _ordering(lambda a, b: a >= b)


def negate(value: Any) -> Any:
    """The number with its sign changed; else none."""
    return subtract(0, value)
