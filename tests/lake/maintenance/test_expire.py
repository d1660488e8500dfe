"""Snapshots expire by the time since they were superseded; the pair, tagged ones and the newest stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyiceberg.table.snapshots import Operation, Snapshot, Summary

from lake.catalog import Lake
from lake.commit import commit
from lake.maintenance.expire import Keeping, expire, superseded_at
from lake.publish import PUBLISH_TAG
from lake.snapshot import EVENTS_SNAPSHOT, Published, published_events
from tests.lake.lifecycles import NOW, batch, event, new_lake, stored

DAY = Keeping(timedelta(days=1))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path / "lake")
    for number in range(4):
        commit(lake, batch([event(f"e{number}", key=f"m{number}")]), NOW)
    return lake


def snapshots(lake: Lake, name: str) -> list[int]:
    return [snapshot.snapshot_id for snapshot in lake.table(name).snapshots()]


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_what_was_superseded_a_moment_ago_stays_however_old_it_is() -> None:
    taken = [Snapshot(snapshot_id=n, sequence_number=n, timestamp_ms=ms, manifest_list="", summary=Summary(Operation.APPEND))
             for n, ms in ((1, 0), (2, 9_000_000), (3, 8_000_000), (4, 9_500_000))]  # fmt: skip
    moments = {number: moment.timestamp() for number, moment in superseded_at(taken).items()}
    assert moments == {1: 9_000, 2: 9_000, 3: 9_500}


def test_nothing_goes_within_the_time_that_readers_have(lake: Lake) -> None:
    assert all(not found.snapshots for found in expire(lake, DAY, in_days(0.9)).values())


def test_the_pair_stays_and_older_ones_go_with_their_tags(lake: Lake) -> None:
    before = {name: stored(lake, name) for name in ("events", "messages")}
    planned = expire(lake, DAY, in_days(2), dry_run=True)
    assert len(snapshots(lake, "events")) == 4
    done = expire(lake, DAY, in_days(2))
    assert planned == done
    assert (len(done["events"].snapshots), len(done["events"].tags), done["events"].kept) == (3, 3, 1)
    published = Published(lake)
    assert snapshots(lake, "events") == [published.events_snapshot]
    assert snapshots(lake, "messages") == [published.messages_snapshot]
    assert [tag for tag in lake.table("events").refs() if tag.startswith(PUBLISH_TAG)] == [f"{PUBLISH_TAG}{published.events_snapshot}"]
    assert {name: stored(lake, name) for name in before} == before


def test_a_snapshot_of_messages_keeps_the_events_that_it_names(lake: Lake) -> None:
    third = lake.table("messages").snapshots()[2]
    lake.table("messages").manage_snapshots().create_tag(third.snapshot_id, "training-set").commit()
    named = int(third.summary.additional_properties[EVENTS_SNAPSHOT])
    expire(lake, DAY, in_days(2))
    assert snapshots(lake, "messages") == [third.snapshot_id, Published(lake).messages_snapshot]
    assert snapshots(lake, "events") == [named, Published(lake).events_snapshot]
    assert f"{PUBLISH_TAG}{named}" in lake.table("events").refs()


def test_a_tagged_snapshot_stays(lake: Lake) -> None:
    first = snapshots(lake, "events")[0]
    lake.table("events").manage_snapshots().create_tag(first, "audit").commit()
    expire(lake, DAY, in_days(2))
    assert first in snapshots(lake, "events")


def test_so_many_of_the_newest_stay_however_old(lake: Lake) -> None:
    expire(lake, Keeping(timedelta(days=1), newest=3), in_days(2))
    assert len(snapshots(lake, "messages")) == 3


def test_unpublished_events_do_not_take_the_published_ones_away(lake: Lake) -> None:
    def stop(point: str) -> None:
        if point == "events_committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(lake, batch([event("late", key="late")]), NOW, checkpoint=stop)
    expire(lake, DAY, in_days(2))
    assert published_events(lake.table("messages")) in snapshots(lake, "events")
    commit(lake, batch([event("later", key="later")]), NOW)
    assert len(stored(lake, "messages")) == 6
