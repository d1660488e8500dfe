"""Old snapshots go, by the time since they were superseded and never by their age.

A snapshot that was the newest one until a moment ago may have readers, however old it is. The published pair stays; so
does every snapshot that something else than a publication tagged (a training set, an export), and with a snapshot of
messages the snapshot of events that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.lease import hold_lease
from lake.publish import PUBLISH_TAG
from lake.thin import drop_snapshots, named_events
from transforms import canonical
from transforms.canonical import EVENTS, MESSAGES

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Keeping:
    """A snapshot expires when it was superseded longer than `superseded_for` ago and is not among the `newest`."""

    superseded_for: timedelta
    newest: int = 1


@dataclass(frozen=True, slots=True)
class Expiry:
    """Snapshots of one table that go, the publish tags that go with them, and how many snapshots stay."""

    snapshots: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    kept: int = 0


def expire(
    lake: Lake, keeping: Keeping, now: datetime, *, dry_run: bool = False, checkpoint: Callable[[str], None] = lambda point: None
) -> dict[str, Expiry]:
    """What was expired of each table, or would be. Checkpoints: <table>_expired.

    Messages go first: what the remaining ones name is kept among the events, so a stop in between keeps too much and
    never too little.
    """
    done: dict[str, Expiry] = {}
    names = [MESSAGES.name, *(name for name in canonical.TABLES if name != MESSAGES.name and lake.has_table(name))]
    for name in names:
        gone = done[MESSAGES.name].snapshots if done else frozenset()
        done[name] = plan_expiry(lake, name, keeping, now, gone)
        if not dry_run and done[name].snapshots:
            done[name] = swap(lake, f"the table {name}", partial(_expire_once, lake, name, keeping, now))
            checkpoint(f"{name}_expired")
    return done


def plan_expiry(lake: Lake, name: str, keeping: Keeping, now: datetime, gone: Collection[int] = frozenset()) -> Expiry:
    """What of the table may go now; `gone` are snapshots of messages that will be gone by then."""
    return _plan(lake, lake.table(name), keeping, now, gone)


def superseded_at(snapshots: Collection[Snapshot]) -> Mapping[int, datetime]:
    """When each snapshot stopped being the newest one; the newest itself is absent."""
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.sequence_number or 0)
    moments: dict[int, datetime] = {}
    latest = 0  # of a committer whose clock is behind the one before it
    for before, after in pairwise(ordered):
        latest = max(latest, after.timestamp_ms)
        moments[before.snapshot_id] = datetime.fromtimestamp(latest / 1000, UTC)
    return moments


def _expire_once(lake: Lake, name: str, keeping: Keeping, now: datetime) -> Expiry:
    with hold_lease(lake, "maintain"):
        table = lake.table(name)
        found = _plan(lake, table, keeping, now)
        if found.snapshots:
            drop_snapshots(table, found.snapshots)
    return found


def _plan(lake: Lake, table: Table, keeping: Keeping, now: datetime, gone: Collection[int] = frozenset()) -> Expiry:
    snapshots = table.snapshots()
    moments = superseded_at(snapshots)
    named = _named_by_messages(lake, gone) if table.name()[-1] == EVENTS.name else set()  # loaded after events: none is missed
    newest = {s.snapshot_id for s in sorted(snapshots, key=lambda s: s.sequence_number or 0)[-max(1, keeping.newest) :]}
    held = {ref.snapshot_id for name, ref in table.refs().items() if not name.startswith(PUBLISH_TAG)}
    going = frozenset(
        identity for identity, moment in moments.items() if now - moment > keeping.superseded_for and identity not in named | newest | held
    )
    tags = frozenset(name for name, ref in table.refs().items() if ref.snapshot_id in going)
    return Expiry(going, tags, len(snapshots) - len(going))


def _named_by_messages(lake: Lake, gone: Collection[int]) -> set[int]:
    """The snapshots of events that a snapshot of messages publishes, but for those in `gone`."""
    return named_events([s for s in lake.table(MESSAGES.name).snapshots() if s.snapshot_id not in gone])
