"""The Iceberg tables are the canonical tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lake.backfill_log import record_backfill
from lake.catalog import Lake
from lake.commit import commit
from lake.datafiles import newest_files, read_files, stage_change, write_rows
from tests.canonical_rows import canonical_table
from tests.lake.lifecycles import NOW, SENT, backfill_row, batch, dead_letter, event, log_row, new_lake, notice, stored
from transforms.canonical import ERASURES, LINKS, TABLES


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = new_lake(tmp_path_factory.mktemp("tables") / "lake")
    rows = [event(f"e{number}", key=f"m{number}", channel=channel, body="text") for number, channel in enumerate(["sms", "email", "rcs"])]
    commit(made, batch(rows, [notice("n")], [dead_letter("d")], [log_row("o")]), NOW)
    record_backfill(made, backfill_row("b"))
    for table, row in (
        (ERASURES, {"subject_key": "s", "kind": "message", "erased_at": NOW, "erasure_id": "e"}),
        (LINKS, {"pseudonym": "ph_a_b", "key_id": "a", "sealed_pseudonym": b"x", "linked_at": NOW}),
    ):
        handle = made.table(table.name)
        stage_change(handle, write_rows(handle, table, canonical_table(table, [row]))).commit_transaction()
    return made


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_canonical_columns_in_order_with_their_descriptions(lake: Lake, name: str) -> None:
    found = [(field.name, field.required, field.doc) for field in lake.table(name).schema().fields]
    assert found == [(column.name, column.required, column.description) for column in TABLES[name].columns]


@pytest.mark.parametrize("name", TABLES)
def test_rows_come_back_in_the_canonical_schema(lake: Lake, name: str) -> None:
    rows = read_files(lake, TABLES[name], newest_files(lake.table(name)))
    assert rows.schema.equals(TABLES[name].schema)
    assert rows.num_rows > 0


def test_values_survive_storage(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    tags = [("k", "v"), ("empty", ""), ("none", None)]
    given: dict[str, Any] = event("a", body="naïve \x00 𝔘 \n'\"", tags=tags, attributes=[], parts=2**62)
    commit(lake, batch([given]), NOW)
    (found,) = stored(lake, "events")
    assert found == given


def test_tables_keep_what_the_design_asks_for(lake: Lake) -> None:
    table = lake.table("events")
    assert [field.name for field in table.spec().fields] == ["event_time_day"]
    assert table.properties["commit.retry.num-retries"] == "0"
    assert table.properties["commit.manifest-merge.enabled"] == "true"
    assert table.format_version == 2


def test_rows_of_a_file_are_sorted(lake: Lake) -> None:
    rows = read_files(lake, TABLES["events"], newest_files(lake.table("events"), [SENT.date()]))
    assert rows.column("channel").to_pylist() == ["email", "rcs", "sms"]


def test_manifests_hold_no_statistics_of_columns_about_persons(lake: Lake) -> None:
    schema = lake.table("events").schema()
    (file,) = newest_files(lake.table("events"))
    told = {schema.find_column_name(number) for number in file.lower_bounds}
    assert told == {"event_time", "requested_at", "channel"}


def test_the_schema_of_an_empty_table_reads_as_no_rows(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    assert read_files(lake, TABLES["events"], []).equals(pa.Table.from_pylist([], schema=TABLES["events"].schema))
