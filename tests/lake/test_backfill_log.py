"""A backfill is recorded once, and completed in place."""

from __future__ import annotations

from pathlib import Path

from lake.backfill_log import record_backfill
from tests.lake.lifecycles import NOW, backfill_row, new_lake, stored


def test_a_backfill_is_completed_in_place(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    record_backfill(lake, backfill_row("a"))
    record_backfill(lake, backfill_row("b"))
    record_backfill(lake, backfill_row("a", finished_at=NOW))
    assert [(row["backfill_id"], row["finished_at"]) for row in stored(lake, "backfills")] == [("a", NOW), ("b", None)]
