"""Which records are late: their event lies behind the watermark of its source and account by more than is allowed.

An object is judged against what was read before it, never against itself, and not against what an interrupted run stored
of objects that are still to come. So a run that was stopped and runs again counts what an undisturbed one counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ingest.batch import Portion
from lake.catalog import Lake
from lake.watermark import watermarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1) // _MICROSECOND


class Lateness:
    """Judges the records of one object after another; times are microseconds since 1970.

    The lake is asked only for the days from which an event of the past could be late, and for no day twice.
    """

    def __init__(self, lake: Lake, allowed: timedelta) -> None:
        self._lake = lake
        self._allowed = allowed // _MICROSECOND
        self._to_come: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """Start anew from what the lake holds: something that was read is not going to be committed."""
        self._watermarks: dict[tuple[str, str | None], int] = {}
        self._known_from: int | None = None
        self._step = _DAY
        self._own: dict[tuple[str, str | None], int] = {}
        self._number: int | None = None  # of the object that is judged
        self._dropped: set[int] = set()

    def expect(self, objects: Iterable[str]) -> None:
        """Name the objects to come, as rows name them in `source_object`."""
        self._to_come = set(objects)

    def drop(self, number: int) -> None:
        """Let that object count for nothing: it was not read to its end."""
        self._dropped.add(number)

    def late(self, portion: Portion) -> NDArray[np.bool_]:
        """Which of the records are late; portions come in the order of reading."""
        late = np.zeros(len(portion), bool)
        events, owners = portion.tables["events"], portion.owners["events"]
        keys = zip(events["source"].to_pylist(), events["account_id"].to_pylist(), strict=True)
        times, read_at = (events[name].cast(pa.int64()).to_pylist() for name in ("event_time", "ingested_at"))
        numbers = portion.objects[owners].tolist()
        for key, time, now, number, owner in zip(keys, times, read_at, numbers, owners.tolist(), strict=True):
            if number != self._number:
                self._end(number)
            if time <= now and ((newest := self._own.get(key)) is None or time > newest):
                self._own[key] = time
            limit = time + self._allowed
            if self._known_from is None or limit < self._known_from:
                self._look_back(limit)
            if (mark := self._watermarks.get(key)) is not None and limit < mark:
                late[owner] = True
        return late

    def _end(self, number: int) -> None:
        """Let what the object held count for those after it, now that the next one begins."""
        if self._number not in self._dropped:
            for key, newest in self._own.items():
                self._raise(key, newest)
        self._own, self._number = {}, number

    def _look_back(self, moment: int) -> None:
        """Learn the watermarks of the days from that moment on; ever more days at once, so that few looks reach any day."""
        first, before = moment // _DAY * _DAY, self._known_from
        if before is not None:
            first, self._step = min(first, before - self._step), self._step * 2
        for key, newest in watermarks(self._lake, _date(first), None if before is None else _date(before), self._to_come).items():
            self._raise(key, (newest - _EPOCH) // _MICROSECOND)
        self._known_from = first

    def _raise(self, key: tuple[str, str | None], newest: int) -> None:
        if (mark := self._watermarks.get(key)) is None or newest > mark:
            self._watermarks[key] = newest


def _date(moment: int) -> date:
    return (_EPOCH + moment * _MICROSECOND).date()
