"""The columns of a template as one Python function that gives a whole row: checked, the people taken out, redacted.

The source for a template with the columns message_id, recipient_id, event_time, channel and tags becomes, shortened,

    def fill(values, leaves, identifiers, has_message, event_id, received_at, ..., account_id, region, raw_event):
        message_id, recipient_id, event_time, channel, tags, = values
        misfits = {}
        if message_id is not None and type(message_id) is not str: message_id = fit_message_id(message_id, misfits)
        if event_time is not None and type(event_time) is not datetime: event_time = fit_event_time(event_time, misfits)
        ...
        message_key, recipient_id, number_range, ... = people(has_message, recipient_id, None, message_id, channel, ..., tags)
        names_somebody = identifiers.names_somebody()
        is_named = names_somebody and identifiers.stand_in([*filter(None, (message_id, account_id, region,)), ...])
        keep, keep_id, ... = forget if is_named else remember
        if message_id is not None: message_id = keep_id[message_id] or string(message_id, how_message_id, identifiers, ...)
        ...
        attributes = attributes_of(leaves, identifiers, is_named=is_named)
        return event_id, message_id, message_key, event_time, None, received_at, ...

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
from transforms.people import KNOWN, People
from transforms.policy import REMEMBERED, Treatment
from transforms.scrub import ID, LINK, MACHINE, TEXT, Scrubber
from transforms.tags import Tags
from transforms.vocabulary import Direction

Fill = Callable[..., tuple[Any, ...]]

ASKED: Final = ("recipient_id", "customer_id", "message_id", "channel", "direction", "originator", "link", "tags")
"""Columns from which the row's people and keys are told, in the order in which `People.known` takes them."""

_PERSONS: Final = ("recipient_id", "customer_id")  # stand in the row as pseudonyms only
_PLACES: Final = ("account_id", "region")  # told by envelopes and settings where the record does not state them
_BY_DEFAULT: Final = ("recipient_country", "originator_type", "feedback_expected")  # of what is known, unless the template says otherwise
_TREATMENTS: Final = {Privacy.PUBLIC: MACHINE, Privacy.MACHINE: MACHINE, Privacy.MESSAGE_ID: ID, Privacy.LINK: LINK}
_FITS: Final = {
    STRING: "type({0}) is str",
    TIMESTAMP: "type({0}) is datetime",
    BOOL: "type({0}) is bool",
    INT: "type({0}) is int and -(2**63) <= {0} < 2**63",
    MONEY: "type({0}) is Decimal and -(10**10) < {0} < 10**10",
    MAP: "type({0}) is dict",
}
_GIVEN: Final = ("received_at", "ingested_at", "source_object", "source_offset", *_PLACES, "raw_event")


def compile_fill(source: str, version: str, table: Table, columns: tuple[str, ...], scrubber: Scrubber, people: People) -> Fill:
    """What fills the rows of a template: `fill(values, leaves, identifiers, has_message, <id>, received_at, ingested_at,
    source_object, source_offset, account_id, region, raw_event)` gives the row as a tuple in the order of the table's columns.

    Values of a type that their column does not take go beside the attributes. Raises Rejected.
    """
    tags = Tags(scrubber, frozenset(people.customer_id_keys))
    names: dict[str, Any] = {
        "datetime": datetime,
        "Decimal": Decimal,
        "people": people.known,
        "string": scrubber.string,
        "tags_redacted": tags.redacted,
        "attributes_of": scrubber.attributes,
        "strings_of_tags": tags.strings,
        "remembered_links": scrubber.memory(LINK.operator),
        "remember": [scrubber.memory(operator) for operator in REMEMBERED],
        "forget": [NO_MEMORY for _ in REMEMBERED],
        "outbound": Direction.OUTBOUND,
        "source": source,
        "template_version": version,
    }
    for name in (*columns, *_PLACES):
        column = table.column(name)
        names[f"fit_{name}"] = _fitting(name, coercion(column))
        names[f"words_{name}"] = words_of(column)
        names[f"known_{name}"] = KNOWN_WORDS.get(name, frozenset())
        names[f"how_{name}"] = treatment_of(column)
    code = source_of(table, columns, scrubber.dropped_columns)
    exec(compile(code, f"<fill {table.name}>", "exec"), names)  # written here from names of columns only
    made: Fill = names["fill"]
    return made


