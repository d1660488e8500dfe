"""Messages folded from events: the rule (sql/messages/fold.sql) and which rows a change of events makes stale.

A fold recomputes whole messages from all of their events, never adds to a row, so that order and repetition of what
arrives cannot matter.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from jinja2 import Environment, StrictUndefined

from engagedb.settings import data_folder
from lake.catalog import Lake
from lake.datafiles import FILE_COLUMN, changed_files, dataset_path, newest_files, read_files, scan_files
from lake.snapshot import days_between, published_events
from transforms.canonical import EVENTS, MESSAGES
from transforms.vocabulary import Stage

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

# Columns with a rule of their own in the SQL; every other column that events and messages share is carried.
RULED: Final = frozenset(
    {"message_key", "requested_at", "direction", "event_type", "provider_status", "status_reason", "feedback_status", "feedback_expected"}
)
CARRIED: Final = tuple(name for name in MESSAGES.names if name in EVENTS.names and name not in RULED)
READ: Final = tuple(name for name in EVENTS.names if name in {*RULED, *CARRIED, "event_id", "event_time", "stage", "is_final", "is_bot"})

# A row stands on the day of its stated send time. Without one it stands on its earliest event, which follows the send
# by at most FAR days, and mostly by fewer than NEAR: receipts come within 72 hours.
NEAR: Final = timedelta(days=4)
FAR: Final = timedelta(days=35)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fold:
    """`rows` take the place of all rows in the files `replaced`."""

    rows: pa.Table
    replaced: list[DataFile]


def fold_events(events: pa.Table | pa.RecordBatchReader) -> pa.Table:
    """One canonical messages row per message key, from all events of these keys in any order and number of copies."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("key_events", events)
        return connection.sql(_fold_sql(data_folder("sql"))).to_arrow_table().select(MESSAGES.names).cast(MESSAGES.schema)


def fold_changes(lake: Lake, messages: Table, events: Table) -> Fold:
    """The messages that changed between the events that `messages` was folded from and the newest of `events`.

    `messages` must have been loaded before `events`: then its published snapshot is an ancestor of their head.
    Finds old rows of the touched keys also on another day than the new ones, and reads the events of the days that
    those rows name. A row whose events are all gone goes too.
    """
    head = events.current_snapshot()
    added, removed = changed_files(events, published_events(messages), None if head is None else head.snapshot_id)
    touched = _Touched.by(lake, [*added, *removed])
    stale_files, event_days = touched.stale_messages(lake, messages)
    event_files = touched.files_with_keys(lake, newest_files(events, event_days | touched.event_days))
    folded = fold_events(touched.events(lake, event_files))
    if not stale_files:
        return Fold(folded, [])
    stored = read_files(lake, MESSAGES, stale_files)
    kept = stored.filter(pc.invert(pc.is_in(stored.column("message_key"), touched.keys)))
    return Fold(pa.concat_tables([kept, folded]), stale_files)


@dataclass(frozen=True, slots=True)
class _Touched:
    """The keys whose events changed, the days of those events, and the days on which the keys may have a row."""

    keys: pa.Array
    event_days: set[date]
    near_days: set[date]
    far_days: set[date]

    @classmethod
    def by(cls, lake: Lake, files: Collection[DataFile]) -> _Touched:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.register("changed", scan_files(lake, EVENTS, files, ["message_key", "event_time", "requested_at"]))
            connection.execute(
                "create table touched as select distinct message_key, cast(event_time as date) as event_day,"
                " cast(requested_at as date) as send_day from changed where message_key is not null"
            )
            keys = connection.sql("select distinct message_key from touched").to_arrow_table().column("message_key").combine_chunks()
            days: list[tuple[date, date | None]] = connection.sql("select distinct event_day, send_day from touched").fetchall()
        near: set[date] = set()
        far: set[date] = set()
        for event_day, send_day in days:
            if send_day is None:
                near.update(days_between(event_day - FAR, event_day + FAR))
            else:
                near.update(days_between(send_day - DAY, send_day + NEAR))
                far.update(days_between(send_day + NEAR + DAY, send_day + FAR))
        return cls(keys.cast(pa.string()), {event_day for event_day, _ in days}, near, far - near)

    def stale_messages(self, lake: Lake, messages: Table) -> tuple[list[DataFile], set[date]]:
        """The files that hold rows of the keys, and the event days that those rows name."""
        candidates = newest_files(messages, self.near_days)
        candidates += [file for file in newest_files(messages, self.far_days) if _has_unstated(messages, file)]
        with duckdb.connect() as connection:
            connection.register("keys", pa.table({"message_key": self.keys}))
            connection.register("stored", scan_files(lake, MESSAGES, candidates, ["message_key", "event_days", FILE_COLUMN]))
            connection.execute("create table stale as select event_days, data_file from stored semi join keys using (message_key)")
            paths = {path for (path,) in connection.sql("select distinct data_file from stale").fetchall()}
            days = {day for (day,) in connection.sql("select distinct unnest(event_days) from stale").fetchall()}
        return [file for file in candidates if dataset_path(lake, file) in paths], days

    def files_with_keys(self, lake: Lake, files: list[DataFile]) -> list[DataFile]:
        """Those of the files that hold events of the keys: one narrow column is read to spare the wide ones."""
        with duckdb.connect() as connection:
            connection.register("keys", pa.table({"message_key": self.keys}))
            connection.register("stored", scan_files(lake, EVENTS, files, ["message_key", FILE_COLUMN]))
            found = connection.sql("select distinct data_file from stored semi join keys using (message_key)").fetchall()
        paths = {path for (path,) in found}
        return [file for file in files if dataset_path(lake, file) in paths]

    def events(self, lake: Lake, files: list[DataFile]) -> pa.Table:
        """All events of the keys in these files, in the columns that the fold reads."""
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.register("keys", pa.table({"message_key": self.keys}))
            connection.register("stored", scan_files(lake, EVENTS, files, READ))
            return connection.sql("select stored.* from stored semi join keys using (message_key)").to_arrow_table()


def _has_unstated(messages: Table, file: DataFile) -> bool:
    """False when every row of the file states its send time."""
    field = messages.schema().find_field("requested_at").field_id
    return bool((file.null_value_counts or {}).get(field, 1))


@cache
def _fold_sql(folder: Path) -> str:
    text = (folder / "messages" / "fold.sql").read_text(encoding="utf-8")
    return Environment(undefined=StrictUndefined).from_string(text).render(stages=[str(stage) for stage in Stage], carried=CARRIED)
