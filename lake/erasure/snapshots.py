"""Old snapshots that may still hold a subject, and when the next `engagedb maintain` takes them away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from lake.catalog import Lake
from lake.erasure.pair import ERASURE
from lake.maintenance.expire import Keeping, plan_expiry, superseded_at
from lake.snapshot import EVENTS_SNAPSHOT
from transforms import canonical
from transforms.canonical import ERASURES, EVENTS, MESSAGES

if TYPE_CHECKING:
    from pyiceberg.table.snapshots import Snapshot

READERS: Final = timedelta(hours=24)
_FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Holder:
    """A snapshot that may hold the subjects; `expires_after` is None while somebody's tag keeps it."""

    table: str
    snapshot_id: int
    expires_after: datetime | None


def holders(lake: Lake, before: datetime | None) -> list[Holder]:
    """The snapshots of each table that are older than its last erasure, messages first.

    `before` is when the same subjects were erased before: where the snapshot of that erasure is gone, what somebody's tag
    kept from before then still counts.
    """
    events = _ordered(lake, EVENTS.name)
    old_events = _before_last_erasure(events)
    clean = {s.snapshot_id for s in events} - {s.snapshot_id for s in old_events}
    messages = _ordered(lake, MESSAGES.name)
    old = {MESSAGES.name: [s for s in messages[:-1] if _named_events(s) not in clean] if old_events else [], EVENTS.name: old_events}
    for name in canonical.TABLES:
        if name not in old and name != ERASURES.name and lake.has_table(name):
            old[name] = _before_last_erasure(_ordered(lake, name))
    found: list[Holder] = []
    for name in old:
        going = {holder.snapshot_id for holder in found if holder.expires_after is not None}
        found += _of_table(lake, name, old[name], before, going)
    return found


def _of_table(lake: Lake, name: str, old: list[Snapshot], before: datetime | None, going: Collection[int]) -> list[Holder]:
    snapshots = _ordered(lake, name)
    if not old and before is None:
        return []
    free = plan_expiry(lake, name, Keeping(READERS), _FAR, going).snapshots
    if not old and before is not None:
        kept = [s for s in snapshots[:-1] if s.snapshot_id not in free and s.timestamp_ms < before.timestamp() * 1000]
        return [Holder(name, snapshot.snapshot_id, None) for snapshot in kept]
    moments = superseded_at(snapshots)
    return [Holder(name, s.snapshot_id, moments[s.snapshot_id] + READERS if s.snapshot_id in free else None) for s in old]


def _ordered(lake: Lake, name: str) -> list[Snapshot]:
    return sorted(lake.table(name).snapshots(), key=lambda snapshot: snapshot.sequence_number or 0)


def _before_last_erasure(snapshots: list[Snapshot]) -> list[Snapshot]:
    made = [place for place, snapshot in enumerate(snapshots) if _property(snapshot, ERASURE) is not None]
    return snapshots[: made[-1]] if made else []


def _named_events(snapshot: Snapshot) -> int | None:
    named = _property(snapshot, EVENTS_SNAPSHOT)
    return int(named) if named else None


def _property(snapshot: Snapshot, name: str) -> str | None:
    return None if snapshot.summary is None else snapshot.summary.additional_properties.get(name)
