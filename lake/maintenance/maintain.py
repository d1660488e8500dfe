"""The upkeep of a lake: what is due is retained, joined, compacted, expired and swept, in this order.

Each step is a commit of its own under the lease, or none, so that ingests take their turn in between, a stop between
any two steps leaves a whole lake, and the next run goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from engagedb.errors import ConfigurationError
from lake.catalog import Lake
from lake.compact import compact, gather_manifests, stale_files
from lake.compare_and_swap import swap
from lake.datafiles import newest_files, stage_change, write_parts
from lake.fold import Fold, fold_apart
from lake.lease import hold_lease
from lake.maintenance.expire import Expiry, Keeping, expire
from lake.maintenance.retain import Retained, retain
from lake.maintenance.sweep import Swept, sweep
from lake.publish import pair_summary, publish
from lake.snapshot import published_events
from transforms import canonical
from transforms.canonical import EVENTS, MESSAGES

if TYPE_CHECKING:
    from pyiceberg.table import Table

Checkpoint = Callable[[str], None]

FEW_FILES: Final = 4  # that a day may have; ingests leave up to MOST_FILES, which cost less to write than to read
READERS: Final = timedelta(hours=24)  # how long a reader may go on with what he opened


@dataclass(frozen=True, slots=True)
class Compaction:
    """Data files of one table before and after; a dry run tells the fewest that it may become."""

    days: int
    files_before: int
    files_after: int


@dataclass(slots=True)
class Maintained:
    """What was done, or would be in a dry run, by table."""

    dry_run: bool
    retained: dict[str, Retained] = field(default_factory=dict)
    joined: int = 0
    compacted: dict[str, Compaction] = field(default_factory=dict)
    expired: dict[str, Expiry] = field(default_factory=dict)
    swept: dict[str, Swept] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object that `engagedb maintain --json` prints."""
        names = [name for name in canonical.TABLES if name in self.swept]
        return {
            "dry_run": self.dry_run,
            "joined_messages": self.joined,
            "tables": {
                name: {
                    "rows_retired": self.retained[name].rows if name in self.retained else 0,
                    "kept_from": self.retained[name].before if name in self.retained else None,
                    "days_compacted": self.compacted[name].days,
                    "files_before": self.compacted[name].files_before,
                    "files_after": self.compacted[name].files_after,
                    "snapshots_expired": len(self.expired[name].snapshots),
                    "snapshots_kept": self.expired[name].kept,
                    "tags_deleted": len(self.expired[name].tags),
                    "orphans_swept": self.swept[name].files,
                    "bytes_swept": self.swept[name].size_bytes,
                }
                for name in names
            },
        }


def maintain(
    lake: Lake,
    now: datetime,
    *,
    keep: timedelta = READERS,
    keep_newest: int = 1,
    dry_run: bool = False,
    checkpoint: Checkpoint = lambda point: None,
) -> Maintained:
    """What was done. Snapshots that were superseded within `keep` stay, and so do the `keep_newest` newest of each table.

    Checkpoints: published, then those of retain.py, messages_joined, those of lake/compact.py, expire.py and
    sweep.py. Raises ConfigurationError for a `keep` that would take snapshots from readers.
    """
    if keep < READERS:
        raise ConfigurationError("Snapshots are kept for 24 hours at least after they were superseded: readers may still use them.")
    done = Maintained(dry_run)
    if not dry_run:
        with hold_lease(lake, "maintain"):
            publish(lake, now)
        checkpoint("published")
    done.retained = retain(lake, lake.settings.retention_days, now, dry_run=dry_run, checkpoint=checkpoint)
    done.joined = join_messages(lake, now, dry_run=dry_run, checkpoint=checkpoint)
    names = [name for name in canonical.TABLES if lake.has_table(name)]
    done.compacted = {name: compact_days(lake, name, now, dry_run=dry_run, checkpoint=checkpoint) for name in names}
    done.expired = expire(lake, Keeping(keep, keep_newest), now, dry_run=dry_run, checkpoint=checkpoint)
    gone = {name: expiry.snapshots for name, expiry in done.expired.items()}
    done.swept = sweep(lake, now, expired=gone, dry_run=dry_run, checkpoint=checkpoint)
    return done


def join_messages(lake: Lake, now: datetime, *, dry_run: bool = False, checkpoint: Checkpoint = lambda point: None) -> int:
    """How many messages stood in several rows and are one row each now, such as a message and feedback that came months later."""
    if dry_run:
        return len(_find_apart(lake)[2].keys)
    with hold_lease(lake, "maintain"):
        return swap(lake, "the table messages", lambda: _join_once(lake, now, checkpoint))


def compact_days(lake: Lake, name: str, now: datetime, *, dry_run: bool = False, checkpoint: Checkpoint = lambda point: None) -> Compaction:
    """The compaction of each day of the table that has more than FEW_FILES files, one commit a day."""
    definition = canonical.TABLES[name]
    before = newest_files(lake.table(name))
    stale = stale_files(before, FEW_FILES)
    if dry_run:
        return Compaction(len(stale), len(before), len(before) - sum(len(files) - 1 for files in stale.values()))
    for day in sorted(stale, key=str):
        days: Collection[date] | None = None if day is None else [day]
        count, left = len(newest_files(lake.table(name), days)) + 1, stale[day]
        while left and len(left) < count:  # a stalled step, when others commit without the lease, is left to the next run
            count = len(left)
            with hold_lease(lake, "maintain"):
                if definition is EVENTS:
                    publish(lake, now)  # events are compacted only while all of them are published
                compact(lake, definition, days, now, checkpoint, most=FEW_FILES)
            left = stale_files(newest_files(lake.table(name), days), FEW_FILES).get(day, [])
    if definition is MESSAGES:
        with hold_lease(lake, "maintain"):
            gather_manifests(lake, now)
    return Compaction(len(stale), len(before), len(newest_files(lake.table(name))))


def _find_apart(lake: Lake) -> tuple[Table, Table, Fold]:
    messages = lake.table(MESSAGES.name)
    events = lake.table(EVENTS.name)
    return messages, events, fold_apart(lake, messages, events)


def _join_once(lake: Lake, now: datetime, checkpoint: Checkpoint) -> int:
    from pyiceberg.exceptions import CommitFailedException

    publish(lake, now)
    messages, events, fold = _find_apart(lake)
    covered, head = published_events(messages), events.current_snapshot()
    if not fold.replaced or covered is None:
        return 0
    if head is None or head.snapshot_id != covered:
        raise CommitFailedException("other events were committed since the publication")
    written = write_parts(messages, MESSAGES, fold.by_file(lake, messages, now))
    stage_change(messages, written, fold.replaced, pair_summary(covered, now)).commit_transaction()
    checkpoint("messages_joined")
    return len(fold.keys)
