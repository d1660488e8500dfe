"""Events and messages without the subjects: rewritten on one handle each and published as one pair.

Only the columns that name persons are read of all files; only files that hold a subject are written anew. The message
keys of the subjects stay, so that every message is still one row, folded from the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.connect import connect
from lake.datafiles import FILE_COLUMN, dataset_path, newest_files, read_files, scan_files, stage_change, write_parts, write_rows
from lake.erasure.tombstones import put_tombstones
from lake.fold import fold_keys
from lake.publish import pair_summary, publish, tag_snapshot
from lake.snapshot import published_events
from transforms import canonical
from transforms.canonical import EVENTS, MESSAGES
from transforms.forget import Gone, TombstoneKind, forget, names_gone, searched_columns
from transforms.subjects import FOUND_BY

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

_NAMED: Final = tuple(name for name in FOUND_BY if name in EVENTS.names)

ERASURE: Final = "engagedb.erasure"
"""Summary property of snapshots that an erasure made: its id."""

Checkpoint = Callable[[str], None]


@dataclass(slots=True)
class Work:
    """One erasure under way: what every table needs to know, and what was found so far."""

    lake: Lake
    erasure_id: str
    now: datetime
    gone: Gone
    pseudonyms: frozenset[str]
    opaque_id: Callable[[str], str]
    dry_run: bool
    checkpoint: Checkpoint
    tell: Callable[[float], None]
    found: set[str] = field(default_factory=set)  # pseudonyms
    places: dict[str, set[int]] = field(default_factory=dict)  # landing objects and offsets

    @property
    def summary(self) -> dict[str, str]:
        return {ERASURE: self.erasure_id}

    def note_places(self, rows: pa.Table) -> None:
        """Keep where these rows came from."""
        for place, offset in zip(rows["source_object"].to_pylist(), rows["source_offset"].to_pylist(), strict=True):
            if place is not None:
                self.places.setdefault(place, set()).add(offset)


@dataclass(frozen=True, slots=True)
class Emptied:
    """What an erasure did to one table: rows about a subject, other rows that named one, files written anew."""

    rows_erased: int = 0
    rows_cleaned: int = 0
    files_rewritten: int = 0


def erase_pair(work: Work) -> dict[str, Emptied]:
    """What was done to events and messages; try again from the start when another committer was faster."""
    from pyiceberg.exceptions import CommitFailedException

    lake = work.lake
    if not work.dry_run:
        publish(lake, work.now)
        work.checkpoint("published")
    messages, events = lake.table(MESSAGES.name), lake.table(EVENTS.name)
    head = events.current_snapshot()
    if head is None:
        return {EVENTS.name: Emptied(), MESSAGES.name: Emptied()}
    if head.snapshot_id != published_events(messages) and not work.dry_run:
        raise CommitFailedException("other events were committed since the publication")
    files = newest_files(events)
    keys, paths = _find(work, files)
    if not work.dry_run:
        put_tombstones(lake, [(TombstoneKind.MESSAGE, key) for key in keys.to_pylist()], work.now, work.erasure_id)
        work.checkpoint("messages_named")
    stale, written, done, touched = _rewrite(work, events, files, paths, keys)
    if work.dry_run or not stale:
        return {EVENTS.name: done, MESSAGES.name: Emptied(len(keys), 0, 0) if work.dry_run else Emptied()}
    transaction = stage_change(events, written, stale, work.summary)
    work.checkpoint("events_rewritten")
    transaction.commit_transaction()
    work.checkpoint("events_erased")
    head = events.current_snapshot()
    assert head is not None
    tag_snapshot(events, head.snapshot_id)
    fold = fold_keys(lake, messages, events, touched)
    new = write_parts(messages, MESSAGES, fold.by_file(lake, messages, work.now))
    transaction = stage_change(messages, new, fold.replaced, pair_summary(head.snapshot_id, work.now) | work.summary)
    work.checkpoint("messages_rewritten")
    transaction.commit_transaction()
    work.checkpoint("messages_erased")
    return {EVENTS.name: done, MESSAGES.name: Emptied(len(keys), len(fold.keys) - len(keys), len(fold.replaced))}


def _find(work: Work, files: list[DataFile]) -> tuple[pa.Array, set[str]]:
    """The keys of the subjects' messages, and the files that hold rows about subjects."""
    with connect() as connection:
        connection.register("subject", pa.table({"pseudonym": pa.array(sorted(work.pseudonyms), pa.string())}))
        connection.register("ids", scan_files(work.lake, EVENTS, files, [*_NAMED, "message_key", FILE_COLUMN]))
        named = " or ".join(f"{column} in (select pseudonym from subject)" for column in _NAMED)
        connection.execute(f"create temp table own as select * from ids where {named}")
        keys = connection.sql("select distinct message_key from own where message_key is not null").to_arrow_table()
        connection.register("keys", keys)
        connection.register("nobody", scan_files(work.lake, EVENTS, files, ["message_key", FILE_COLUMN], pc.field(_NAMED[0]).is_null()))
        paths = {path for (path,) in connection.sql(
            "select data_file from own union select data_file from nobody semi join keys using (message_key)"
        ).fetchall()}  # fmt: skip
        for column in _NAMED:
            work.found.update(
                name for (name,) in connection.sql(f"select {column} from own where {column} in (select pseudonym from subject)").fetchall()
            )
    return keys["message_key"].combine_chunks(), paths


def _rewrite(
    work: Work, events: Table, files: list[DataFile], paths: set[str], keys: pa.Array
) -> tuple[list[DataFile], list[DataFile], Emptied, pa.Array]:
    """The files that held subjects, the files in their place, the counts, and the keys of the messages that changed."""
    stale: list[DataFile] = []
    written: list[DataFile] = []
    touched = [keys]
    erased = cleaned = 0
    for number, file in enumerate(files):
        work.tell(number / len(files))
        if dataset_path(work.lake, file) not in paths and not names_subject(work, EVENTS, file):
            continue
        rows = read_files(work.lake, EVENTS, [file])
        kept = forget(EVENTS, rows, work.gone, keys, work.opaque_id)
        if not kept.changed:
            continue
        erased, cleaned = erased + int(kept.own.sum()), cleaned + int(kept.naming.sum())
        changed = rows.select(["source_object", "source_offset", "message_key"]).filter(pa.array(kept.own | kept.naming))
        work.note_places(changed)
        touched.append(changed["message_key"].drop_null().unique())
        stale.append(file)
        if not work.dry_run:
            written += write_rows(events, EVENTS, kept.rows)
    return stale, written, Emptied(erased, cleaned, len(stale)), pa.concat_arrays(touched).unique()


def names_subject(work: Work, definition: canonical.Table, file: DataFile, others: Sequence[str] = ()) -> bool:
    """Whether a text of the file, or one of these other columns, holds a subject's pseudonym."""
    columns = [*searched_columns(definition), *others]
    for batch in scan_files(work.lake, definition, [file], columns):
        part = pa.table(batch)
        if names_gone([part[name] for name in columns], work.gone):
            return True
    return False
