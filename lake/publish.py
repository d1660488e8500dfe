"""Publishing: one snapshot of messages that covers all events so far and names the events snapshot it covers.

Each events snapshot is tagged before it is published, so that no expiry of another program can take it from readers.
lake/thin.py keeps the number of tags and snapshots small while batches are committed; `engagedb maintain` removes those
that were superseded more than 24 hours ago, and sweeps their files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.datafiles import day_of, stage_change, write_parts
from lake.fold import Held, fold_changes
from lake.snapshot import EVENTS_SNAPSHOT, PUBLISHED_AT, is_of_earlier_version, published_events
from lake.tables import lacks_columns
from transforms.canonical import EVENTS, MESSAGES

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table, Transaction

PUBLISH_TAG: Final = "published-"


def publish(lake: Lake, now: datetime, checkpoint: Callable[[str], None] = lambda point: None, held: Held | None = None) -> set[date]:
    """The days of messages that were rewritten: folds what changed since the last publication and publishes the pair.

    Nothing happens when no event changed, unless an earlier version folded the messages: then all are folded anew. When
    events changed and no message did, the pair is published all the same: readers see events only through a pair.
    Events that are `held` are not read again.
    """
    return swap(lake, "the table messages", lambda: _publish_once(lake, now, checkpoint, held))


def pair_summary(events_snapshot: int, now: datetime) -> dict[str, str]:
    """Summary that every snapshot of messages carries, also those of compaction and erasure."""
    return {EVENTS_SNAPSHOT: str(events_snapshot), PUBLISHED_AT: now.isoformat(timespec="seconds")}


def tag_snapshot(events: Table, snapshot: int) -> None:
    """Protects the events snapshot from expiry; the handle follows the tag."""
    from pyiceberg.table.update.snapshot import ManageSnapshots

    from lake.transaction import CachedTransaction

    name = f"{PUBLISH_TAG}{snapshot}"
    if name not in events.refs():
        transaction = CachedTransaction(events)
        ManageSnapshots(transaction).create_tag(snapshot, name).commit()
        transaction.commit_transaction()


def stage_events(events: Table, added: Collection[DataFile], removed: Collection[DataFile] = ()) -> Transaction:
    """One staged snapshot of events and its tag, in one commit."""
    from pyiceberg.table.update.snapshot import ManageSnapshots

    transaction = stage_change(events, added, removed)
    snapshot = transaction.table_metadata.current_snapshot_id
    assert snapshot is not None
    ManageSnapshots(transaction).create_tag(snapshot, f"{PUBLISH_TAG}{snapshot}").commit()
    return transaction


def _publish_once(lake: Lake, now: datetime, checkpoint: Callable[[str], None], held: Held | None) -> set[date]:
    messages = lake.table(MESSAGES.name)  # before events: then its published snapshot is an ancestor of their head
    if lacks_columns(messages, MESSAGES):
        lake.complete()
        messages = lake.table(MESSAGES.name)
    events = lake.table(EVENTS.name)
    head = events.current_snapshot()
    if head is None or (head.snapshot_id == published_events(messages) and not is_of_earlier_version(messages)):
        return set()
    tag_snapshot(events, head.snapshot_id)
    checkpoint("tagged")
    fold = fold_changes(lake, messages, events, held)
    checkpoint("folded")
    written = write_parts(messages, MESSAGES, fold.by_file(lake, messages, now))
    transaction = stage_change(messages, written, fold.replaced, pair_summary(head.snapshot_id, now))
    checkpoint("messages_written")
    transaction.commit_transaction()
    checkpoint("published")
    return {day for file in written if (day := day_of(file)) is not None}
