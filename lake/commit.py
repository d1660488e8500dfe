"""A batch goes into the lake: events, dead letters, notices, messages, ingest log, in this order.

A stop between any two steps loses nothing and doubles nothing. Rows are recognised by their keyed ids when they come
again; the fold covers every event since the published snapshot, whoever committed it; readers follow the pair that the
messages snapshot publishes (lake/snapshot.py); and an object is logged only after all of it is published.
Correctness does not rest on the lease: each step judges and commits on one handle, and compare-and-swap on that handle
refuses whoever was slower, who then starts that step again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from lake.catalog import Lake
from lake.compact import compact
from lake.compare_and_swap import swap
from lake.datafiles import stage_change, write_rows
from lake.deduplicate import Standing, days_of, standings
from lake.fold import Held
from lake.ingest_log import log_objects
from lake.lease import hold_lease
from lake.publish import publish, stage_events
from lake.tables import lacks_columns
from lake.thin import thin
from transforms import canonical
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, MESSAGES, NOTICES

if TYPE_CHECKING:
    from numpy.typing import NDArray

Checkpoint = Callable[[str], None]
Honouring = Callable[[canonical.Table, pa.Table], pa.Table]
"""Rows of a table as they may be stored: persons whom the lake forgets are gone (lake/erasure/tombstones.py)."""


def unchanged(definition: canonical.Table, rows: pa.Table) -> pa.Table:
    """The rows as they are, for a lake that forgets nobody."""
    return rows


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in the canonical schemas. `log` gives the rows of the objects that this batch completes, from what became of its rows.

    `anywhere` are ids of events and notices that are looked for in the whole lake instead of the same days.
    """

    events: pa.Table
    notices: pa.Table
    dead_letters: pa.Table
    log: Callable[[Committed], pa.Table] = lambda committed: INGEST_LOG.schema.empty_table()
    anywhere: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Committed:
    """One Standing per input row of each table."""

    events: NDArray[np.int8]
    notices: NDArray[np.int8]
    dead_letters: NDArray[np.int8]


def commit(
    lake: Lake, batch: Batch, now: datetime, *, honour: Honouring = unchanged, checkpoint: Checkpoint = lambda point: None
) -> Committed:
    """What became of each row of the batch, once all of it is committed and published.

    `honour` is asked on the handle that is committed, so that no erasure can come in between. `checkpoint` is called with
    the name of each point passed: leased, <table>_written, <table>_committed for events, dead_letters and notices, then
    tagged, folded, messages_written, published, logged, <table>_merged and <table>_replaced for each table that is
    compacted, compacted, <table>_thinned. Raises ConflictError when other committers won every try: run the batch again
    then, nothing is lost or doubled.
    """
    with hold_lease(lake, "ingest"):
        checkpoint("leased")
        events, held = _append_new(lake, EVENTS, batch.events, batch.anywhere, honour, checkpoint)
        dead_letters, _ = _append_new(lake, DEAD_LETTERS, batch.dead_letters, batch.anywhere, honour, checkpoint)
        notices, _ = _append_new(lake, NOTICES, batch.notices, batch.anywhere, honour, checkpoint)
        message_days = publish(lake, now, checkpoint, held)
        del held
        committed = Committed(events, notices, dead_letters)
        log = batch.log(committed)
        log_objects(lake, log)
        checkpoint("logged")
        for table, rows in ((EVENTS, batch.events), (NOTICES, batch.notices), (DEAD_LETTERS, batch.dead_letters), (INGEST_LOG, log)):
            if rows.num_rows:
                compact(lake, table, days_of(rows, table), now, checkpoint)
        compact(lake, MESSAGES, message_days, now, checkpoint)
        checkpoint("compacted")
        thin(lake, now, checkpoint)
    gc.collect(0)  # some megabytes of it are in cycles: Python itself would look when there are many more (engagedb/process.py)
    return committed


def _append_new(
    lake: Lake, definition: canonical.Table, rows: pa.Table, anywhere: frozenset[str], honour: Honouring, checkpoint: Checkpoint
) -> tuple[NDArray[np.int8], Held | None]:
    """One Standing per row, and what the fold needs of the new rows if they are events."""
    if rows.num_rows == 0:
        return np.empty(0, np.int8), None

    def append() -> tuple[NDArray[np.int8], Held | None]:
        table = lake.table(definition.name)
        found = standings(lake, table, definition, rows, anywhere)
        new = np.flatnonzero(found == Standing.NEW)
        if not len(new):
            return found, None
        stored = honour(definition, rows)
        written = write_rows(table, definition, stored, new)
        transaction = stage_events(table, written) if definition is EVENTS else stage_change(table, written)
        checkpoint(f"{definition.name}_written")
        transaction.commit_transaction()
        checkpoint(f"{definition.name}_committed")
        if definition is EVENTS and not lacks_columns(table, EVENTS):  # else the files hold less than the rows
            return found, Held.of(stored, new, written)
        return found, None

    return swap(lake, f"the table {definition.name}", append)
