"""Checks find the rows that break a rule, and only those."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engagedb.errors import ConfigurationError
from lake.query.checks import Severity, read_checks, run_checks
from lake.query.relations import Relations
from tests.canonical_rows import SQL, session_of

EVENT = {"message_id": "m1", "stage": "delivered", "event_time": datetime(2026, 1, 5, 10, tzinfo=UTC), "event_id": "e1"}


@pytest.mark.parametrize("name", list(Relations(SQL)))
def test_every_relation_is_checked_and_a_good_lake_fails_none(name: str, tmp_path: Path) -> None:
    session = session_of(tmp_path, [EVENT, EVENT | {"event_id": "e2", "message_id": "m2", "recipient_country": "US"}])
    results = list(run_checks(session, session.relations[name]))
    assert results
    assert not [result.check.rule for result in results if not result.is_passed and result.check.severity is Severity.FAIL]


def test_a_broken_rule_is_told_with_its_rows(tmp_path: Path) -> None:
    session = session_of(tmp_path, [EVENT, EVENT | {"message_id": "m2", "stage": "arrived"}])
    broken = {result.check.rule: result.broken_count for result in run_checks(session, session.relations["events"]) if not result.is_passed}
    assert broken == {"event_id names one event.": 1, "direction and stage are words of the vocabulary.": 1}


def test_an_unknown_country_warns_and_does_not_fail(tmp_path: Path) -> None:
    session = session_of(tmp_path, [EVENT | {"recipient_country": "ZZ"}])
    broken = [result.check.severity for result in run_checks(session, session.relations["delivery_by_country_v1"]) if not result.is_passed]
    assert broken == [Severity.WARN]


def test_a_query_without_its_rule_is_refused(tmp_path: Path) -> None:
    (tmp_path / "macros").mkdir()
    for macros in ("duckdb", "portable"):
        (tmp_path / "macros" / f"{macros}.sql").touch()
    (tmp_path / "volume_v1").mkdir()
    (tmp_path / "volume_v1" / "metadata.yaml").write_text("{kind: mart, grain: one row per day, question: 'How many?', reads: events}")
    (tmp_path / "volume_v1" / "checks.sql").write_text("SELECT 1;")
    with pytest.raises(ConfigurationError, match=r"volume_v1/checks\.sql: each check begins with a line"):
        read_checks(Relations(tmp_path)["volume_v1"])
