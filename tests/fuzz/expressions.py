"""What must hold for the language of templates alone, without a record around it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from engagedb.errors import Rejected
from tests.fuzz.mutation import HOSTILE, Choices, payload
from tests.transforms.test_reference import same, shipped
from transforms import operators
from transforms.filters import FILTERS, TESTS

_MAY_REFUSE: Final = {"timestamp", "money", "millicents"}
_ARRIVAL: Final = {"stated_at": None, "received_at": None, "account_id": None, "region": "eu-west-2", "detail_type": None, "resources": []}
_OPERATORS: Final[dict[str, Callable[..., Any]]] = {
    f"operator {name}": getattr(operators, name)
    for name in (
        "add", "subtract", "multiply", "divide", "floor_divide", "modulo", "negate", "concat", "item", "is_in", "less",
        "less_or_equal", "greater", "greater_or_equal",
    )
}  # fmt: skip
_FUNCTIONS: Final = {**FILTERS, **{f"test {name}": test for name, test in TESTS.items()}, **_OPERATORS}
_NAMES: Final = tuple(_FUNCTIONS)
_ARITY: Final = {
    name: sum(p.kind is not p.VAR_POSITIONAL for p in inspect.signature(f).parameters.values()) or 3 for name, f in _FUNCTIONS.items()
}
_NUMBERS: Final = (
    "1E+99999999", "-1e-99999999", "1e999999999999999999", "Infinity", "sNaN", "-0", "9" * 40, "0." + "0" * 400 + "1", "１２", "1_000",
)  # fmt: skip


def filtering(data: bytes) -> None:
    """Filters, tests and operators in a row give a value or none, whatever they are given; three of them may refuse."""
    choices = Choices(data)
    value = _value(choices)
    for _ in range(1 + choices.below(5)):
        name = choices.one_of(_NAMES)
        arguments = [value, *(_value(choices) for _ in range(_ARITY[name] - 1))]
        if value is None and name in FILTERS:
            return  # none never reaches a filter
        try:
            value = _FUNCTIONS[name](*arguments)
        except Rejected:
            assert name in _MAY_REFUSE, f"{name} refuses"
            return
        assert_plain(value, name)


def assert_plain(value: Any, name: str) -> None:
    """Fails unless the value is one that a column or another filter can take."""
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, list | dict):
            pending += node if isinstance(node, list) else [*node, *node.values()]
            continue
        assert node is None or isinstance(node, str | bool | int | float | Decimal | datetime), f"{name} gives a {type(node).__name__}"
        assert not isinstance(node, float) or math.isfinite(node), f"{name} gives {node}"


def _value(choices: Choices, depth: int = 0) -> Any:
    match choices.below(10):
        case 0:
            return choices.rest(12).decode("utf-8", "replace")
        case 1:
            return str(choices.one_of(HOSTILE)) + choices.rest(4).decode("latin-1")
        case 2:
            number = choices.one_of(_NUMBERS)
            return (
                number
                if choices.below(2)
                else Decimal("1e400")
                if "e9999999999" in number
                else Decimal(number.replace("sNaN", "0").replace("Infinity", "7"))
            )
        case 3 if depth < 3:
            return [_value(choices, depth + 1) for _ in range(choices.below(4))]
        case 4 if depth < 3:
            return {str(choices.one_of(("a", "", "default", "items", "0"))): _value(choices, depth + 1) for _ in range(choices.below(4))}
        case _:
            return choices.one_of(HOSTILE)


def comparing(data: bytes) -> None:
    """A shipped template, compiled, gives what Jinja2's own evaluation of its expressions gives."""
    value = payload(Choices(data))
    for template in shipped():
        if isinstance(value, dict) and template.matches(value, _ARRIVAL):
            assert same(template, value, _ARRIVAL), template.template.source
