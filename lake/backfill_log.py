"""The record of backfills: begun before the first change, completed when the days are published."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.datafiles import newest_files, read_files, stage_change, write_rows
from transforms.canonical import BACKFILLS


def record_backfill(lake: Lake, row: dict[str, Any]) -> None:
    """Puts the row in place of the one with its backfill_id, if there is one; a lake without the table gets it."""
    if not lake.has_table(BACKFILLS.name):
        lake.complete()
    swap(lake, "the record of backfills", lambda: _put(lake, pa.Table.from_pylist([row], schema=BACKFILLS.schema)))


def _put(lake: Lake, row: pa.Table) -> None:
    table = lake.table(BACKFILLS.name)
    files = newest_files(table)
    stored = read_files(lake, BACKFILLS, files)
    others = stored.filter(pc.invert(pc.is_in(stored["backfill_id"], row["backfill_id"])))
    stage_change(table, write_rows(table, BACKFILLS, pa.concat_tables([others, row])), files).commit_transaction()
