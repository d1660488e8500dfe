"""Snapshots thinned out while a lake is written to, so that a commit a minute does not make each commit slower.

Of the snapshots that were superseded more than SPACING ago those stay that were the newest at a multiple of SPACING: a
hundred and forty-four a day, until `engagedb maintain` expires them. No reader loses a file. Files that stood longer
than SPACING are in a snapshot that stays. The others were new when they were superseded, and the sweep leaves what is
younger than its safety age, which is SPACING and more above the time that readers have (lake/maintenance/sweep.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.publish import PUBLISH_TAG
from lake.snapshot import EVENTS_SNAPSHOT
from transforms.canonical import EVENTS, INGEST_LOG, MESSAGES

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

SPACING: Final = timedelta(minutes=10)
WORTHWHILE: Final = 16  # snapshots that go in one commit


def thin(lake: Lake, now: datetime, checkpoint: Callable[[str], None] = lambda point: None) -> None:
    """Drops what may go of the tables that each commit changes. Needs the lease. Checkpoints: <table>_thinned.

    Messages come first: what the remaining ones name stays among the events.
    """
    for name in (MESSAGES.name, EVENTS.name, INGEST_LOG.name):
        if swap(lake, f"the table {name}", partial(_thin_once, lake, name, now)):
            checkpoint(f"{name}_thinned")


def between(snapshots: Collection[Snapshot], now: datetime) -> set[int]:
    """Those that were superseded more than SPACING ago and were never the newest at a multiple of SPACING."""
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.sequence_number or 0)
    spacing_ms = SPACING // timedelta(milliseconds=1)
    recent = int(now.timestamp() * 1000) - spacing_ms
    return {
        before.snapshot_id
        for before, after in pairwise(ordered)
        if before.timestamp_ms // spacing_ms == after.timestamp_ms // spacing_ms and after.timestamp_ms < recent
    }


def _thin_once(lake: Lake, name: str, now: datetime) -> bool:
    table = lake.table(name)
    going = between(table.snapshots(), now)
    if len(going) < WORTHWHILE:
        return False
    going -= {ref.snapshot_id for ref_name, ref in table.refs().items() if not ref_name.startswith(PUBLISH_TAG)}
    if name == EVENTS.name:
        going -= named_events(lake.table(MESSAGES.name).snapshots())
    if len(going) < WORTHWHILE:
        return False
    drop_snapshots(table, going)
    return True


def drop_snapshots(table: Table, snapshots: Collection[int]) -> None:
    """Takes the snapshots and their tags from the table's metadata, in one commit."""
    from pyiceberg.exceptions import CommitFailedException
    from pyiceberg.table.update.snapshot import ExpireSnapshots, ManageSnapshots

    from lake.transaction import CachedTransaction

    transaction = CachedTransaction(table)
    names = [name for name, ref in table.refs().items() if ref.snapshot_id in snapshots]
    if names:
        tags = ManageSnapshots(transaction)
        for name in names:
            tags.remove_tag(name)
        tags.commit()
    ExpireSnapshots(transaction).by_ids(sorted(snapshots)).commit()
    try:
        transaction.commit_transaction()
    except ValueError:  # PyIceberg's way to say that another program expired one of them already
        raise CommitFailedException(f"Snapshots of {table.name()[-1]} are gone already") from None


def named_events(messages: Collection[Snapshot]) -> set[int]:
    """The snapshots of events that these snapshots of messages publish."""
    named = (snapshot.summary.additional_properties.get(EVENTS_SNAPSHOT) for snapshot in messages if snapshot.summary is not None)
    return {int(identity) for identity in named if identity}
