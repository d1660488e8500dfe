"""Retention removes whole days of a table, keeps the pair together, and is off by default."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from lake.catalog import Lake
from lake.commit import commit
from lake.maintenance.retain import cutoffs, retain
from lake.publish import publish
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, SENT, batch, dead_letter, event, log_row, new_lake, notice, stored

LATER = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Messages of the 10th, 11th and 12th; the first one's delivery is of the 12th."""
    lake = new_lake(tmp_path / "lake")
    day = timedelta(days=1)
    events = [
        event("a", key="a"),
        event("b", key="a", stage="delivered", after=2 * day),
        event("c", key="c", after=day, requested_at=SENT + day),
        event("d", key="d", after=2 * day, requested_at=SENT + 2 * day),
    ]
    old, fresh = {"ingested_at": SENT}, {"ingested_at": SENT + 2 * day}
    letters = [dead_letter("old", **old), dead_letter("new", **fresh)]
    commit(lake, batch(events, [notice("n"), notice("m") | {"notice_time": SENT + 2 * day}], letters, [log_row("object")]), NOW)
    return lake


def ids(lake: Lake, name: str) -> list[str]:
    return [next(iter(row.values())) for row in stored(lake, name)]


def test_nothing_goes_without_a_setting(lake: Lake) -> None:
    assert retain(lake, {}, LATER) == {}
    assert ids(lake, "events") == ["a", "b", "c", "d"]


def test_messages_never_outlive_their_events() -> None:
    assert cutoffs({"events": 30, "messages": 90}, LATER) == {"events": date(2025, 12, 21), "messages": date(2025, 12, 21)}
    assert cutoffs({"events": 30, "messages": 9}, LATER)["messages"] == date(2026, 1, 11)
    assert set(cutoffs({"messages": 9}, LATER)) == {"messages"}


@pytest.mark.parametrize(("table", "kept"), [("notices", ["m"]), ("dead_letters", ["new"]), ("messages", ["c", "d"])])
def test_a_table_loses_what_is_older_and_no_other_table_does(lake: Lake, table: str, kept: list[str]) -> None:
    others = {name: ids(lake, name) for name in ("events", "messages", "notices", "dead_letters", "ingest_log") if name != table}
    planned = retain(lake, {table: 9}, LATER, dry_run=True)
    done = retain(lake, {table: 9}, LATER)
    assert planned == done
    assert done[table].rows == 1
    assert ids(lake, table) == kept
    assert {name: ids(lake, name) for name in others} == others
    assert retain(lake, {table: 9}, LATER)[table].rows == 0


def test_events_go_with_their_messages_and_readers_see_both_at_once(lake: Lake) -> None:
    done = retain(lake, {"events": 9}, LATER)
    assert {name: found.rows for name, found in done.items()} == {"events": 1, "messages": 1}
    assert (ids(lake, "events"), ids(lake, "messages")) == (["b", "c", "d"], ["c", "d"])
    assert Published(lake).events_snapshot == lake.table("events").current_snapshot().snapshot_id


def test_a_stop_between_events_and_messages_heals(lake: Lake) -> None:
    def stop(point: str) -> None:
        if point == "events_retained":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retain(lake, {"events": 9}, LATER, checkpoint=stop)
    assert len(Published(lake).files("events")) == 3
    publish(lake, NOW)
    retain(lake, {"events": 9}, LATER)
    assert (ids(lake, "events"), ids(lake, "messages")) == (["b", "c", "d"], ["c", "d"])
