"""A new data file and what is told of it are as PyIceberg would make them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.io.pyarrow import write_file as write_as_pyiceberg
from pyiceberg.manifest import DataFile
from pyiceberg.table import WriteTask

from lake.fold_events import fold_events
from lake.new_file import write_file
from tests.lake.lifecycles import SENT, batch, event, new_lake
from transforms.canonical import EVENTS, MESSAGES, Table

TOLD = ("partition", "record_count", "value_counts", "null_value_counts", "nan_value_counts", "lower_bounds", "upper_bounds")
ROWS = batch(
    [
        event("e0", key="m0", requested_at=SENT, tags={"season": "spring"}),
        event("e1", key="m0", after=timedelta(hours=2), channel="email"),
    ]
).events


@pytest.mark.parametrize(("definition", "rows"), [(EVENTS, ROWS), (EVENTS, ROWS.slice(1)), (MESSAGES, fold_events(ROWS))])
def test_a_file_has_the_columns_ids_and_statistics_that_pyiceberg_gives_it(tmp_path: Path, definition: Table, rows: pa.Table) -> None:
    lake = new_lake(tmp_path / "lake")
    table = lake.table(definition.name)
    task = WriteTask(uuid.uuid4(), 0, table.schema(), rows.combine_chunks().to_batches())
    files: list[DataFile] = [*write_as_pyiceberg(table.io, table.metadata, iter([task])), write_file(table, definition, [rows], None)]
    theirs, ours = (pq.ParquetFile(lake.physical(file.file_path)) for file in files)
    assert ours.schema.equals(theirs.schema)
    assert ours.read().equals(rows)
    assert [getattr(files[1], name) for name in TOLD] == [getattr(files[0], name) for name in TOLD]
    assert files[1].lower_bounds
    assert files[1].file_size_in_bytes == Path(lake.physical(files[1].file_path)).stat().st_size


@pytest.mark.parametrize(
    ("definition", "rows", "bounded"),
    [
        (EVENTS, ROWS, {"channel", "message_id", "event_time", "requested_at", "ingested_at"}),
        (MESSAGES, fold_events(ROWS), {"channel", "message_key", "message_time", "requested_at", "first_event_at", "last_event_at"}),
    ],
)
def test_a_file_tells_the_bounds_of_the_columns_by_which_readers_pass_over_it(
    tmp_path: Path, definition: Table, rows: pa.Table, bounded: set[str]
) -> None:
    lake = new_lake(tmp_path / "lake")
    file = write_file(lake.table(definition.name), definition, [rows], None)
    group = pq.ParquetFile(lake.physical(file.file_path)).metadata.row_group(0)
    leaves = [group.column(place) for place in range(group.num_columns)]
    assert {leaf.path_in_schema for leaf in leaves if leaf.is_stats_set} == bounded
