"""Records that will be committed together: their rows as tables, and which rows belong to which record.

Every record that enters leaves with exactly one fate, decided when the commit has said which rows were new.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from ingest.columns import TableBuilder
from ingest.tally import Tally
from lake.commit import Batch, Committed
from lake.deduplicate import Standing
from transforms.canonical import DEAD_LETTERS, EVENTS, NOTICES
from transforms.normalize import Row
from transforms.vocabulary import Fate


@dataclass(frozen=True, slots=True)
class Member:
    """One record of the batch: whose tally counts it, and the indexes of its rows."""

    tally: Tally
    events: tuple[int, ...] = ()
    notices: tuple[int, ...] = ()
    reason: str | None = None  # of a dead letter
    is_late: bool = False  # an event of it is behind the watermark (ingest/lateness.py)


class BatchBuilder:
    """Collects the rows of records until the batch is committed."""

    def __init__(self) -> None:
        self._tables: Final = {table.name: TableBuilder(table) for table in (EVENTS, NOTICES, DEAD_LETTERS)}
        self._members: list[Member] = []
        self._anywhere: set[str] = set()

    def __len__(self) -> int:
        return len(self._members)

    def add_rows(self, tally: Tally, rows: list[Row], *, anywhere: bool = False, is_late: bool = False) -> None:
        """Keep a record that became rows; `anywhere` when their events may be stored under other times."""
        self._anywhere.update(row.id for row in rows if anywhere or row.time_is_stated)
        events = tuple(self._tables["events"].add(row.values) for row in rows if row.kind == "event")
        notices = tuple(self._tables["notices"].add(row.values) for row in rows if row.kind == "notice")
        self._members.append(Member(tally, events, notices, is_late=is_late))

    def add_dead_letter(self, tally: Tally, letter: dict[str, Any]) -> None:
        """Keep a record that became a dead letter."""
        self._tables["dead_letters"].add(letter)
        self._members.append(Member(tally, reason=letter["reason"]))

    def finish(self) -> tuple[Batch, list[Member]]:
        """The batch to commit and its records; the builder starts anew."""
        members, self._members = self._members, []
        anywhere, self._anywhere = frozenset(self._anywhere), set()
        tables: dict[str, pa.Table] = {name: builder.finish() for name, builder in self._tables.items()}
        return Batch(**tables, anywhere=anywhere), members


def count_fates(members: list[Member], committed: Committed) -> Counter[str]:
    """New rows by table; each record's fate is added to its tally.

    The first that applies: event, notice, duplicate. A row stored before from the same place counts as its record's own,
    because an interrupted run wrote it.
    """
    own = (Standing.NEW, Standing.RERUN)
    for member in members:
        if member.reason is not None:
            fate = Fate.DEAD_LETTER
            member.tally.reasons[member.reason] += 1
        elif any(committed.events[index] in own for index in member.events):
            fate = Fate.EVENT
            member.tally.late += member.is_late
        elif any(committed.notices[index] in own for index in member.notices):
            fate = Fate.NOTICE
        else:
            fate = Fate.DUPLICATE
        member.tally.fates[fate] += 1
    return Counter(
        {
            "events": int((committed.events == Standing.NEW).sum()),
            "notices": int((committed.notices == Standing.NEW).sum()),
            "dead_letters": int((committed.dead_letters == Standing.NEW).sum()),
        }
    )
