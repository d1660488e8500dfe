"""One text, two engines: DuckDB's is run elsewhere, Athena's is parsed here."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
import sqlglot
from sqlglot import expressions as exp

from engagedb.errors import ConfigurationError
from lake.query.checks import read_checks
from lake.query.relations import Relation, Relations
from lake.query.render import REFERENCES, Asked, Engine, literal, render, render_reference
from tests.canonical_rows import NOW, SQL, session_of

RELATIONS = Relations(SQL)
every_relation = pytest.mark.parametrize("relation", RELATIONS.values(), ids=list(RELATIONS))
# What DuckDB knows and Athena (engine version 3) does not, in any spelling.
DUCKDB_ONLY = re.compile(
    r"TIMESTAMPTZ|QUANTILE_CONT|COUNT_IF|EXCLUDE|GROUP BY ALL|::|\bQUALIFY\b|LIST\(|EPOCH|ARG_MAX|READ_PARQUET", re.IGNORECASE
)


@every_relation
def test_athena_text_parses_and_gives_the_columns_of_the_metadata(relation: Relation) -> None:
    text = render(relation, Engine.ATHENA, Asked(NOW, *((date(2026, 1, 1), date(2026, 1, 31)) if relation.time else ())))
    (statement,) = sqlglot.parse(text, dialect="athena")
    assert isinstance(statement, exp.Select)
    assert [column.alias_or_name for column in statement.selects] == [column.name for column in relation.columns]
    assert not DUCKDB_ONLY.search(text)


@every_relation
def test_athena_checks_parse(relation: Relation) -> None:
    for check in read_checks(relation, Engine.ATHENA):
        assert sqlglot.parse_one(check.query, dialect="athena")


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_tables_are_the_same_text_on_both_engines(name: str) -> None:
    text = render_reference(SQL, name)
    assert sqlglot.parse_one(text, dialect="athena")
    assert sqlglot.parse_one(text, dialect="duckdb")


def test_both_engines_define_the_same_macros() -> None:
    names = {
        engine: re.findall(r"{% macro (\w+\([^)]*\))", (SQL / "macros" / f"{engine}.sql").read_text(encoding="utf-8")) for engine in Engine
    }
    assert names[Engine.DUCKDB] == names[Engine.ATHENA]


def test_a_window_holds_both_of_its_days_in_utc() -> None:
    text = render(RELATIONS["messages"], Engine.DUCKDB, Asked(NOW, date(2026, 1, 5), date(2026, 1, 6)))
    assert "message_time >= TIMESTAMPTZ '2026-01-05 00:00:00+00'" in text
    assert "message_time < TIMESTAMPTZ '2026-01-07 00:00:00+00'" in text


def test_now_is_an_instant_in_utc() -> None:
    text = render(RELATIONS["freshness_v1"], Engine.ATHENA, Asked(datetime.fromisoformat("2026-01-01T01:30:00+02:00")))
    assert "TIMESTAMP '2025-12-31 23:30:00.000000'" in text


def test_a_filter_value_cannot_leave_its_quotes(tmp_path: object) -> None:
    text = render(RELATIONS["delivery_v1"], Engine.DUCKDB, Asked(NOW, filters={"tenant": ("o'hara') OR TRUE --", "b")}))
    assert "tenant_id IN ('o''hara'') OR TRUE --', 'b')" in text
    assert literal("';--") == "''';--'"


def test_a_template_in_a_filter_value_stays_text() -> None:
    text = render(RELATIONS["delivery_v1"], Engine.DUCKDB, Asked(NOW, filters={"tenant": ("{{ now }}",)}))
    assert "'{{ now }}'" in text


@pytest.mark.parametrize(
    ("name", "asked", "sentence"),
    [
        ("freshness_v1", Asked(NOW, by=("channel",)), "freshness_v1 cannot be grouped by channel"),
        ("delivery_v1", Asked(NOW, by=("body",)), "delivery_v1 cannot be grouped by body. It takes day, hour, channel"),
        ("dead_letters", Asked(NOW, filters={"channel": ("sms",)}), "dead_letters cannot be filtered by --channel. It takes no filter"),
        (
            "notices",
            Asked(NOW, filters={"use_case": ("otp",)}),
            "cannot be filtered by --use-case. It takes --channel, --account, --region",
        ),
        ("delivery_v1", Asked(NOW, date(2026, 1, 6), date(2026, 1, 5)), "ends .2026-01-05. before it begins"),
        ("delivery_v1", Asked(NOW, until=date.max), "ends after the calendar"),
    ],
)
def test_what_a_relation_cannot_be_asked_is_told(name: str, asked: Asked, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        render(RELATIONS[name], Engine.DUCKDB, asked)


@pytest.mark.parametrize("name", [relation.name for relation in RELATIONS.values() if relation.dimensions])
def test_a_mart_groups_by_each_of_its_dimensions(name: str, tmp_path: object) -> None:
    session = session_of(tmp_path, [{"message_id": "m", "stage": "sent", "event_time": datetime(2026, 1, 5, tzinfo=UTC)}])  # type: ignore[arg-type]
    for dimension in RELATIONS[name].dimensions:
        assert session.mart(name, by=[dimension.name]).columns[0] == dimension.name
