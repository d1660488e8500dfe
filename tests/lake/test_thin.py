"""Snapshots are thinned out while commits go on, and no reader loses a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lake.catalog import Lake
from lake.commit import commit
from lake.maintenance.maintain import maintain
from lake.snapshot import Published, published_events
from lake.thin import SPACING, between, thin
from tests.lake.lifecycles import NOW, batch, event, log_row, new_lake, stored


class Moment:
    """A snapshot as far as the rule looks at it."""

    def __init__(self, number: int, at: timedelta) -> None:
        self.snapshot_id = self.sequence_number = number
        self.timestamp_ms = int((datetime(2026, 1, 1, tzinfo=UTC) + at).timestamp() * 1000)


def commit_often(lake: Lake, commits: int) -> None:
    for number in range(commits):
        commit(lake, batch([event(f"e{number:02}", key=f"m{number % 5}")], log=[log_row(f"object {number}")]), NOW)


def test_of_a_day_of_minutes_one_snapshot_of_each_stretch_stays() -> None:
    snapshots = [Moment(minute, timedelta(minutes=minute)) for minute in range(24 * 60)]
    gone = between(snapshots, datetime(2026, 1, 2, tzinfo=UTC))  # type: ignore[arg-type]
    left = [snapshot.snapshot_id for snapshot in snapshots if snapshot.snapshot_id not in gone]
    assert left[:4] == [9, 19, 29, 39]
    assert left[-10:] == list(range(1_430, 1_440))
    assert len(left) == 143 + 10


def test_a_file_that_stood_longer_than_the_spacing_is_in_a_snapshot_that_stays() -> None:
    steps = [7, 1, 30, 2, 9, 10, 11, 3, 3, 3, 61, 5]
    starts = [timedelta(minutes=sum(steps[:number])) for number in range(len(steps))]
    snapshots = [Moment(number, start) for number, start in enumerate(starts)]
    left = {s.snapshot_id for s in snapshots} - between(snapshots, datetime(2026, 1, 3, tzinfo=UTC))  # type: ignore[arg-type]
    for first in range(len(steps)):
        for last in range(first, len(steps) - 1):
            if starts[last + 1] - starts[first] >= SPACING:
                assert left & set(range(first, last + 1)), f"a file of the snapshots {first} to {last}"


def test_an_old_history_is_thinned_and_pair_and_rows_stay(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit_often(lake, 20)
    before = {name: stored(lake, name) for name in ("events", "messages", "ingest_log")}
    lake.table("events").manage_snapshots().create_tag(lake.table("events").snapshots()[3].snapshot_id, "training-set").commit()
    tagged = lake.table("events").snapshots()[3].snapshot_id
    reader = Published(lake)
    thinned: list[str] = []
    thin(lake, datetime.now(UTC) + timedelta(hours=1), thinned.append)
    assert thinned == ["messages_thinned", "events_thinned", "ingest_log_thinned"]
    assert all(len(lake.table(name).snapshots()) <= 5 for name in before)
    assert lake.table("events").metadata.snapshot_by_id(tagged) is not None
    assert all(lake.table("events").metadata.snapshot_by_id(named) for named in named_pairs(lake))
    assert {name: stored(lake, name) for name in before} == before
    assert reader.files("events") == Published(lake).files("events")


def test_what_thinning_leaves_unnamed_is_not_swept_within_a_day(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit_often(lake, 20)
    written = set((tmp_path / "lake" / "warehouse" / "messages").rglob("*.parquet"))
    now = datetime.now(UTC)
    thin(lake, now + timedelta(hours=1))
    maintain(lake, now + timedelta(hours=24))
    assert written <= set((tmp_path / "lake" / "warehouse" / "messages").rglob("*.parquet"))
    maintain(lake, now + timedelta(hours=26))
    assert not written <= set((tmp_path / "lake" / "warehouse" / "messages").rglob("*.parquet"))


def test_a_short_history_is_left_alone(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit_often(lake, 3)
    thin(lake, datetime.now(UTC) + timedelta(hours=1))
    assert len(lake.table("messages").snapshots()) == 3


def named_pairs(lake: Lake) -> set[int]:
    """Events snapshots that the remaining snapshots of messages name."""
    messages = lake.table("messages")
    assert published_events(messages) is not None
    summaries = [snapshot.summary for snapshot in messages.snapshots() if snapshot.summary is not None]
    return {int(summary.additional_properties["engagedb.events-snapshot"]) for summary in summaries}
