"""A window of days opens the files of these days and no others, and rows of other days never leave the scan."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagedb.settings import Settings
from lake.fold_events import fold_events
from lake.query.relations import Relation, Relations
from lake.query.session import Question, Session
from lake.snapshot import PublishedFile
from tests.canonical_rows import NOW, SQL, canonical_table, commit_rows, events_table
from transforms import canonical

RELATIONS = Relations(SQL)
DAYS = [date(2026, 1, day) for day in range(1, 10)]
ASKED = date(2026, 1, 5)
# Something for every relation to find, else the engine drops the scan and shows none.
ONE_DAY = [
    {
        "message_id": "s",
        "recipient_id": "ph_a_x",
        "recipient_country": "LK",
        "number_range": "+9471000",
        "stage": "delivered",
        "protect_configuration_id": "protect-1",
        "feedback_expected": True,
    },
    {"message_id": "e", "recipient_id": "em_a_x", "channel": "email", "stage": "delivered"},
    {"message_id": "p", "recipient_id": "ph_a_x", "channel": "mms", "stage": "delivered"},
    {"message_id": "v", "recipient_id": "ph_a_x", "channel": "voice", "stage": "delivered"},
    {"message_id": "w", "recipient_id": "ph_a_x", "channel": "whatsapp", "stage": "read", "event_type": "read", "conversation_id": "c"},
    {
        "message_id": "i",
        "recipient_id": "ph_a_x",
        "direction": "inbound",
        "stage": "received",
        "originator": "+1",
        "source": "conversation",
    },
]
by_day = pytest.mark.parametrize("relation", [r for r in RELATIONS.values() if r.time == r.core.stored.partition_by], ids=lambda r: r.name)  # type: ignore[union-attr]


class DayFiles:
    """A file of events, messages and notices per day, as a lake has them."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, list[PublishedFile]] = {}
        for day in DAYS:
            at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
            events = events_table(
                row | {"event_id": f"{day}-{n}", "message_key": f"{day}-{n}", "event_time": at} for n, row in enumerate(ONE_DAY)
            )
            notice = {
                "notice_id": f"n{day}",
                "notice_time": at,
                "ingested_at": at,
                "notice_type": "x",
                "resource_type": "registration",
                "source": "x",
            }
            tables = {"events": events, "messages": fold_events(events), "notices": canonical_table(canonical.NOTICES, [notice])}
            for name, table in tables.items():
                path = str(folder / f"{name}-{day}.parquet")
                pq.write_table(table, path)
                self._files.setdefault(name, []).append(PublishedFile(path, day, os.path.getsize(path)))

    def listed(self, table: str) -> list[PublishedFile]:
        return self._files.get(table, [])


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node.get("extra_info", {}).get("Function") == "READ_PARQUET":
        yield node
    for child in node["children"]:
        yield from scans(child)


def analyzed(question: Question, text: str) -> list[dict[str, Any]]:
    answer = question.connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {text}").fetchall()
    return list(scans(json.loads(answer[0][1])))


@by_day
def test_a_window_opens_the_files_of_its_days(relation: Relation, tmp_path: Path) -> None:
    question = Session(DayFiles(tmp_path), RELATIONS, NOW).mart_question(relation.name, since=ASKED, until=ASKED)
    before, after = relation.reach
    wanted = {day for day in DAYS if ASKED - before <= day <= ASKED + after}
    found = analyzed(question, question.text)
    assert found
    assert sum(scan["operator_cardinality"] for scan in found) <= len(found) * len(ONE_DAY) * len(wanted)
    for day in DAYS:
        if day not in wanted:
            (tmp_path / f"{relation.core.reads}-{day}.parquet").write_bytes(b"nobody may open this")
    again = Session(DayFilesOf(question), RELATIONS, NOW)
    assert again.mart(relation.name, since=ASKED, until=ASKED).to_arrow_table().num_rows >= 1


class DayFilesOf:
    """All files of the lake, of which only those that a question may open are whole."""

    def __init__(self, question: Question) -> None:
        ((self._table, opened),) = question.files.items()
        folder = Path(opened[0].path).parent
        self._files = [PublishedFile(str(folder / f"{self._table}-{day}.parquet"), day, 1) for day in DAYS]

    def listed(self, table: str) -> list[PublishedFile]:
        return self._files if table == self._table else []


