"""Maintenance changes no row that it should keep, takes nothing from readers, and goes on after a stop anywhere."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from engagedb.cli import mounted
from engagedb.errors import ConfigurationError
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import commit
from lake.compact import MOST_MANIFESTS
from lake.maintenance.maintain import join_messages, maintain
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, batch, dead_letter, event, log_row, new_lake, notice, stored
from tests.lake.test_commit import Stop, assert_pair_agrees, contents
from transforms.canonical import TABLES

COMMITS = 7


def days_from_now(days: float) -> datetime:
    """Snapshots are stamped by the clock of who commits, so tests stand in their future."""
    return datetime.now(UTC) + timedelta(days=days)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of small commits, with a feedback that came months after its message."""
    folder = tmp_path_factory.mktemp("made") / "lake"
    lake = new_lake(folder)
    for number in range(COMMITS):
        rows = [event(f"e{number}", key=f"m{number}")]
        commit(lake, batch(rows, [notice(f"n{number}")], [dead_letter(f"d{number}")], [log_row(f"object {number}")]), NOW)
    commit(lake, batch([late_feedback()]), NOW)
    return folder


def late_feedback() -> dict[str, Any]:
    return event("f", key="m0", stage="feedback", feedback_status="received", requested_at=None, channel=None, after=timedelta(days=60))


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Lake:
    shutil.copytree(made, tmp_path / "lake")
    return Lake.open(Settings(lake=str(tmp_path / "lake")))


def age_files(lake: Lake) -> None:
    """As if every file had been written days ago."""
    for path in Path(lake.root, "warehouse").rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))


def test_rows_stay_and_files_snapshots_and_orphans_go(lake: Lake) -> None:
    before = contents(lake)
    age_files(lake)
    done = maintain(lake, days_from_now(2))
    assert {name: rows for name, rows in contents(lake).items() if name != "messages"} == {
        name: rows for name, rows in before.items() if name != "messages"
    }
    assert done.joined == 1
    assert len(stored(lake, "messages")) == COMMITS
    assert_pair_agrees(lake)
    for name in ("events", "notices", "dead_letters", "ingest_log"):
        assert done.compacted[name].files_after <= 3 < done.compacted[name].files_before
    assert all(len(lake.table(name).snapshots()) <= 3 for name in TABLES)
    age_files(lake)
    maintain(lake, days_from_now(4))
    assert len(lake.table("events").snapshots()) == 1
    data = {path.name for path in Path(lake.root, "warehouse/events/data").rglob("*.parquet")}
    assert data == {Path(path).name for path in Published(lake).files("events")}


