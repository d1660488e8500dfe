"""Renders a relation's one text for an engine, a window and filters.

What the engines spell differently stands in `sql/macros/<engine>.sql`; everything else is the same text on both.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from textwrap import indent
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined, Template, TemplateError

from engagedb.errors import ConfigurationError
from lake.query.relations import FILTERS, Relation

REFERENCES: Final = (
    "ait_allow_list",
    "ait_thresholds",
    "countries",
    "originator_types",
    "rate_card",
    "receipt_trust",
    "status_descriptions",
    "time_zones",
)
DAY: Final = timedelta(days=1)
NOW: Final = "now"  # what the macro instant() takes for the engine's own clock


class Engine(StrEnum):
    DUCKDB = "duckdb"
    ATHENA = "athena"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks of a relation: `now` (UTC-aware; None is the engine's own clock), the days from `since` to `until`, both included,
    groups instead of the mart's own (no group at all is one row for everything), and values per filter."""

    now: datetime | None
    since: date | None = None
    until: date | None = None
    by: tuple[str, ...] | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def render(relation: Relation, engine: Engine, asked: Asked) -> str:
    """The SQL text of the relation. Raises ConfigurationError when it cannot be asked that.

    For Athena it holds the relation that it reads: a predicate on a view's converted times would not reach the partitions.
    """
    _check(relation, asked)
    text = _query(relation, engine, asked)
    if engine is Engine.ATHENA and relation.base is not None:
        before, after = relation.reach
        inner = Asked(asked.now, asked.since and asked.since - before, asked.until and asked.until + after)
        base = indent(render(relation.base, engine, inner), " " * 4)
        note = f"-- what {relation.reads} holds, as readers see it"
        text = f"WITH {relation.reads} AS (\n    {note}\n{base}\n),\n\n{text.removeprefix('WITH ')}"
    return text


def _query(relation: Relation, engine: Engine, asked: Asked) -> str:
    by = relation.by if asked.by is None else asked.by
    before, after = relation.reach
    return (
        _template(relation.folder.parent, engine, relation.query, str(relation.folder / "query.sql"))
        .render(
            _names(relation)
            | {
                "now": NOW if asked.now is None else _instant(asked.now),
                "since": None if asked.since is None else _instant(asked.since),
                "until": None if asked.until is None else _instant(asked.until + DAY),
                "since_around": None if asked.since is None else _instant(asked.since - before),
                "until_around": None if asked.until is None else _instant(asked.until + DAY + after),
                "by": by,
                "filters": [(FILTERS[name], values) for name, values in sorted(asked.filters.items()) if values],
            }
        )
        .strip()
    )


def render_checks(relation: Relation, engine: Engine) -> str:
    """The text of the relation's checks.sql; lake/query/checks.py tells its checks apart."""
    place = relation.folder / "checks.sql"
    return _template(relation.folder.parent, engine, place.read_text(encoding="utf-8"), str(place)).render(_names(relation))


def render_reference(folder: Path, name: str) -> str:
    """A reference table as one SELECT over its literal rows, the same on every engine; empty cells are NULL."""
    place = folder / "reference" / f"{name}.csv"
    with place.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if not rows:
        return f"SELECT {', '.join(f'CAST(NULL AS VARCHAR) AS {name}' for name in header)}\nWHERE FALSE"
    cells = ",\n    ".join("(" + ", ".join(literal(cell) if cell else "CAST(NULL AS VARCHAR)" for cell in row) + ")" for row in rows)
    return f"SELECT {', '.join(header)}\nFROM (VALUES\n    {cells}\n) AS listed ({', '.join(header)})"


def literal(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _check(relation: Relation, asked: Asked) -> None:
    if (asked.since or asked.until) and relation.time is None:
        raise ConfigurationError(f"{relation.name} has no time of its own. Leave out --from and --to.")
    if asked.until == date.max:
        raise ConfigurationError("The window ends after the calendar. Leave out --to.")
    if asked.since and asked.until and asked.until < asked.since:
        raise ConfigurationError(f"The window ends ({asked.until}) before it begins ({asked.since}). Swap --from and --to.")
    for name, values in asked.filters.items():
        if values and name not in relation.filters:
            known = ", ".join(f"--{known.replace('_', '-')}" for known in relation.filters) or "no filter"
            raise ConfigurationError(f"{relation.name} cannot be filtered by --{name.replace('_', '-')}. It takes {known}.")
    for name in asked.by or ():
        if name not in {dimension.name for dimension in relation.dimensions}:
            known = ", ".join(dimension.name for dimension in relation.dimensions) or "nothing but its own grain"
            raise ConfigurationError(f"{relation.name} cannot be grouped by {name}. It takes {known}.")


def _names(relation: Relation) -> dict[str, object]:
    return {
        "relation": relation.identifier,
        "time": relation.time,
        "columns": relation.stored_names,
        "times": {column.name for column in relation.columns if column.type == "timestamp"},
    }


def _instant(moment: datetime | date) -> str:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return f"{moment.isoformat()} 00:00:00"


@lru_cache(maxsize=256)
def _template(folder: Path, engine: Engine, text: str, place: str) -> Template:
    try:
        macros = _macros(folder, engine)
        used = _used(text, macros)
        loader = DictLoader({"macros": "".join(macros[name] for name in used)})
        environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
        environment.filters["literal"] = literal
        imports = f"{{% from 'macros' import {', '.join(used)} with context %}}" if used else ""
        return environment.from_string(imports + text)
    except TemplateError as error:
        raise ConfigurationError(f"{place} cannot be rendered: {error}.") from None


@lru_cache(maxsize=8)
def _macros(folder: Path, engine: Engine) -> dict[str, str]:
    """The text of each macro of an engine, and of those that are the same on all."""
    shared = sorted(place.stem for place in (folder / "macros").glob("*.sql") if place.stem not in set(Engine))
    texts = "".join((folder / "macros" / f"{name}.sql").read_text(encoding="utf-8") for name in (engine, *shared))
    return {match[1]: match[0] for match in re.finditer(r"{% macro (\w+).*?endmacro %}\n?", texts, re.DOTALL)}


def _used(text: str, macros: Mapping[str, str]) -> list[str]:
    """The macros that the text calls, itself or through others: to compile all of them takes longer than to open a lake."""
    used: list[str] = []
    called = [text]
    while called:
        named = set(re.findall(r"\w+", called.pop())) & macros.keys()
        fresh = sorted(named.difference(used))
        used += fresh
        called += [macros[name] for name in fresh]
    return used
