"""The watermark of each source and account: the time of its newest event, by the event's own clock.

An event that is ahead of the clock of whoever read it moves no watermark: one wrong year would make everything after it late.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pyarrow as pa

from lake.catalog import Lake
from lake.connect import connect
from lake.datafiles import day_of, newest_files, scan_files
from lake.failures import telling_lake_errors
from transforms.canonical import EVENTS

Watermarks = dict[tuple[str, str | None], datetime]


def watermarks(lake: Lake, first: date, before: date | None, without: Collection[str]) -> Watermarks:
    """The watermarks that the lake's events of the UTC days from `first` on make, and before `before` if it is given.

    `without` are landing objects, as `source_object` names them, whose events do not count.
    """
    files = [
        file
        for file in newest_files(lake.table(EVENTS.name))
        if (day := day_of(file)) and first <= day and (before is None or day < before)
    ]
    if not files:
        return {}
    with telling_lake_errors(lake.root), connect() as connection:
        columns = ["source", "account_id", "event_time", "ingested_at", "source_object"]
        connection.register("stored", scan_files(lake, EVENTS, files, columns))
        connection.register("without", pa.table({"source_object": pa.array(list(without), pa.string())}))
        found = connection.sql(
            "select source, account_id, max(event_time) as newest from stored anti join without using (source_object)"
            " where event_time <= ingested_at group by all"
        ).to_arrow_table()
    return {(row["source"], row["account_id"]): row["newest"] for row in found.cast(_FOUND).to_pylist()}


_FOUND = pa.schema([("source", pa.string()), ("account_id", pa.string()), ("newest", pa.timestamp("us", tz="UTC"))])
