"""The views for Athena: they stand on the tables alone, ask Athena's clock, and are handed over one by one.

Nothing here runs Athena's SQL: the statements are read by sqlglot and by tests/lake/query/test_athena.py's rules, and the
stand-in for the service (moto) takes a statement and says that it succeeded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import expressions as exp
from typer.testing import CliRunner

from engagedb.errors import ConfigurationError, LakeError
from lake.athena import athena_client, run_statement
from lake.query.cli import app
from lake.query.relations import Relations
from lake.query.render import REFERENCES, Asked, Engine, render
from lake.query.views import Statement, statements
from tests.canonical_rows import NOW, SQL
from tests.lake.query.test_athena import breaches
from transforms import canonical

RELATIONS = Relations(SQL)
MADE = statements(RELATIONS, "views", "lake")


def test_every_relation_and_reference_becomes_a_view_after_their_database() -> None:
    assert MADE[0] == Statement("views", "CREATE DATABASE IF NOT EXISTS `views`")
    assert [statement.makes for statement in MADE[1:]] == [*REFERENCES, *RELATIONS]
    assert all(statement.sql.startswith(f'CREATE OR REPLACE VIEW "views"."{statement.makes}" AS\n') for statement in MADE[1:])


@pytest.mark.parametrize("statement", MADE[1:], ids=lambda statement: statement.makes)
def test_a_view_reads_the_lakes_tables_and_reference_views_only(statement: Statement) -> None:
    tree = sqlglot.parse_one(statement.sql, dialect="athena")
    assert isinstance(tree, exp.Create)
    query = tree.expression
    inside = {cte.alias for cte in query.find_all(exp.CTE)}
    read = {(table.db, table.name) for table in query.find_all(exp.Table)}
    assert read <= {("lake", table) for table in canonical.TABLES} | {("", name) for name in (*REFERENCES, *inside)}
    assert "_stored" not in statement.sql


@pytest.mark.parametrize("relation", RELATIONS.values(), ids=lambda relation: relation.name)
def test_now_is_the_engines_clock_and_no_frozen_moment(relation: Any) -> None:
    asked, frozen = (render(relation, Engine.ATHENA, Asked(now)) for now in (None, NOW))
    assert breaches(asked) == []
    assert "2026-02-01" not in asked
    assert asked.count("CURRENT_TIMESTAMP") == frozen.count("2026-02-01")
    if relation.core.name == "messages":
        assert "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS TIMESTAMP(6))" in asked


def test_a_dry_run_prints_each_statement_and_needs_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    told = CliRunner().invoke(app, ["aws", "deploy-views", "--dry-run", "--database", "views", "--tables", "lake"])
    assert told.exit_code == 0
    assert told.stdout == "\n\n".join(f"{statement.sql};" for statement in MADE) + "\n"
    listed = json.loads(CliRunner().invoke(app, ["aws", "deploy-views", "--dry-run", "--json"]).stdout)
    assert [one["makes"] for one in listed] == ["engagedb_views", *REFERENCES, *RELATIONS]


def test_nothing_is_replaced_without_yes_nor_beside_the_tables() -> None:
    for words, sentence in ((["--yes", "--database", "engagedb"], "cannot stand in engagedb"), ([], "Add --yes")):
        refused = CliRunner().invoke(app, ["aws", "deploy-views", *words])
        assert isinstance(refused.exception, ConfigurationError)
        assert sentence in str(refused.exception)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    moto = pytest.importorskip("moto")
    for name, value in {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with moto.mock_aws():
        yield


def test_a_stand_in_for_athena_gets_every_statement_in_order(stand_in: None) -> None:
    words = ["aws", "deploy-views", "--yes", "--database", "views", "--tables", "lake", "--output-location", "s3://results/"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.exception
    assert told.stdout == f"{len(MADE) - 1} views stand in views.\n"
    client = athena_client()
    pages = client.get_paginator("list_query_executions").paginate()
    taken = [client.get_query_execution(QueryExecutionId=one)["QueryExecution"] for page in pages for one in page["QueryExecutionIds"]]
    assert {one["Query"] for one in taken} == {statement.sql for statement in MADE}
    assert {one["QueryExecutionContext"].get("Database") for one in taken if "VIEW" in one["Query"]} == {"views"}


class Answering:
    """A stand-in for the client that answers with these states, one a look."""

    def __init__(self, *states: dict[str, str]) -> None:
        self.states = list(states)

    def start_query_execution(self, **_: object) -> dict[str, str]:
        return {"QueryExecutionId": "q"}

    def get_query_execution(self, **_: object) -> dict[str, Any]:
        return {"QueryExecution": {"Status": self.states.pop(0)}}


def test_a_statement_is_waited_for_and_its_failure_told() -> None:
    pytest.importorskip("botocore")
    waited: list[float] = []
    run_statement(Answering({"State": "QUEUED"}, {"State": "RUNNING"}, {"State": "SUCCEEDED"}), "x", "d", "w", None, waited.append)
    assert len(waited) == 2
    failing = Answering({"State": "FAILED", "StateChangeReason": "SYNTAX_ERROR: line 1"})
    with pytest.raises(LakeError, match="SYNTAX_ERROR: line 1"):
        run_statement(failing, "x", "d", "w", None, waited.append)
