"""The relations as views of Athena: statements that make them, over the lake's tables in a Glue database.

A view holds all that it reads down to the tables, because a predicate on another view's converted times would not reach
the partitions; `now` is Athena's own clock. The views stand in a database of their own: two of them are called as tables are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lake.query.relations import Relations
from lake.query.render import REFERENCES, Asked, Engine, render, render_reference

_STORED: Final = re.compile(r"\b(\w+)_stored\b")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement for Athena; `makes` is the view's name, or the database's for the first one."""

    makes: str
    sql: str


def statements(relations: Relations, database: str, tables: str) -> list[Statement]:
    """What makes the database and every view in it, in an order in which each finds what it reads; `tables` is the lake's database."""
    made = [Statement(database, f"CREATE DATABASE IF NOT EXISTS `{database}`")]
    views = {name: render_reference(relations.folder, name) for name in REFERENCES}
    views |= {relation.name: render(relation, Engine.ATHENA, Asked(now=None)) for relation in relations.values()}
    for name, text in views.items():
        over_tables = _STORED.sub(rf'"{tables}"."\1"', text)
        made.append(Statement(name, f'CREATE OR REPLACE VIEW "{database}"."{name}" AS\n{over_tables}'))
    return made
