"""Only files that nothing names go, and none that was written lately."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake.catalog import Lake
from lake.commit import commit
from lake.maintenance.sweep import sweep
from tests.lake.lifecycles import NOW, batch, event, new_lake, stored
from transforms.canonical import TABLES


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path / "lake")
    for number in range(3):
        commit(lake, batch([event(f"e{number}", key="m")]), NOW)
    return lake


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def orphan(lake: Lake, name: str = "data/event_time_day=2026-01-10/orphan.parquet") -> Path:
    path = Path(lake.root, "warehouse/events", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left by a killed commit")
    return path


def test_files_of_live_snapshots_stay_however_old(lake: Lake) -> None:
    before = {name: stored(lake, name) for name in TABLES}
    files = {path for path in Path(lake.root, "warehouse").rglob("*") if path.is_file()}
    assert sum(found.files for found in sweep(lake, in_days(1000)).values()) == 0
    assert {path for path in Path(lake.root, "warehouse").rglob("*") if path.is_file()} == files
    assert {name: stored(lake, name) for name in TABLES} == before


def test_an_orphan_goes_once_it_is_old(lake: Lake) -> None:
    path = orphan(lake)
    assert sweep(lake, in_days(0.9))["events"].files == 0
    assert sweep(lake, in_days(1.1), dry_run=True)["events"].files == 1
    assert path.exists()
    done = sweep(lake, in_days(1.1))["events"]
    assert (done.files, done.size_bytes) == (1, 23)
    assert not path.exists()


def test_files_that_a_killed_commit_wrote_are_found(lake: Lake) -> None:
    def stop(point: str) -> None:
        if point == "events_written":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(lake, batch([event("x", key="x")]), NOW, checkpoint=stop)
    done = sweep(lake, in_days(2))
    assert done["events"].files >= 1
    commit(lake, batch([event("x", key="x")]), NOW)
    assert len(stored(lake, "events")) == 4


def test_a_commit_between_the_list_and_the_metadata_keeps_its_files(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are listed before their commit names them are known when the metadata is read."""
    listed = Lake.table

    def load(found: Lake, name: str) -> object:
        monkeypatch.setattr(Lake, "table", listed)
        for path in Path(lake.root, "warehouse").rglob("*.parquet"):
            os.utime(path, (0, 0))
        commit(Lake.open(lake.settings), batch([event("y", key="y")]), NOW)
        return listed(found, name)

    monkeypatch.setattr(Lake, "table", load)
    sweep(lake, in_days(1.1))
    assert len(stored(lake, "events")) == 4


def test_a_moved_lake_is_swept_where_it_is_now(lake: Lake, tmp_path: Path) -> None:
    path = orphan(lake)
    Path(lake.root).rename(tmp_path / "moved")
    moved = Lake.open(lake.settings.model_copy(update={"lake": str(tmp_path / "moved")}))
    assert sweep(moved, in_days(2))["events"].files == 1
    assert not (tmp_path / "moved" / path.relative_to(lake.root)).exists()
    assert len(stored(moved, "events")) == 3


def test_nothing_beside_the_tables_is_touched(lake: Lake) -> None:
    path = Path(lake.root, "warehouse/notes/mine.txt")
    path.parent.mkdir()
    path.write_text("not a table")
    os.utime(path, (0, 0))
    sweep(lake, in_days(2) + timedelta(days=1))
    assert path.exists()
