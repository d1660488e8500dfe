"""The tables beside the pair without the subjects: notices, dead letters, logs."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pyarrow as pa
import pyarrow.compute as pc

from lake.datafiles import FILE_COLUMN, dataset_path, newest_files, read_files, scan_files, stage_change, write_rows
from lake.dead_letters import find_dead_letters, portions
from lake.erasure.letters import emptied
from lake.erasure.pair import Emptied, Work, names_subject
from transforms.canonical import DEAD_LETTERS, Table
from transforms.forget import forget
from transforms.subjects import FOUND_BY, INDEX, Erased


def erase_table(work: Work, definition: Table, letters: Collection[str] = ()) -> Emptied:
    """What was done to one table, in one commit; `letters` are ids of dead letters that name a subject."""
    table = work.lake.table(definition.name)
    files = newest_files(table)
    paths = _files_of_letters(work, letters) if letters else set[str]()
    found_by = [name for name in FOUND_BY if name in definition.names]
    stale, written = [], []
    erased = cleaned = 0
    for file in files:
        if dataset_path(work.lake, file) not in paths and not names_subject(work, definition, file, found_by):
            continue
        rows = read_files(work.lake, definition, [file])
        kept = forget(definition, rows, work.gone, pa.array([], pa.string()), work.opaque_id)
        changed, own = kept.rows, kept.own
        if definition is DEAD_LETTERS:
            named = pc.is_in(rows["dead_letter_id"], pa.array(list(letters), pa.string()))
            changed = emptied(changed, named, work.now)
            own = named.to_numpy()
        naming = kept.naming & ~own
        if not (own | naming).any():
            continue
        erased, cleaned = erased + int(own.sum()), cleaned + int(naming.sum())
        if "source_offset" in rows.column_names:
            work.note_places(rows.filter(pa.array(own | naming)))
        stale.append(file)
        if not work.dry_run:
            if Erased.ROW in INDEX[definition.name].values():
                changed = changed.filter(pa.array(~own))
            written += write_rows(table, definition, changed)
    if stale and not work.dry_run:
        transaction = stage_change(table, written, stale, work.summary)
        work.checkpoint(f"{definition.name}_rewritten")
        transaction.commit_transaction()
        work.checkpoint(f"{definition.name}_erased")
    return Emptied(erased, cleaned, len(stale))


def letters_naming(work: Work, names_subject: Callable[[str, bytes], bool | None]) -> tuple[list[str], int, int]:
    """Ids of the dead letters whose record names a subject, how many were opened, and how many could not be."""
    heads = find_dead_letters(work.lake)
    found, opened, unreadable = list[str](), 0, 0
    for ids in portions(heads):
        rows = find_dead_letters(work.lake, ids=ids, with_records=True).select(["dead_letter_id", "sealed_record"])
        for letter_id, sealed in zip(rows["dead_letter_id"].to_pylist(), rows["sealed_record"].to_pylist(), strict=True):
            if not sealed:
                continue
            names = names_subject(letter_id, sealed)
            opened, unreadable = opened + (names is not None), unreadable + (names is None)
            if names:
                found.append(letter_id)
    return found, opened, unreadable


def _files_of_letters(work: Work, letters: Collection[str]) -> set[str]:
    files = newest_files(work.lake.table(DEAD_LETTERS.name))
    named = pc.field("dead_letter_id").isin(pa.array(list(letters), pa.string()))
    return set(scan_files(work.lake, DEAD_LETTERS, files, [FILE_COLUMN], named).read_all()[FILE_COLUMN].to_pylist())
