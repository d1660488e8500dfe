"""The erasure of persons from a whole lake: tombstones first, then every table, then old snapshots.

Run again after a stop anywhere, it ends the same: tombstones are put in place of equal ones, and each table is changed
in one commit that either stands or does not. Readers follow the published pair and see a message with all of its person
or with none of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.erasure.pair import Checkpoint, Emptied, Work, erase_pair
from lake.erasure.snapshots import READERS, Holder, holders
from lake.erasure.tables import erase_table, letters_naming
from lake.erasure.tombstones import put_tombstones, read_tombstones
from lake.lease import hold_lease
from lake.maintenance.expire import Keeping, expire
from lake.maintenance.sweep import sweep
from transforms import canonical
from transforms.canonical import DEAD_LETTERS, ERASURES, EVENTS, MESSAGES
from transforms.pseudonyms import Keyring, Pseudonymiser
from transforms.subject import Subject

LetterSearch = Callable[[str, bytes], bool | None]
"""Whether the sealed record of a dead letter, told with its id, names a subject; None when nobody can tell."""

_ALWAYS: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Erasure:
    """What an erasure did, or would do. `places` are the landing objects, by their redacted names, with offsets."""

    erasure_id: str
    erased_at: datetime
    dry_run: bool
    subjects: int
    subjects_found: int = 0
    subject_keys: list[str] = field(default_factory=list)
    tables: dict[str, Emptied] = field(default_factory=dict)
    letters_searched: int = 0
    letters_unreadable: int = 0
    snapshots_expired: int = 0
    holders: list[Holder] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)


def erase_subjects(
    lake: Lake,
    keyring: Keyring,
    subjects: Sequence[Subject],
    letter_search: LetterSearch,
    *,
    now: datetime,
    dry_run: bool = False,
    checkpoint: Checkpoint = lambda point: None,
    tell: Callable[[float], None] = lambda share: None,
) -> Erasure:
    """What was erased of the subjects. Waits for the lease and holds it until every table is done.

    Checkpoints, in this order: leased, erasures_committed, published, messages_named, events_rewritten, events_erased,
    messages_rewritten, messages_erased; then <table>_rewritten and <table>_erased for notices, dead_letters, ingest_log
    and backfills where they hold a subject; then those of lake/maintenance/expire.py and sweep.py. Tables that hold no
    subject pass none of theirs but messages_named. `tell` gets the share of the events that is done.
    """
    lake.check_key(keyring)
    pseudonyms = frozenset(name for subject in subjects for name in subject.pseudonyms)
    stones = [stone for subject in subjects for stone in subject.tombstones]
    done = Erasure(uuid.uuid4().hex, now, dry_run, len(subjects), subject_keys=sorted({subject.tombstones[0][1] for subject in subjects}))
    gone = dict.fromkeys(pseudonyms, _ALWAYS)
    work = Work(lake, done.erasure_id, now, gone.get, pseudonyms, Pseudonymiser(keyring).opaque_id, dry_run, checkpoint, tell)
    named = {key for _, key in stones}
    earlier = [moment for key, moment in read_tombstones(lake).persons.items() if key in named]
    if dry_run:
        _erase(work, done, letter_search)
    else:
        with hold_lease(lake, "erasure"):
            checkpoint("leased")
            put_tombstones(lake, stones, now, done.erasure_id)
            checkpoint("erasures_committed")
            _erase(work, done, letter_search)
        expired = expire(lake, Keeping(READERS), now, checkpoint=checkpoint)
        done.snapshots_expired = sum(len(expiry.snapshots) for expiry in expired.values())
        if done.snapshots_expired:
            sweep(lake, now, checkpoint=checkpoint)
    done.subjects_found = sum(not subject.pseudonyms.isdisjoint(work.found) for subject in subjects)
    done.places = {place: sorted(offsets) for place, offsets in sorted(work.places.items())}
    if not dry_run:
        done.holders = holders(lake, max(earlier, default=None))
    return done


def _erase(work: Work, done: Erasure, letter_search: LetterSearch) -> None:
    lake = work.lake
    done.tables = swap(lake, "events and messages", lambda: erase_pair(work))
    work.tell(1.0)
    for name, definition in canonical.TABLES.items():
        if name in (EVENTS.name, MESSAGES.name, ERASURES.name) or not lake.has_table(name):
            continue
        letters: list[str] = []
        if definition is DEAD_LETTERS:
            letters, done.letters_searched, done.letters_unreadable = letters_naming(work, letter_search)
        done.tables[name] = swap(lake, f"the table {name}", partial(erase_table, work, definition, letters))