def test_many_rewritings_of_messages_leave_few_manifests_to_readers(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    days = range(MOST_MANIFESTS)
    commit(lake, batch([event(f"e{day}", key=f"m{day}", after=timedelta(days=day)) for day in days]), NOW)
    for day in days:
        commit(lake, batch([event(f"again {day}", key=f"m{day}", after=timedelta(days=day, minutes=1))]), NOW)
    before = stored(lake, "messages")
    assert manifests(lake) > MOST_MANIFESTS
    maintain(lake, days_from_now(2))
    assert manifests(lake) == 1
    assert stored(lake, "messages") == before
    assert_pair_agrees(lake)


def manifests(lake: Lake) -> int:
    messages = lake.table("messages")
    newest = messages.current_snapshot()
    assert newest is not None
    return len(newest.manifests(messages.io))


def test_a_second_run_finds_nothing_to_do(lake: Lake) -> None:
    maintain(lake, days_from_now(2))
    before = {name: lake.table(name).current_snapshot() for name in TABLES}
    again = maintain(lake, days_from_now(2))
    assert (again.joined, {c.days for c in again.compacted.values()}) == (0, {0})
    assert {name: lake.table(name).current_snapshot() for name in TABLES} == before


def test_a_dry_run_tells_what_the_run_does_and_changes_nothing(lake: Lake) -> None:
    age_files(lake)
    files = sorted(Path(lake.root, "warehouse").rglob("*"))
    told = maintain(lake, days_from_now(2), dry_run=True)
    assert sorted(Path(lake.root, "warehouse").rglob("*")) == files
    done = maintain(lake, days_from_now(2))
    assert told.joined == done.joined == 1
    assert told.compacted["notices"] == done.compacted["notices"]
    assert told.expired["notices"].snapshots <= done.expired["notices"].snapshots
    assert told.swept["notices"].files > 0


def test_a_reader_keeps_all_files_of_the_pair_that_he_opened(lake: Lake) -> None:
    age_files(lake)
    reader = Published(lake)
    maintain(lake, days_from_now(0.5))
    assert sum(pq.read_metadata(path).num_rows for path in reader.files("events")) == COMMITS + 1
    assert sum(pq.read_metadata(path).num_rows for path in reader.files("messages")) == COMMITS + 1


def test_snapshots_cannot_be_taken_from_readers(lake: Lake) -> None:
    with pytest.raises(ConfigurationError, match="24 hours"):
        maintain(lake, NOW, keep=timedelta(hours=1))


def test_a_message_and_its_feedback_of_months_later_become_one_row(lake: Lake) -> None:
    assert sorted(row["message_key"] for row in stored(lake, "messages")).count("m0") == 2
    assert join_messages(lake, NOW) == 1
    (row,) = [row for row in stored(lake, "messages") if row["message_key"] == "m0"]
    assert (row["event_count"], row["feedback_status"], row["channel"]) == (2, "received", "sms")
    assert_pair_agrees(lake)
    assert join_messages(lake, NOW) == 0


def passed_points(made: Path, folder: Path) -> list[str]:
    shutil.copytree(made, folder)
    lake = Lake.open(Settings(lake=str(folder), retention_days={"notices": 10_000}))
    age_files(lake)
    points: list[str] = []
    maintain(lake, days_from_now(2), checkpoint=points.append)
    return list(dict.fromkeys(points))


def test_a_stop_at_any_point_heals_at_the_next_run(made: Path, tmp_path: Path) -> None:
    points = passed_points(made, tmp_path / "undisturbed")
    assert {"published", "messages_joined", "events_merged", "events_replaced", "events_expired", "events_orphan"} <= set(points)
    expected = contents(Lake.open(Settings(lake=str(tmp_path / "undisturbed"))))
    for number, point in enumerate(points):
        folder = tmp_path / f"stopped {number}"
        shutil.copytree(made, folder)
        lake = Lake.open(Settings(lake=str(folder)))
        age_files(lake)

        def stop(reached: str, lake: Lake = lake, point: str = point) -> None:
            if reached == point:
                assert_pair_agrees_but_for_apart(lake)
                raise Stop

        with pytest.raises(Stop):
            maintain(lake, days_from_now(2), checkpoint=stop)
        assert_pair_agrees_but_for_apart(lake)
        age_files(lake)
        maintain(lake, days_from_now(2))
        assert contents(lake) == expected, point
        assert_pair_agrees(lake)


def assert_pair_agrees_but_for_apart(lake: Lake) -> None:
    """All events are visible, once, and all messages."""
    published = Published(lake)
    ids = [row for path in published.files("events") for row in pq.read_table(path, columns=["event_id"]).column(0).to_pylist()]
    keys = {row for path in published.files("messages") for row in pq.read_table(path, columns=["message_key"]).column(0).to_pylist()}
    assert sorted(ids) == [*(f"e{number}" for number in range(COMMITS)), "f"]
    assert keys == {f"m{number}" for number in range(COMMITS)}


def test_ingests_inside_any_step_lose_nothing(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "lake")
    lake = Lake.open(Settings(lake=str(tmp_path / "lake")))
    age_files(lake)
    intruders = iter(range(100))
    seen: set[str] = set()

    def intrude(reached: str) -> None:
        if reached in seen or reached.endswith(("_merged", "_replaced", "_orphan", "_joined")):  # these hold the lease or repeat
            return
        seen.add(reached)
        number = next(intruders)
        commit(Lake.open(Settings(lake=lake.root)), batch([event(f"x{number:02}", key=f"x{number:02}")]), NOW)

    maintain(lake, days_from_now(2), checkpoint=intrude)
    assert len(stored(lake, "events")) == COMMITS + 1 + len(seen)
    assert_pair_agrees(lake)


def test_the_command_prints_what_it_did(lake: Lake) -> None:
    result = CliRunner().invoke(mounted(), ["maintain", "--lake", lake.root, "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "1 message joined. Nothing was changed" in result.output
    result = CliRunner().invoke(mounted(), ["maintain", "--lake", lake.root, "--json"])
    assert '"joined_messages":1' in result.output
