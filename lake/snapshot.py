"""The published pair: messages, and exactly the events that they were folded from.

Each snapshot of messages names in its summary the snapshot of events that it covers; committing it publishes both at
once. A reader who opens events at any other snapshot could see an event whose message does not know it yet.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from engagedb.errors import LakeError
from lake.catalog import Lake
from lake.datafiles import day_of, live_files
from lake.read_tables import readable_table
from transforms import canonical

if TYPE_CHECKING:
    from pyiceberg.table import Table

EVENTS_SNAPSHOT: Final = "engagedb.events-snapshot"
PUBLISHED_AT: Final = "engagedb.published-at"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A Parquet file that readers may open: its path (or s3:// URL), the UTC day whose rows it holds (None: of any day), its size."""

    path: str
    day: date | None
    size_bytes: int


class Published:
    """What readers see of a lake: the newest published pair, and the other tables as they are now.

    Opened once, it does not change while others commit.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        messages = readable_table(lake, canonical.MESSAGES.name)
        assert messages is not None
        if is_of_earlier_version(messages):
            raise LakeError(
                f"The messages of {lake.root} were folded by an earlier version of engagedb. Run engagedb maintain to fold them anew."
            )
        self.events_snapshot = published_events(messages)
        current = messages.current_snapshot()
        self.messages_snapshot = None if current is None else current.snapshot_id
        self._tables: dict[str, Table | None] = {messages.name()[-1]: messages}

    def files(self, table: str, days: Collection[date] | None = None) -> list[str]:
        """Paths (or s3:// URLs) of the table's Parquet files, empty for an empty table.

        `days` keeps the files of these UTC days of event_time, message_time or notice_time; a file holds one day only,
        so no other row comes along. Tables without days ignore it.
        """
        return [file.path for file in self.listed(table, days)]

    def listed(self, table: str, days: Collection[date] | None = None) -> list[PublishedFile]:
        """The same files with what the table's metadata says of them, in order of their paths."""
        handle = self._table(table)
        if handle is None:
            return []
        found = live_files(handle, self._snapshot_id(handle), days)
        files = [PublishedFile(self._lake.physical(file.file_path), day_of(file), file.file_size_in_bytes) for file in found]
        return sorted(files, key=lambda file: file.path)

    def _table(self, name: str) -> Table | None:
        """None for a table that a later version of engagedb added and this lake does not have yet."""
        if name not in canonical.TABLES:
            raise LakeError(f"There is no table {name}. The tables are {', '.join(canonical.TABLES)}.")
        if name not in self._tables:
            self._tables[name] = readable_table(self._lake, name)
        return self._tables[name]

    def _snapshot_id(self, handle: Table) -> int | None:
        name = handle.name()[-1]
        if name == canonical.MESSAGES.name:
            return self.messages_snapshot
        if name == canonical.EVENTS.name:
            if self.events_snapshot is not None and handle.metadata.snapshot_by_id(self.events_snapshot) is None:
                raise LakeError(f"The published events of {self._lake.root} are gone: their snapshot was expired. Run engagedb backfill.")
            return self.events_snapshot
        current = handle.current_snapshot()
        return None if current is None else current.snapshot_id


def published_events(messages: Table) -> int | None:
    """The events snapshot that this state of messages was folded from; None before the first one with events."""
    current = messages.current_snapshot()
    if current is None or current.summary is None:
        return None
    named = current.summary.additional_properties.get(EVENTS_SNAPSHOT)
    return int(named) if named else None


def is_of_earlier_version(messages: Table) -> bool:
    """True when these rows were folded without a column that messages have now."""
    current = messages.current_snapshot()
    if current is None or current.schema_id is None:
        return False
    return not set(canonical.MESSAGES.names) <= set(messages.schemas()[current.schema_id].column_names)


def days_between(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both included."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
