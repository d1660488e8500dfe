"""Messages that an earlier version folded, without a column that they have now, are folded anew once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from engagedb.errors import LakeError
from lake.catalog import Lake
from lake.commit import commit
from lake.datafiles import newest_files, read_files, stage_change, write_rows
from lake.maintenance.maintain import maintain
from lake.publish import pair_summary
from lake.snapshot import Published, published_events
from tests.lake.lifecycles import NOW, batch, event, log_row, new_lake, stored
from transforms.canonical import MESSAGES

EARLIER = dataclasses.replace(MESSAGES, columns=tuple(column for column in MESSAGES.columns if column.name != "outcome"))


def take_back(lake: Lake) -> None:
    """Leaves the messages as a version wrote them that stored no outcome."""
    messages = lake.table("messages")
    files, covered = newest_files(messages), published_events(messages)
    rows = read_files(lake, MESSAGES, files).select(EARLIER.names)
    with messages.update_schema(allow_incompatible_changes=True) as change:
        change.delete_column("outcome")
    messages = lake.table("messages")
    assert covered is not None
    stage_change(messages, write_rows(messages, EARLIER, rows), files, pair_summary(covered, NOW)).commit_transaction()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path / "lake")
    first = [event("e1", key="m1"), event("e2", key="m1", stage="delivered"), event("e3", key="m2")]
    commit(lake, batch(first, log=[log_row("first")]), NOW)
    return lake


def test_a_reader_is_told_what_to_run(lake: Lake) -> None:
    take_back(lake)
    with pytest.raises(LakeError, match="Run engagedb maintain to fold them anew"):
        Published(lake)


def test_maintenance_folds_all_messages_anew(lake: Lake) -> None:
    before = stored(lake, "messages")
    take_back(lake)
    maintain(lake, NOW)
    assert Published(lake).files("messages")
    assert stored(lake, "messages") == before
    assert sorted(read_files(lake, MESSAGES, newest_files(lake.table("messages"))).column("outcome").to_pylist()) == [
        "delivered",
        "pending",
    ]


def test_a_commit_folds_all_messages_anew_with_its_own(lake: Lake) -> None:
    take_back(lake)
    commit(lake, batch([event("e4", key="m2", stage="failed")], log=[log_row("second")]), NOW)
    rows = read_files(lake, MESSAGES, newest_files(lake.table("messages"))).to_pylist()
    assert {row["message_key"]: row["event_count"] for row in rows} == {"m1": 2, "m2": 2}
    assert all(row["outcome"] for row in rows)