@by_day
def test_a_window_in_sql_is_a_filter_of_the_scan(relation: Relation, tmp_path: Path) -> None:
    """All files are known to a query in SQL; their own statistics tell which of them hold nothing for it."""
    session = Session(DayFiles(tmp_path), RELATIONS, NOW)
    windowed = session.mart_question(relation.name, since=ASKED, until=ASKED)
    question = session.question(f"SELECT * FROM {relation.core.identifier}")
    found = analyzed(question, windowed.text)
    assert found
    for scan in found:
        filters = str(scan["extra_info"]["Filters"])
        assert f"{relation.time}>=" in filters
        assert f"{relation.time}<" in filters
        assert scan["operator_cardinality"] <= len(ONE_DAY) * (1 + sum(reach.days for reach in relation.reach))


def test_what_is_read_is_told_for_a_mart_and_for_sql(tmp_path: Path) -> None:
    session = Session(DayFiles(tmp_path), RELATIONS, NOW)
    (read,) = session.reads(session.mart_question("delivery", since=ASKED, by=["channel"]))
    assert (read.table, len(read.files), read.of_files, read.days) == ("messages", 5, 9, (ASKED, DAYS[-1]))
    text = "SELECT channel FROM events WHERE event_time >= '2026-01-02' AND event_time < '2026-01-04'"
    (read,) = session.reads(session.question(text))
    assert (read.table, read.columns, read.days) == ("events", ("channel", "event_time"), (DAYS[1], DAYS[2]))
    both = session.reads(session.question("SELECT e.event_id, m.message_key FROM events AS e JOIN messages AS m USING (message_key)"))
    assert [(read.table, len(read.files)) for read in both] == [("events", 9), ("messages", 9)]
    assert session.reads(session.question("SELECT 1 AS x")) == []


def test_scanned_bytes_are_those_of_the_columns(tmp_path: Path) -> None:
    session = Session(DayFiles(tmp_path), RELATIONS, NOW)

    def scanned(query: str) -> int:
        return session.scanned_bytes(session.reads(session.question(query)))

    def stored(column: str) -> int:
        groups = [pq.read_metadata(place).row_group(0) for place in tmp_path.glob("events-*.parquet")]
        chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
        return sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema == column)

    assert scanned("SELECT channel FROM events") == stored("channel")
    assert scanned("SELECT channel, stage FROM events") == stored("channel") + stored("stage")
    assert scanned("SELECT count(*) AS n FROM events") == 0


def test_late_events_and_rows_without_values_are_found_by_their_windows(tmp_path: Path) -> None:
    """A message is kept under its first day; a late event moves it there, and its other days do not find it any more."""
    settings = Settings(lake=str(tmp_path / "lake"))
    at = datetime(2026, 1, 5, 10, tzinfo=UTC)
    commit_rows(settings, [{"event_id": "e1", "message_id": "m", "stage": "delivered", "event_time": at}])

    def messages(day: date) -> int:
        answer = Session.open(settings, NOW).mart("delivery", since=day, until=day, by=[])
        return int(answer.to_arrow_table()["messages"][0].as_py())

    assert (messages(date(2026, 1, 4)), messages(date(2026, 1, 5))) == (0, 1)
    commit_rows(settings, [{"event_id": "e0", "message_id": "m", "stage": "sent", "event_time": at - timedelta(days=1)}])
    assert (messages(date(2026, 1, 4)), messages(date(2026, 1, 5)), messages(date(2026, 1, 6))) == (1, 0, 0)


@pytest.mark.parametrize("window", [{}, {"since": ASKED}, {"until": ASKED}, {"since": DAYS[-1], "until": date(2027, 1, 1)}])
def test_a_windowed_mart_answers_what_its_text_answers_over_all_files(
    window: dict[str, date], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    session = Session(DayFiles(tmp_path), RELATIONS, NOW)
    for relation in RELATIONS.values():
        if relation.time:
            question = session.mart_question(relation.name, **window)
            everything = session.question(f"SELECT * FROM {(relation.base or relation).identifier}").connection
            assert session.answer(question).to_arrow_table() == _answered(everything, question.text)


def _answered(connection: Any, text: str) -> pa.Table:
    return connection.sql(text).to_arrow_table()
