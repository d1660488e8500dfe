"""Which files are live, and which changed, is read from the manifests alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagedb.errors import LakeError
from lake import datafiles
from lake.catalog import Lake
from lake.commit import commit
from lake.datafiles import changed_files, day_of, in_order, live_files, mount_files, newest_files, read_files, write_rows
from lake.ingest_log import log_objects
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, SENT, batch, event, log_row, new_lake
from transforms.canonical import EVENTS


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Four commits; the last touches the message of the first."""
    made = new_lake(tmp_path / "lake")
    for day in range(3):
        after = timedelta(days=day)
        commit(made, batch([event(f"e{day}", key=f"m{day}", after=after, requested_at=SENT + after)]), NOW)
    commit(made, batch([event("late", key="m0", after=timedelta(days=9))]), NOW)
    return made


def test_files_of_wanted_days_are_found_and_no_others(lake: Lake) -> None:
    table = lake.table("events")
    wanted = {date(2026, 1, 11), date(2026, 1, 19), date(2025, 1, 1)}
    assert {day_of(file) for file in newest_files(table, wanted)} == wanted - {date(2025, 1, 1)}
    assert newest_files(table, []) == []
    assert live_files(table, None) == []


def test_changes_between_two_snapshots_are_what_one_has_and_the_other_has_not(lake: Lake) -> None:
    messages = lake.table("messages")
    snapshots = [snapshot.snapshot_id for snapshot in messages.snapshots()]
    added, removed = changed_files(messages, snapshots[-2], snapshots[-1])
    assert ([day_of(file) for file in added], [day_of(file) for file in removed]) == ([SENT.date()], [SENT.date()])
    assert changed_files(messages, snapshots[-1], snapshots[-2]) == (removed, added)
    assert changed_files(messages, snapshots[-1], snapshots[-1]) == ([], [])
    assert len(changed_files(messages, None, snapshots[-1])[0]) == 3


def test_a_missing_data_file_is_told_in_one_sentence(lake: Lake) -> None:
    Path(Published(lake).files("events")[0]).unlink()
    with pytest.raises(LakeError, match=r"A file of the table events in .* is missing"):
        read_files(lake, EVENTS, newest_files(lake.table("events")))


def test_a_file_that_is_older_than_a_column_gives_null_for_it(lake: Lake) -> None:
    files = newest_files(lake.table("events"))[:1]
    path = lake.physical(files[0].file_path)
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["carrier"]), path)
    with duckdb.connect() as connection:
        for columns in (["event_id"], ["event_id", "carrier"], ["event_id", "data_file"]):
            mount_files(connection, "found", lake, EVENTS, files, columns)
            rows = connection.sql("select * from found").fetchall()
            assert [len(row) for row in rows] == [len(columns)]
            assert rows[0][-1] in ("e0", "late", "e1", "e2", None, path)


def test_a_lake_whose_name_is_a_pattern_to_the_engine_is_read_all_the_same(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "it's [a] lake")
    commit(lake, batch([event("a")]), NOW)
    assert commit(lake, batch([event("a"), event("b", stage="delivered")]), NOW).events.tolist() == [1, 0]
    commit(new_lake(tmp_path / "it's"), batch([event("a")]), NOW)
    assert commit(new_lake(tmp_path / "it's"), batch([event("a")]), NOW).events.tolist() == [1]


def test_old_metadata_files_do_not_pile_up(tmp_path: Path) -> None:
    import pyarrow as pa

    from transforms.canonical import INGEST_LOG

    lake = new_lake(tmp_path / "lake")
    for number in range(26):
        log_objects(lake, pa.Table.from_pylist([log_row(f"object {number}")], schema=INGEST_LOG.schema))
    assert len(list(Path(lake.root, "warehouse/ingest_log/metadata").glob("*.metadata.json"))) <= 22
    assert len(lake.table("ingest_log").snapshots()) == 26


def test_rows_are_written_in_order_a_piece_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datafiles, "ROWS_AT_ONCE", 2)
    made = new_lake(tmp_path / "lake")
    table = made.table(EVENTS.name)
    rows = batch([event(f"e{n}", key=f"m{n}", after=timedelta(hours=7 * (n * 5 % 12))) for n in range(12)]).events
    places = np.arange(11)[::-1]
    files = write_rows(table, EVENTS, rows, places)
    assert len(files) == 4  # days
    groups = [pq.ParquetFile(made.physical(file.file_path)) for file in files]
    assert max(group.num_row_groups for group in groups) == 2
    stored = pa.concat_tables([group.read() for group in groups])
    assert stored["event_id"].to_pylist() == in_order(EVENTS, rows, places)["event_id"].to_pylist()
    assert sorted(stored["event_id"].to_pylist()) == sorted(f"e{n}" for n in range(11))
