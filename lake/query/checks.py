"""Checks of a relation: each is a query whose rows break a rule. `fail` stops, `warn` tells.

In `checks.sql` a line `-- fail: sentence.` or `-- warn: sentence.` states the rule, and the SELECT below it, ended by a
semicolon, finds the rows that break it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from engagedb.errors import ConfigurationError
from lake.query.relations import Relation
from lake.query.render import Engine, render_checks
from lake.query.session import Session


class Severity(StrEnum):
    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Check:
    relation: str
    severity: Severity
    rule: str
    query: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    check: Check
    broken_count: int

    @property
    def is_passed(self) -> bool:
        return self.broken_count == 0


def read_checks(relation: Relation, engine: Engine = Engine.DUCKDB) -> list[Check]:
    """The checks of a relation's checks.sql, in order. Raises ConfigurationError for a query without its rule."""
    checks = []
    for part in render_checks(relation, engine).split(";"):
        text = part.strip()
        if not text:
            continue
        stated = re.match(r"-- (fail|warn): (.+)\n", text)
        if stated is None:
            place = relation.folder / "checks.sql"
            raise ConfigurationError(f"{place}: each check begins with a line '-- fail: <rule>' or '-- warn: <rule>', and one does not.")
        checks.append(Check(relation.name, Severity(stated[1]), stated[2], text[stated.end() :].strip()))
    return checks


def run_checks(session: Session, relation: Relation) -> list[CheckResult]:
    """What each check of the relation finds in the session's lake; a relation that is computed is computed once for all of them."""
    checks = read_checks(relation)
    if not checks:
        return []
    name = relation.identifier
    once = "" if relation.base is None else f"WITH {name} AS MATERIALIZED (SELECT * FROM main.{name})\n"
    counts = ", ".join(f"(SELECT COUNT(*) FROM ({check.query}) AS broken) AS broken_{at}" for at, check in enumerate(checks))
    (row,) = session.ask(f"{once}SELECT {counts}", [])
    return [CheckResult(check, int(str(row[f"broken_{at}"]))) for at, check in enumerate(checks)]
