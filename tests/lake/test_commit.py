"""A batch is committed exactly once, wherever the committer stops and whoever else commits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch, Committed, commit
from lake.fold_events import READ, fold_events
from lake.ingest_log import logged_objects
from lake.publish import publish
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, SENT, batch, dead_letter, event, log_row, new_lake, notice, stored
from transforms.canonical import EVENTS, TABLES

APPENDED = [f"{table}_{step}" for table in ("events", "dead_letters", "notices") for step in ("written", "committed")]
POINTS = ["leased", *APPENDED, "tagged", "folded", "messages_written", "published", "logged", "compacted"]


def first_batch() -> Batch:
    return batch(
        [event("a"), event("b", key="n")],
        [notice("n1")],
        [dead_letter("d1")],
        [log_row("object 1")],
    )


def second_batch() -> Batch:
    """Touches a stored message, adds one, moves one, and repeats rows of the first batch."""
    moved = event("f", key="w", requested_at=None, stage="feedback", feedback_status="received", after=timedelta(days=3))
    return batch(
        [event("a"), event("c", stage="delivered", after=timedelta(days=2)), moved, event("g", key="w")],
        [notice("n1"), notice("n2")],
        [dead_letter("d1"), dead_letter("d2")],
        [log_row("object 1"), log_row("object 2")],
    )


def contents(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    return {name: stored(lake, name) for name in TABLES}


def standings(found: Committed) -> tuple[list[int], list[int], list[int]]:
    return found.events.tolist(), found.notices.tolist(), found.dead_letters.tolist()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "lake"
    commit(new_lake(folder), first_batch(), NOW)
    return folder


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Lake:
    """A lake that holds the first batch: a copy, which is a lake of its own."""
    shutil.copytree(made, tmp_path / "lake")
    return Lake.open(Settings(lake=str(tmp_path / "lake")))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    lake = new_lake(tmp_path_factory.mktemp("undisturbed") / "lake")
    commit(lake, first_batch(), NOW)
    commit(lake, second_batch(), NOW)
    found = contents(lake)
    assert [len(rows) for rows in found.values() if rows] == [5, 3, 2, 2, 2]
    return found


def test_every_point_is_passed_in_order(tmp_path: Path) -> None:
    passed: list[str] = []
    commit(new_lake(tmp_path / "lake"), first_batch(), NOW, checkpoint=passed.append)
    assert passed == POINTS


def test_rows_are_new_then_rerun_from_the_same_place_then_duplicates(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    assert standings(commit(lake, first_batch(), NOW)) == ([0, 0], [0], [0])
    assert standings(commit(lake, first_batch(), NOW)) == ([1, 1], [1], [1])
    elsewhere = batch([event("a", source_object="landing/b")], [notice("n1", source_offset=9)], [dead_letter("d1", source_object="x")])
    assert standings(commit(lake, elsewhere, NOW)) == ([2], [2], [2])


def test_the_first_of_equal_rows_in_a_batch_wins(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    found = commit(lake, batch([event("a", carrier="one"), event("b"), event("a", carrier="two", source_object="z")]), NOW)
    assert found.events.tolist() == [0, 0, 2]
    assert [row["carrier"] for row in stored(lake, "events")] == ["one", None]


def test_an_event_twice_in_one_document_counts_the_same_after_a_stop(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    twice = batch([event("a"), event("a")])
    assert commit(lake, twice, NOW).events.tolist() == [0, 2]
    assert commit(lake, twice, NOW).events.tolist() == [1, 2]


def test_an_event_that_comes_with_another_time_is_found_only_in_the_whole_lake(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a")]), NOW)
    moved = [event("a", after=timedelta(days=40), source_object="landing/b")]
    assert commit(lake, batch(moved, anywhere=frozenset(row["event_id"] for row in moved)), NOW).events.tolist() == [2]
    assert commit(lake, batch(moved), NOW).events.tolist() == [0]


def test_an_empty_batch_changes_nothing(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch(), NOW)
    assert all(lake.table(name).current_snapshot() is None for name in TABLES)


def test_events_without_messages_are_published_too(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a", key=None)]), NOW)
    assert len(Published(lake).files("events")) == 1
    assert Published(lake).files("messages") == []


class Stop(BaseException):
    """A stop that no handler of the program under test catches."""


@pytest.mark.parametrize("point", POINTS)
def test_a_stop_at_any_point_heals_at_the_next_run(lake: Lake, expected: dict[str, list[dict[str, Any]]], point: str) -> None:

    def stop(reached: str) -> None:
        if reached == point:
            assert_pair_agrees(lake)
            raise Stop

    with pytest.raises(Stop):
        commit(lake, second_batch(), NOW, checkpoint=stop)
    assert_pair_agrees(lake)
    found = commit(lake, second_batch(), NOW)
    assert contents(lake) == expected
    assert all(standing != 0 or point in ("leased", "events_written") for standing in standings(found)[0])
    assert logged_objects(lake) == {("object 1", "1"), ("object 2", "1")}
    assert_pair_agrees(lake)


@pytest.mark.parametrize("point", ["events_committed", "messages_written", "published"])
def test_a_killed_process_leaves_a_lake_that_the_next_run_completes(
    lake: Lake, expected: dict[str, list[dict[str, Any]]], point: str
) -> None:
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[3])\n"
        "from tests.lake.test_commit import NOW, Lake, Settings, commit, second_batch\n"
        "stop = lambda point: os._exit(9) if point == sys.argv[2] else None\n"
        "commit(Lake.open(Settings(lake=sys.argv[1])), second_batch(), NOW, checkpoint=stop)"
    )
    root = str(Path(__file__).parents[2])
    killed = subprocess.run([sys.executable, "-c", script, lake.root, point, root], check=False)
    assert killed.returncode == 9
    commit(lake, second_batch(), NOW)
    assert contents(lake) == expected


@pytest.mark.parametrize("point", POINTS[1:])
def test_a_second_committer_inside_any_step_does_no_harm_without_the_lease(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, expected: dict[str, list[dict[str, Any]]], point: str
) -> None:
    monkeypatch.setattr("lake.commit.hold_lease", lambda *_: nullcontext())
    others = iter([second_batch(), batch([event("h", key="late", after=timedelta(hours=1))])])

    def intrude(reached: str) -> None:
        if reached == point and (other := next(others, None)) is not None:
            commit(Lake.open(Settings(lake=lake.root)), other, NOW)

    commit(lake, second_batch(), NOW, checkpoint=intrude)
    commit(lake, batch([event("h", key="late", after=timedelta(hours=1))]), NOW)
    found = contents(lake)
    assert [row for row in found["events"] if row["event_id"] != "h"] == expected["events"]
    assert [row for row in found["messages"] if row["message_key"] != "late"] == expected["messages"]
    assert {name: found[name] for name in ("notices", "dead_letters", "ingest_log")} == {
        name: expected[name] for name in ("notices", "dead_letters", "ingest_log")
    }
    assert_pair_agrees(lake)


def test_readers_keep_the_pair_they_opened(lake: Lake) -> None:
    reader = Published(lake)
    commit(lake, second_batch(), NOW)
    assert sum(pq.read_metadata(path).num_rows for path in reader.files("events")) == 2
    assert sum(pq.read_metadata(path).num_rows for path in Published(lake).files("events")) == 5


def test_many_small_commits_leave_few_files_a_day_and_the_same_rows(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    for number in range(18):
        commit(lake, batch([event(f"e{number:02}", key=f"m{number:02}")], log=[log_row(f"object {number}")]), NOW)
    assert_pair_agrees(lake)
    published = Published(lake)
    assert all(len(published.files(name)) <= 16 for name in TABLES)
    assert [len(stored(lake, name)) for name in ("events", "messages", "ingest_log")] == [18, 18, 18]


def test_published_events_are_tagged(lake: Lake) -> None:
    snapshot = Published(lake).events_snapshot
    assert lake.table("events").refs()[f"published-{snapshot}"].snapshot_id == snapshot


def test_files_of_a_day_hold_that_day_only(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event(f"e{day}", after=timedelta(days=day)) for day in range(5)]), NOW)
    files = Published(lake).files("events", [(SENT + timedelta(days=2)).date()])
    assert [path.split("/")[-2] for path in files] == ["event_time_day=2026-01-12"]


def test_a_publication_never_steps_back_behind_a_faster_one(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    faster = iter([second_batch()])

    def load(name: str) -> Any:
        """Another program commits between the two loads of a publication."""
        table = Lake.table(lake, name)
        if (other := next(faster, None)) is not None:
            commit(Lake.open(Settings(lake=lake.root)), other, NOW)
        return table

    monkeypatch.setattr(lake, "table", load)
    publish(lake, NOW)
    assert len(stored(lake, "events")) == 5
    assert_pair_agrees(lake)
    assert Published(lake).events_snapshot == lake.table("events").current_snapshot().snapshot_id


def assert_pair_agrees(lake: Lake) -> None:
    """What readers see: messages are exactly what folding the visible events gives."""
    published = Published(lake)
    assert _fold(published.files("events")) == _rows(published.files("messages"))


def _fold(paths: list[str]) -> list[dict[str, Any]]:
    events = [pq.read_table(path, schema=EVENTS.schema, partitioning=None) for path in paths]
    if not events:
        return []
    return sorted(fold_events(pa.concat_tables(events).select(READ)).to_pylist(), key=lambda row: row["message_key"])


def _rows(paths: list[str]) -> list[dict[str, Any]]:
    rows = [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]
    return sorted(rows, key=lambda row: row["message_key"])
