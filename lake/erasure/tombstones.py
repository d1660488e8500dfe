"""Tombstones in the lake: whom to forget, and rows that are about to be committed without them.

An erasure puts its tombstones before it looks for rows, and a committer asks for them after it has opened the table that
it commits on. So of the two, one always sees the other, with the lease or without it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.datafiles import newest_files, read_files, stage_change, write_rows
from lake.erasure.letters import emptied
from transforms.canonical import DEAD_LETTERS, ERASURES, TIMESTAMP, Table
from transforms.forget import AttentivePseudonymiser, Forgetter, TombstoneKind, Tombstones, forget

LetterCheck = Callable[[str, bytes], datetime | None]
"""Up to when letters are gone that name whom a sealed record, told with its id, names; None when nobody of them is."""

_NEVER: Final = object()
_LETTER: Final = ("dead_letter_id", "received_at", "sealed_record")


def put_tombstones(lake: Lake, stones: Collection[tuple[TombstoneKind, str]], erased_at: datetime, erasure_id: str) -> None:
    """Puts the tombstones in place of those with the same key; a lake without the table gets it."""
    if not lake.has_table(ERASURES.name):
        lake.complete()
    if not stones:
        return
    kinds, keys = zip(*sorted(set(stones), key=lambda stone: (str(stone[0]), stone[1])), strict=True)
    rows = pa.table(
        {
            "subject_key": pa.array(keys, pa.string()),
            "kind": pa.array([str(kind) for kind in kinds], pa.string()),
            "erased_at": pa.repeat(pa.scalar(erased_at, TIMESTAMP), len(keys)),
            "erasure_id": pa.repeat(pa.scalar(erasure_id, pa.string()), len(keys)),
        },
        schema=ERASURES.schema,
    )
    swap(lake, "the tombstones", lambda: _put(lake, rows))


def read_tombstones(lake: Lake) -> Tombstones:
    """Everybody whom the lake forgets; nobody in a lake without the table."""
    if not lake.has_table(ERASURES.name):
        return Tombstones()
    return _tombstones(read_files(lake, ERASURES, newest_files(lake.table(ERASURES.name))))


class Honour:
    """Takes forgotten persons out of rows that are about to be committed.

    Rows were made by the pseudonymiser, which shows its persons to the same forgetter (transforms/forget.py).
    """

    def __init__(self, lake: Lake, forgetter: Forgetter, pseudonymiser: AttentivePseudonymiser, letter_check: LetterCheck) -> None:
        self._lake = lake
        self._forgetter = forgetter
        self._pseudonymiser = pseudonymiser
        self._letter_check = letter_check
        self._seen: object = _NEVER
        self._messages = pa.array([], pa.string())

    def refresh(self) -> None:
        """Take up tombstones that were put since the last call."""
        table = self._lake.table(ERASURES.name) if self._lake.has_table(ERASURES.name) else None
        current = None if table is None else table.current_snapshot()
        head = None if current is None else current.snapshot_id
        if head == self._seen:
            return
        self._seen = head
        if table is None or current is None:
            return
        self._forgetter.tombstones = _tombstones(read_files(self._lake, ERASURES, newest_files(table)))
        self._messages = pa.array(sorted(self._forgetter.tombstones.messages), pa.string())
        self._pseudonymiser.meet_again()

    def __call__(self, definition: Table, rows: pa.Table) -> pa.Table:
        """The rows as they may be stored; the same ones when nobody is to be forgotten."""
        self.refresh()
        if not self._forgetter.tombstones or rows.num_rows == 0:
            return rows
        kept = forget(definition, rows, self._forgetter.gone, self._messages, self._pseudonymiser.opaque_id).rows
        return self._without_letters(kept) if definition is DEAD_LETTERS else kept

    def _without_letters(self, rows: pa.Table) -> pa.Table:
        """The dead letters; those that name a forgotten person are empty, unless they arrived after the erasure."""
        found = [self._is_gone(*letter) for letter in zip(*(rows[name].to_pylist() for name in _LETTER), strict=True)]
        return emptied(rows, pa.array(found, pa.bool_()), None) if any(found) else rows

    def _is_gone(self, letter_id: str, received_at: datetime | None, sealed: bytes) -> bool:
        until = self._letter_check(letter_id, sealed) if sealed else None
        return until is not None and (received_at is None or received_at <= until)


def _put(lake: Lake, rows: pa.Table) -> None:
    table = lake.table(ERASURES.name)
    files = newest_files(table)
    stored = read_files(lake, ERASURES, files)
    others = stored.filter(pc.invert(pc.is_in(stored["subject_key"], rows["subject_key"])))
    stage_change(table, write_rows(table, ERASURES, pa.concat_tables([others, rows])), files).commit_transaction()


def _tombstones(rows: pa.Table) -> Tombstones:
    is_message = pc.equal(rows["kind"], str(TombstoneKind.MESSAGE))
    persons = rows.filter(pc.invert(is_message))
    return Tombstones(
        dict(zip(persons["subject_key"].to_pylist(), persons["erased_at"].to_pylist(), strict=True)),
        frozenset(rows.filter(is_message)["subject_key"].to_pylist()),
    )
