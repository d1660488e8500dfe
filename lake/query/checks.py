"""Checks of a relation: each is a query whose rows break a rule. `fail` stops, `warn` tells.

In `checks.sql` a line `-- fail: sentence.` or `-- warn: sentence.` states the rule, and the SELECT below it, ended by a
semicolon, finds the rows that break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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


def run_checks(session: Session, relation: Relation) -> Iterator[CheckResult]:
    """What each check of the relation finds in the session's lake."""
    for check in read_checks(relation):
        rows = session.ask(f"SELECT COUNT(*) AS broken_count FROM ({check.query}) AS broken", [])
        yield CheckResult(check, int(str(rows[0]["broken_count"])))
