"""The relations that readers see: one folder each under `sql/`, with the query, its meaning and its checks.

A core relation repeats a stored table and may add columns, or sums one up; a mart answers one question from one core
relation. A name resolves with or without its version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import yaml

from engagedb.errors import ConfigurationError
from lake.query.guard import unknown_relation
from transforms import canonical
from transforms.yaml_loader import LOADER

# What a caller can filter by, and the column that holds it.
FILTERS: Final = {
    "channel": "channel",
    "country": "recipient_country",
    "account": "account_id",
    "region": "region",
    "tenant": "tenant_id",
    "use_case": "use_case",
}
TYPES: Final = {
    canonical.STRING: "string",
    canonical.BOOL: "boolean",
    canonical.INT: "integer",
    canonical.DOUBLE: "number",
    canonical.TIMESTAMP: "timestamp",
    canonical.DATE: "date",
    canonical.MONEY: "money",
    canonical.MAP: "map",
    canonical.DATES: "list of dates",
}


class Kind(StrEnum):
    CORE = "core"
    MART = "mart"
    COMPATIBILITY = "compatibility"  # a table of the AWS sample, under its own name


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    name: str
    type: str
    description: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """`columns` are the output in order. A mart with `dimensions` groups by those the caller names, else by `by`.

    It reads `around_days` more on both sides of the window that the caller asks for, and `days_before` more before it.
    """

    name: str
    kind: Kind
    grain: str
    question: str
    reads: str
    folder: Path
    columns: tuple[ColumnMeaning, ...]
    time: str | None = None
    by: tuple[str, ...] = ()
    dimensions: tuple[ColumnMeaning, ...] = ()
    filters: tuple[str, ...] = ()
    denominators: Mapping[str, str] | None = None
    stored: canonical.Table | None = None
    without: tuple[str, ...] = ()
    around_days: int = 0
    days_before: int = 0

    @property
    def reach(self) -> tuple[timedelta, timedelta]:
        """How much more than the window it reads, before and after it."""
        return timedelta(self.around_days + self.days_before), timedelta(self.around_days)

    @property
    def identifier(self) -> str:
        """The name as SQL text."""
        return self.name if self.name.isidentifier() else f'"{self.name}"'

    @property
    def base(self) -> Relation | None:
        """The relation that this one reads; None when it reads a stored table."""
        return None if self.stored else _read(self.folder.parent / self.reads)

    @property
    def core(self) -> Relation:
        """The relation below all that this one reads, which repeats a stored table; itself when it does."""
        return self if self.base is None else self.base.core

    @property
    def query(self) -> str:
        return (self.folder / "query.sql").read_text(encoding="utf-8")

    @property
    def stored_names(self) -> tuple[str, ...]:
        """Columns that come from the stored table as they are."""
        return tuple(name for name in self.stored.names if name not in self.without) if self.stored else ()


class Relations(Mapping[str, Relation]):
    """All relations of a folder by name: the core ones first, then the marts, then those of the AWS sample."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            raise ConfigurationError(f"The folder of relations {folder} is missing. Correct ENGAGEDB_SQL.")
        found = [_read(place.parent) for place in sorted(folder.glob("*/metadata.yaml"))]
        self._relations = {relation.name: relation for relation in sorted(found, key=lambda r: (list(Kind).index(r.kind), r.name))}

    def __getitem__(self, name: str) -> Relation:
        return self._relations[name]

    def __iter__(self) -> Any:
        return iter(self._relations)

    def __len__(self) -> int:
        return len(self._relations)

    def resolve(self, name: str) -> Relation:
        """The relation of that name; without a version, the newest one. Raises ConfigurationError naming the nearest."""
        wanted = name.strip().lower()
        if wanted in self._relations:
            return self._relations[wanted]
        versions = {int(match[1]): known for known in self if (match := re.fullmatch(re.escape(wanted) + r"_v(\d+)", known))}
        if not versions:
            raise unknown_relation(name, self._relations)
        return self._relations[versions[max(versions)]]


def _read(folder: Path) -> Relation:
    place = folder / "metadata.yaml"
    try:
        stated = _stated(place.read_text(encoding="utf-8"))
        stored = canonical.TABLES[stated["stored"]] if "stored" in stated else None
        without = tuple(stated.get("without", ()))
        by = tuple(stated.get("by", ()))
        dimensions = tuple(_dimension(stated_one) for stated_one in stated.get("dimensions", ()))
        grouped = tuple(d for name in by for d in dimensions if d.name == name)
        kept = tuple(_meaning(column) for column in stored.columns if column.name not in without) if stored else ()
        added = tuple(_stated_column(folder, name, words) for name, words in (stated.get("columns") or {}).items())
        return Relation(
            name=folder.name,
            kind=Kind(stated["kind"]),
            grain=stated["grain"],
            question=stated["question"],
            reads=stated["reads"],
            folder=folder,
            columns=grouped + kept + added,
            time=stated.get("time"),
            by=by,
            dimensions=dimensions,
            filters=tuple(stated.get("filters", ())),
            denominators=stated.get("denominators"),
            stored=stored,
            without=without,
            around_days=stated.get("around_days", 0),
            days_before=stated.get("days_before", 0),
        )
    except (KeyError, OSError, TypeError, ValueError, yaml.YAMLError) as error:
        what = str(error).splitlines()[0]
        raise ConfigurationError(f"{place} is not usable: {what}. Compare it with the metadata.yaml of another relation.") from None


@lru_cache(maxsize=256)
def _stated(text: str) -> Any:
    """What a metadata.yaml says; nobody may change it."""
    return yaml.load(text, LOADER)


def _stated_column(folder: Path, name: str, words: Mapping[str, str]) -> ColumnMeaning:
    """The column as metadata.yaml states it, in words of its own or as the relation that it names (`as`) does."""
    if set(words) == {"as"}:
        other = _stated((folder.parent / words["as"] / "metadata.yaml").read_text(encoding="utf-8"))
        return _stated_column(folder, name, other["columns"][name])
    return ColumnMeaning(name, **words)


def _meaning(column: canonical.Column) -> ColumnMeaning:
    return ColumnMeaning(column.name, TYPES[column.type], column.description, column.unit)


def _dimension(name: str | Mapping[str, Mapping[str, str]]) -> ColumnMeaning:
    """What a mart can group by: the day or hour of its time column, a column of messages, or one that it describes itself."""
    if not isinstance(name, str):
        ((own, words),) = name.items()
        return ColumnMeaning(own, **words)
    if name == "day":
        return ColumnMeaning("day", "date", "Day of the message", "UTC")
    if name == "hour":
        return ColumnMeaning("hour", "timestamp", "Start of the hour of the message", "UTC")
    return _meaning(canonical.MESSAGES.column(name))


def type_word(type_: pa.DataType) -> str:
    """The word of metadata.yaml for an Arrow type that a query gives."""
    if pa.types.is_timestamp(type_):
        return "timestamp"
    if pa.types.is_decimal(type_):
        return "money"
    if pa.types.is_integer(type_):
        return "integer"
    if pa.types.is_list(type_):
        return TYPES[canonical.DATES] if pa.types.is_date(type_.value_type) else "list of strings"
    return TYPES.get(type_, str(type_))
