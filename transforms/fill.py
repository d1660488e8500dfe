"""The columns of a template as one Python function that fills a row: checked, the people taken out, redacted.

The source for a template with the columns message_id, recipient_id, event_time, channel and tags becomes, shortened,

    def fill(row, values, misfits, leaves, identifiers, account_id, region, has_message):
        message_id, recipient_id, event_time, channel, tags, = values
        if message_id is not None and type(message_id) is not str: message_id = fit_message_id(message_id, misfits)
        if event_time is not None and type(event_time) is not datetime: event_time = fit_event_time(event_time, misfits)
        ...
        add_people(row, has_message, recipient_id, None, message_id, channel, None, None, None, tags)
        is_named = identifiers and identifiers.stand_in([*filter(None, (message_id, account_id, region,)), ...])
        keep, keep_id, ... = forget if is_named else remember
        if message_id is not None: row['message_id'] = keep_id[message_id] or string(message_id, how_message_id, identifiers, ...)
        if event_time is not None: row['event_time'] = event_time
        ...
        return is_named

A value that fits needs no call; a string that came before, in an event of whomever, needs one look into a memory.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from transforms.bounds import KNOWN_WORDS, coercion, words_of
from transforms.canonical import BOOL, EVENTS, INT, MAP, MONEY, STRING, TIMESTAMP, Column, Privacy, Table
from transforms.memory import NO_MEMORY
from transforms.policy import REMEMBERED, Treatment
from transforms.scrub import ID, LINK, MACHINE, TEXT, Scrubber

Fill = Callable[..., bool]
AddPeople = Callable[..., None]

PEOPLE: Final = ("recipient_id", "customer_id", "message_id", "channel", "direction", "originator", "link", "tags")
"""Columns from which the row's people and keys are told, in the order in which `add_people` takes them."""

_PERSONS: Final = ("recipient_id", "customer_id")  # stand in the row as pseudonyms only
_PLACES: Final = ("account_id", "region")  # told by envelopes and settings where the record does not state them
_TREATMENTS: Final = {Privacy.PUBLIC: MACHINE, Privacy.MACHINE: MACHINE, Privacy.MESSAGE_ID: ID, Privacy.LINK: LINK}
_FITS: Final = {
    STRING: "type({0}) is str",
    TIMESTAMP: "type({0}) is datetime",
    BOOL: "type({0}) is bool",
    INT: "type({0}) is int and -(2**63) <= {0} < 2**63",
    MONEY: "type({0}) is Decimal and -(10**10) < {0} < 10**10",
    MAP: "type({0}) is dict",
}
_STARTS: Final = "def fill(row, values, misfits, leaves, identifiers, account_id, region, has_message):"


def compile_fill(
    table: Table, columns: tuple[str, ...], scrubber: Scrubber, add_people: AddPeople, customer_id_keys: tuple[str, ...] = ()
) -> Fill:
    """`fill(row, values, misfits, leaves, identifiers, account_id, region, has_message)` fills the row and says whether one of the
    row's strings names somebody. Values of a type that their column does not take go into `misfits`. Raises Rejected.
    """
    names: dict[str, Any] = {
        "datetime": datetime,
        "Decimal": Decimal,
        "add_people": add_people,
        "string": scrubber.string,
        "redact_map": scrubber.map,
        "remembered_strings": scrubber.remembered_strings,
        "customer_id_keys": frozenset(customer_id_keys),
        "remember": [scrubber.memory(operator) for operator in REMEMBERED],
        "forget": [NO_MEMORY for _ in REMEMBERED],
    }
    for name in (*columns, *_PLACES):
        column = table.column(name)
        names[f"fit_{name}"] = _fitting(name, coercion(column))
        names[f"words_{name}"] = words_of(column)
        names[f"known_{name}"] = KNOWN_WORDS.get(name, frozenset())
        names[f"how_{name}"] = treatment_of(column)
    exec(compile(source_of(table, columns), f"<fill {table.name}>", "exec"), names)  # source written here from names of columns only
    made: Fill = names["fill"]
    return made


def source_of(table: Table, columns: tuple[str, ...]) -> str:
    """The source of `fill`."""
    written = [table.column(name) for name in (*columns, *(place for place in _PLACES if place not in columns)) if name not in _PERSONS]
    treated = [column.name for column in written if treatment_of(column) is not None]
    maps = [column.name for column in written if column.type == MAP]
    lines = [
        _values(columns),
        *(_fit(table.column(name)) for name in columns),
        *(f"if {place} is None: {place} = stated_{place}" for place in _PLACES if place in columns),
    ]
    if table is EVENTS:
        lines.append(f"add_people(row, has_message, {', '.join(name if name in columns else 'None' for name in PEOPLE)})")
    strings = [f"*filter(None, ({', '.join(treated)},))", "*[leaf for place, leaf in leaves if place.is_remembered and type(leaf) is str]"]
    strings += [f"*(remembered_strings({name}) if {name} is not None else ())" for name in maps]
    lines.append(f"is_named = identifiers.names_somebody() and identifiers.stand_in([{', '.join(strings)}])")
    lines.append(f"{', '.join(REMEMBERED)} = forget if is_named else remember")
    lines += [_write(column) for column in written]
    lines.append("return is_named")
    start = _STARTS
    for place in _PLACES:
        start = start.replace(place, f"stated_{place}") if place in columns else start
    return "\n    ".join([start, *lines])


def treatment_of(column: Column) -> Treatment | None:
    """What is done to the column's strings; None for those that cannot be personal, and for maps.

    The company's own number may be its customer's too; no other name may be. A closed vocabulary that the provider fills
    is text where it holds a new word.
    """
    if column.privacy is Privacy.PLAIN:
        return TEXT if column.name in KNOWN_WORDS else None
    if column.name == "originator" or column.privacy is Privacy.MAP:
        return None
    return _TREATMENTS.get(column.privacy, TEXT)


def _fitting(name: str, coerce: Callable[[Any], Any]) -> Callable[[Any, dict[str, Any]], Any]:
    def fit(value: Any, misfits: dict[str, Any]) -> Any:
        fitting = coerce(value)
        if fitting is None:
            misfits[f"misfit.{name}"] = value
        return fitting

    return fit


def _values(columns: tuple[str, ...]) -> str:
    return f"{', '.join(columns)}, = values"


def _fit(column: Column) -> str:
    name = column.name
    fits = _FITS.get(column.type, "False").format(name)
    if words_of(column) is not None:
        fits += f" and {name} in words_{name}"
    return f"if {name} is not None and not ({fits}): {name} = fit_{name}({name}, misfits)"


def _write(column: Column) -> str:
    name = column.name
    treatment = treatment_of(column)
    if column.type == MAP:
        kept = f"{{key: member for key, member in {name}.items() if key not in customer_id_keys}}"
        value = f"redact_map({kept}, identifiers, is_named=is_named) or None"
    elif treatment is None:
        value = name
    else:
        value = f"{treatment.operator}[{name}] or string({name}, how_{name}, identifiers, is_named=is_named)"
        if name in KNOWN_WORDS:
            value = f"{name} if {name} in known_{name} else {value}"
    return f"if {name} is not None: row[{name!r}] = {value}"