def source_of(table: Table, columns: tuple[str, ...], dropped: frozenset[str] = frozenset()) -> str:
    """The source of `fill`."""
    written = [table.column(name) for name in (*columns, *(place for place in _PLACES if place not in columns)) if name not in _PERSONS]
    treated = [column.name for column in written if treatment_of(column) is not None and column.privacy is not Privacy.LINK]
    maps = [column.name for column in written if column.type == MAP]
    given = [f"stated_{name}" if name in _PLACES and name in columns else name for name in _GIVEN]
    known = KNOWN if table is EVENTS else ()
    strings = [f"*filter(None, ({', '.join(treated)},))", "*[leaf for place, leaf in leaves if place.is_remembered and type(leaf) is str]"]
    strings += [f"*(strings_of_tags({name}) if {name} is not None else ())" for name in maps]
    filled = {*columns, *_GIVEN, *known, table.names[0], "source", "template_version", "attributes"} | ({"direction"} if known else set())
    lines = [
        f"def fill(values, leaves, identifiers, has_message, {table.names[0]}, {', '.join(given)}):",
        f"{', '.join(columns)}, = values",
        "misfits = {}",
        *(_fit(table.column(name)) for name in columns),
        *(f"if {place} is None: {place} = stated_{place}" for place in _PLACES if place in columns),
        *(_tell(columns) if known else ()),
        "names_somebody = identifiers.names_somebody()",
        f"is_named = names_somebody and identifiers.stand_in([{', '.join(strings)}])",
        f"{', '.join(REMEMBERED)} = forget if is_named else remember",
        *(line for column in written if (line := _redact(column))),
        "attributes = attributes_of(leaves, identifiers, is_named=is_named)",
        "if misfits: attributes |= tags_redacted(misfits, identifiers)",
        "if not attributes: attributes = None",
        f"return {', '.join(name if name in filled and name not in dropped else 'None' for name in table.names)}",
    ]
    return "\n    ".join(lines)


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


def _fit(column: Column) -> str:
    name = column.name
    fits = _FITS.get(column.type, "False").format(name)
    if words_of(column) is not None:
        fits += f" and {name} in words_{name}"
    return f"if {name} is not None and not ({fits}): {name} = fit_{name}({name}, misfits)"


def _tell(columns: tuple[str, ...]) -> list[str]:
    """Put what may be known of the people into the row's variables; a template's own word wins where both have one."""
    by_default = [name for name in _BY_DEFAULT if name in columns]
    told = [f"known_{name}" if name in by_default else name for name in KNOWN]
    asked = ", ".join(name if name in columns else "None" for name in ASKED)
    direction = "if direction is None: direction = outbound" if "direction" in columns else "direction = outbound"
    return [
        f"{', '.join(told)} = people(has_message, {asked})",
        *(f"if {name} is None: {name} = known_{name}" for name in by_default),
        direction,
    ]


def _redact(column: Column) -> str | None:
    """The statement that redacts a column's variable, where its values can be personal."""
    name = column.name
    treatment = treatment_of(column)
    if column.type == MAP:
        value = f"tags_redacted({name}, identifiers, is_named=is_named) or None"
    elif treatment is None:
        return None
    elif treatment is LINK:  # looked at alone: it names somebody so often that no other string is to be suspected with it
        value = f"(None if names_somebody and identifiers.stand_in(({name},)) else remembered_links[{name}])"
        value += f" or string({name}, how_{name}, identifiers, is_named=names_somebody)"
    else:
        value = f"{treatment.operator}[{name}] or string({name}, how_{name}, identifiers, is_named=is_named)"
        if name in KNOWN_WORDS:
            value = f"{name} if {name} in known_{name} else {value}"
    return f"if {name} is not None: {name} = {value}"
