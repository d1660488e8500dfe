"""An object is logged once per content."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from lake.ingest_log import log_objects, logged_objects
from tests.lake.lifecycles import log_row, new_lake, stored
from transforms.canonical import INGEST_LOG


def rows(*found: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(found), schema=INGEST_LOG.schema)


def test_an_object_is_logged_once_and_again_when_its_content_changed(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    assert logged_objects(lake) == set()
    log_objects(lake, rows(log_row("a"), log_row("b"), log_row("a")))
    log_objects(lake, rows(log_row("b"), log_row("a", etag="2")))
    assert logged_objects(lake) == {("a", "1"), ("b", "1"), ("a", "2")}
    assert len(stored(lake, "ingest_log")) == 3


def test_logging_what_is_logged_makes_no_snapshot(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    log_objects(lake, rows(log_row("a")))
    snapshot = lake.table("ingest_log").current_snapshot()
    log_objects(lake, rows(log_row("a")))
    log_objects(lake, rows())
    assert lake.table("ingest_log").current_snapshot() == snapshot
