"""A lake works wherever its folder is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engagedb.errors import LakeError
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import commit
from lake.manifest import map_location
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, batch, event, new_lake, stored


def test_a_moved_lake_is_read_and_written_there_and_back_again(tmp_path: Path) -> None:
    home, away = tmp_path / "home", tmp_path / "away with spaces"
    commit(new_lake(home), batch([event("a")]), NOW)
    home.rename(away)
    moved = Lake.open(Settings(lake=str(away)))
    commit(moved, batch([event("b", stage="delivered")]), NOW)
    assert not home.exists()
    assert all(Path(path).is_file() and path.startswith(str(away)) for path in Published(moved).files("events"))
    away.rename(home)
    back = Lake.open(Settings(lake=str(home)))
    commit(back, batch([event("c", stage="read")]), NOW)
    assert [row["event_id"] for row in stored(back, "events")] == ["a", "b", "c"]
    assert [row["event_count"] for row in stored(back, "messages")] == [3]


def test_a_copy_never_touches_the_lake_it_came_from(tmp_path: Path) -> None:
    commit(new_lake(tmp_path / "one"), batch([event("a")]), NOW)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    before = sorted((tmp_path / "one").rglob("*"))
    copy = Lake.open(Settings(lake=str(tmp_path / "two")))
    commit(copy, batch([event("b")]), NOW)
    assert len(stored(copy, "events")) == 2
    assert sorted((tmp_path / "one").rglob("*")) == before
    assert len(stored(Lake.open(Settings(lake=str(tmp_path / "one"))), "events")) == 1


def test_a_lake_is_reached_through_a_relative_path_and_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(new_lake(tmp_path / "lake"), batch([event("a")]), NOW)
    (tmp_path / "link").symlink_to(tmp_path / "lake")
    monkeypatch.chdir(tmp_path)
    for place in ("lake", "./lake/", "link"):
        assert len(stored(Lake.open(Settings(lake=place)), "events")) == 1


@pytest.mark.parametrize("address", ["file:///elsewhere/x", "file:///lake2/x", "file:///lake/../etc/passwd", "/etc/passwd"])
def test_an_address_outside_the_lake_is_refused(address: str) -> None:
    with pytest.raises(LakeError, match="outside the lake"):
        map_location(address, "file:///lake", "/now")


def test_an_address_is_mapped_as_it_is_written() -> None:
    assert map_location("file:///la?ke/a#b%20c", "file:///la?ke", "/now") == "/now/a#b%20c"
