"""Which records are late: their event lies behind the watermark of its source and account by more than is allowed.

An object is judged against what was read before it, never against itself, and not against what an interrupted run stored
of objects that are still to come. So a run that was stopped and runs again counts what an undisturbed one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from lake.catalog import Lake
from lake.watermark import Watermarks, watermarks
from transforms.normalize import Row


class Lateness:
    """Judges the records of one object after another.

    The lake is asked only for the days from which an event of the past could be late, and for no day twice.
    """

    def __init__(self, lake: Lake, allowed: timedelta) -> None:
        self._lake = lake
        self._allowed = allowed
        self._to_come: set[str] = set()
        self._own: Watermarks = {}
        self.forget()

    def forget(self) -> None:
        """Start anew from what the lake holds: something that was read is not going to be committed."""
        self._watermarks: Watermarks = {}
        self._known_from: date | None = None
        self._step = timedelta(days=1)

    def expect(self, objects: Iterable[str]) -> None:
        """Name the objects to come, as rows name them in `source_object`."""
        self._to_come = set(objects)

    def begin(self) -> None:
        """Begin an object."""
        self._own = {}

    def end(self) -> None:
        """Let what the object held count for those after it, now that it was read to its end."""
        for key, newest in self._own.items():
            self._raise(key, newest)

    def is_late(self, rows: Sequence[Row]) -> bool:
        """True when an event of the record is late."""
        is_late = False
        for row in rows:
            if row.kind != "event":
                continue
            values = row.values
            key, time = (values["source"], values.get("account_id")), values["event_time"]
            if time <= values["ingested_at"] and ((newest := self._own.get(key)) is None or time > newest):
                self._own[key] = time
            limit = time + self._allowed
            if self._known_from is None or limit.date() < self._known_from:
                self._look_back(limit)
            is_late |= (mark := self._watermarks.get(key)) is not None and limit < mark
        return is_late

    def _look_back(self, moment: datetime) -> None:
        """Learn the watermarks of the days from that moment on; ever more days at once, so that few looks reach any day."""
        first = moment.astimezone(UTC).date()
        if self._known_from is not None:
            first, self._step = min(first, self._known_from - self._step), self._step * 2
        for key, newest in watermarks(self._lake, first, self._known_from, self._to_come).items():
            self._raise(key, newest)
        self._known_from = first

    def _raise(self, key: tuple[str, str | None], newest: datetime) -> None:
        if (mark := self._watermarks.get(key)) is None or newest > mark:
            self._watermarks[key] = newest
