"""Compaction moves rows, changes none, and rewrites large files rarely."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.commit import commit
from lake.compact import choose_files, compact
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, SENT, batch, event, new_lake, stored
from transforms.canonical import EVENTS, MESSAGES


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([], 0), ([5], 1), ([1] * 17, 17), ([1] * 16 + [32], 17), ([1] * 16 + [33], 16), ([1, 100, 101], 3), ([1, 1, 5], 2)],
)
def test_a_file_that_outweighs_the_smaller_ones_stays(sizes: list[int], expected: int) -> None:
    assert choose_files(sizes) == expected


def test_each_row_is_rewritten_a_logarithmic_number_of_times() -> None:
    files: list[int] = []
    written = 0
    for _ in range(10_000):
        files = sorted([*files, 1])
        if len(files) > 16:
            merged = choose_files(files)
            written += sum(files[:merged])
            files = sorted([sum(files[:merged]), *files[merged:]])
    assert sum(files) == 10_000
    assert written < 10 * 10_000


def test_compacting_keeps_rows_and_publishes_the_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = new_lake(tmp_path / "lake")
    for number in range(3):
        commit(lake, batch([event(f"e{number}", key=f"m{number}")]), NOW)
    before = {name: stored(lake, name) for name in ("events", "messages")}
    monkeypatch.setattr("lake.compact.MOST_FILES", 2)
    for table in (EVENTS, MESSAGES):
        compact(lake, table, [SENT.date()], NOW)
    assert [len(Published(lake).files(name)) for name in ("events", "messages")] == [1, 1]
    assert {name: stored(lake, name) for name in ("events", "messages")} == before


def test_unpublished_events_are_left_for_the_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a")]), NOW)

    def stop(point: str) -> None:
        if point == "events_committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(lake, batch([event("b", key="n")]), NOW, checkpoint=stop)
    monkeypatch.setattr("lake.compact.MOST_FILES", 1)
    head = lake.table("events").current_snapshot()
    compact(lake, EVENTS, [SENT.date()], NOW)
    assert lake.table("events").current_snapshot() == head
