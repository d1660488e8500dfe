"""A window is looked for in the files' own statistics: rows of other days never leave the scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lake.fold import fold_events
from lake.query.engine import connect
from lake.query.relations import Relations
from lake.query.render import Asked, Engine, render
from tests.canonical_rows import NOW, SQL, canonical_table, events_table
from transforms import canonical

RELATIONS = Relations(SQL)
# Something for every relation to find, else the engine drops the scan and shows none.
ONE_DAY = [
    {"message_id": "s", "recipient_id": "ph_a_x", "stage": "delivered", "protect_configuration_id": "protect-1", "feedback_expected": True},
    {"message_id": "e", "recipient_id": "em_a_x", "channel": "email", "stage": "delivered"},
    {"message_id": "w", "recipient_id": "ph_a_x", "channel": "whatsapp", "stage": "read"},
    {"message_id": "i", "recipient_id": "ph_a_x", "direction": "inbound", "stage": "received", "originator": "+1"},
]


class DayFiles:
    """A file of events, messages and notices per day, as a lake has them."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, list[str]] = {}
        for day in range(1, 10):
            at = datetime(2026, 1, day, 10, tzinfo=UTC)
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
                pq.write_table(table, folder / f"{name}-{day}.parquet")
                self._files.setdefault(name, []).append(str(folder / f"{name}-{day}.parquet"))

    def files(self, table: str) -> list[str]:
        return self._files.get(table, [])


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node.get("extra_info", {}).get("Function") == "READ_PARQUET":
        yield node
    for child in node["children"]:
        yield from scans(child)


@pytest.mark.parametrize("name", [r.name for r in RELATIONS.values() if r.time and r.reads in ("events", "messages", "notices")])
def test_the_window_is_a_filter_of_the_scan(name: str, tmp_path: Path) -> None:
    relation = RELATIONS[name]
    connection = connect(DayFiles(tmp_path), RELATIONS, Asked(NOW))
    asked = Asked(NOW, date(2026, 1, 5), date(2026, 1, 5))
    answer = connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {render(relation, Engine.DUCKDB, asked)}").fetchall()
    found = list(scans(json.loads(answer[0][1])))
    assert found
    for scan in found:
        filters = str(scan["extra_info"]["Filters"])
        assert f"{relation.time}>=" in filters
        assert f"{relation.time}<" in filters
        assert scan["operator_cardinality"] <= len(ONE_DAY) * (1 + 2 * relation.around_days)
