"""A relation explained: what `engagedb marts describe` shows."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lake.query.relations import ColumnMeaning, Relation


def as_mapping(relation: Relation) -> dict[str, Any]:
    """The meaning of a relation for programs."""
    return {
        "name": relation.name,
        "kind": relation.kind,
        "grain": relation.grain,
        "question": relation.question,
        "reads": relation.reads,
        "time": relation.time,
        "by": list(relation.by),
        "dimensions": [dimension.name for dimension in relation.dimensions],
        "filters": list(relation.filters),
        "denominators": dict(relation.denominators or {}),
        "columns": [_column(column) for column in relation.columns],
    }


def print_description(relation: Relation) -> None:
    """The meaning of a relation for people, on stdout."""
    console = Console(highlight=False)
    facts = {
        "question": relation.question,
        "grain": relation.grain,
        "window on": relation.time,
        "group by": ", ".join(dimension.name for dimension in relation.dimensions),
        "filters": ", ".join(f"--{name.replace('_', '-')}" for name in relation.filters),
    }
    console.print(Text(relation.name, style="bold"))
    for label, fact in facts.items():
        if fact:
            console.print(Text(f"  {label:<10} {fact}"))
    for name, denominator in (relation.denominators or {}).items():
        console.print(Text(f"  {name} divides by {denominator}"))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", pad_edge=False)
    for label in ("column", "type", "unit", "description"):
        table.add_column(label, overflow="fold")
    for column in relation.columns:
        table.add_row(column.name, column.type, column.unit or "", Text(column.description))
    console.print(table)


def _column(column: ColumnMeaning) -> dict[str, str | None]:
    return {"name": column.name, "type": column.type, "unit": column.unit, "description": column.description}
