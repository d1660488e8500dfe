"""Records that were read together: their rows as tables, which rows belong to which record, which records to which object.

Every record that enters leaves with exactly one fate, decided when the commit has said which rows were new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from ingest.columns import TableBuilder, cells_of
from ingest.tally import Tally
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, NOTICES, TABLES
from transforms.normalize import Row
from transforms.vocabulary import Fate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lake.commit import Batch, Committed

_COLLECTED: Final = (EVENTS, NOTICES, DEAD_LETTERS)
_FATES: Final = (Fate.DUPLICATE, Fate.NOTICE, Fate.EVENT, Fate.DEAD_LETTER)  # what applies to a record last is its own
_NOTICE, _EVENT, _DEAD_LETTER = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Portion:
    """Records in the order of reading. `owners` gives for each row of a table the place of its record here."""

    tables: dict[str, pa.Table]
    owners: dict[str, NDArray[np.int32]]
    objects: NDArray[np.int32]  # for each record the number of its object
    controls: Counter[int]  # housekeeping by the number of its object; it is no record here, for it has no rows
    anywhere: frozenset[str]

    def __len__(self) -> int:
        return len(self.objects)

    @property
    def size_bytes(self) -> int:
        """What the rows take in memory."""
        return sum(table.get_total_buffer_size() for table in self.tables.values())

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process the rows go as Arrow writes them, which costs a twentieth of Python's own way."""
        packed = {name: [part.serialize() for part in table.to_batches()] for name, table in self.tables.items()}
        return _unpacked, (packed, self.owners, self.objects, self.controls, self.anywhere)

    def batch(self, log: Callable[[Committed], pa.Table] = lambda committed: INGEST_LOG.schema.empty_table()) -> Batch:
        """The rows as they are committed."""
        from lake.commit import Batch  # not above: who only reads never needs what commits

        return Batch(**self.tables, log=log, anywhere=self.anywhere)

    def count(self, committed: Committed, tallies: Mapping[int, Tally], late: NDArray[np.bool_] | None = None) -> Counter[str]:
        """New rows by table; the tallies of the objects, by their numbers, get the fates of the records.

        A record's fate is the first that applies: event, notice, duplicate. A row stored before from the same place
        counts as its record's own, because an interrupted run wrote it. `late` tells which records came late.
        """
        from lake.deduplicate import Standing

        fates = np.zeros(len(self), np.int8)
        for fate, name in ((_NOTICE, "notices"), (_EVENT, "events")):
            fates[self.owners[name][getattr(committed, name) != Standing.DUPLICATE]] = fate
        fates[self.owners["dead_letters"]] = _DEAD_LETTER
        for fate, name in enumerate(_FATES):
            for tally, count in _by_tally(self.objects[fates == fate], tallies):
                tally.fates[name] += count
        for number, count in self.controls.items():
            if number in tallies:
                tallies[number].fates[Fate.CONTROL] += count
        refused = self.objects[self.owners["dead_letters"]].tolist()
        for number, reason in zip(refused, self.tables["dead_letters"]["reason"].to_pylist(), strict=True):
            if number in tallies:
                tallies[number].reasons[reason] += 1
        if late is not None:
            for tally, count in _by_tally(self.objects[late & (fates == _EVENT)], tallies):
                tally.late += count
        return Counter({name: int((getattr(committed, name) == Standing.NEW).sum()) for name in self.tables})


def _unpacked(packed: Mapping[str, Sequence[pa.Buffer]], *others: Any) -> Portion:
    tables = {}
    for name, parts in packed.items():
        schema = TABLES[name].schema
        tables[name] = pa.Table.from_batches([pa.ipc.read_record_batch(part, schema) for part in parts], schema=schema)
    return Portion(tables, *others)


def _by_tally(objects: NDArray[np.int32], tallies: Mapping[int, Tally]) -> Iterator[tuple[Tally, int]]:
    """How often each object is named, with its tally; those without one are left out."""
    for number, count in zip(*(found.tolist() for found in np.unique(objects, return_counts=True)), strict=True):
        if number in tallies:
            yield tallies[number], count


def joined(portions: Sequence[Portion]) -> Portion:
    """The records of all portions, one or more, in their order. Each column is one piece: rows taken of many join them each time."""
    starts = np.cumsum([0, *map(len, portions)])
    return Portion(
        {table.name: pa.concat_tables([portion.tables[table.name] for portion in portions]).combine_chunks() for table in _COLLECTED},
        {
            table.name: np.concatenate([portion.owners[table.name] + start for portion, start in zip(portions, starts, strict=False)])
            for table in _COLLECTED
        },
        np.concatenate([portion.objects for portion in portions]),
        sum((portion.controls for portion in portions), Counter()),
        frozenset().union(*(portion.anywhere for portion in portions)),
    )


class PortionBuilder:
    """Collects the rows of records, object after object."""

    def __init__(self) -> None:
        self._tables: Final = {table.name: TableBuilder(table) for table in _COLLECTED}
        self._number = 0
        self._start()

    def _start(self) -> None:
        self._owners: dict[str, list[int]] = {table.name: [] for table in _COLLECTED}
        self._objects: list[int] = []
        self._controls: Counter[int] = Counter()
        self._anywhere: set[str] = set()

    def __len__(self) -> int:
        return len(self._objects)

    def begin(self, number: int) -> None:
        """Let what is added from now on belong to the object of that number."""
        self._number = number

    def add_rows(self, rows: list[Row], *, anywhere: bool = False) -> None:
        """Keep a record that became rows; `anywhere` when their events may be stored under other times."""
        for row in rows:
            if anywhere or row.time_is_stated:
                self._anywhere.add(row.id)
            self._add("events" if row.kind == "event" else "notices", row.cells)
        self._objects.append(self._number)

    def add_dead_letter(self, letter: dict[str, Any]) -> None:
        """Keep a record that became a dead letter."""
        self._add("dead_letters", cells_of(letter, DEAD_LETTERS.names))
        self._objects.append(self._number)

    def add_control(self) -> None:
        """Count housekeeping of the envelopes."""
        self._controls[self._number] += 1

    def _add(self, table: str, cells: tuple[Any, ...]) -> None:
        self._tables[table].add(cells)
        self._owners[table].append(len(self._objects))

    def finish(self) -> Portion:
        """What was collected; the builder starts anew."""
        tables: dict[str, pa.Table] = {name: builder.finish() for name, builder in self._tables.items()}
        owners = {name: np.array(places, np.int32) for name, places in self._owners.items()}
        portion = Portion(tables, owners, np.array(self._objects, np.int32), self._controls, frozenset(self._anywhere))
        self._start()
        return portion
