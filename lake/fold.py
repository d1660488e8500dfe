"""Messages folded from events: which rows a change of events makes stale, and which events make them anew (lake/fold_events.py).

A fold recomputes whole messages from all of their events, never adds to a row, so that order and repetition of what
arrives cannot matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.connect import connect
from lake.datafiles import FILE_COLUMN, changed_files, dataset_path, day_of, in_order, mount_files, newest_files, read_files
from lake.fold_events import READ, fold_events
from lake.side_by_side import side_by_side
from lake.snapshot import days_between, is_of_earlier_version, published_events
from transforms.canonical import EVENTS, MESSAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

# A row stands on the day of its stated send time. Without one it stands on its earliest event, which follows the send
# by at most FAR days, and mostly by fewer than NEAR: receipts come within 72 hours. So FAR is searched only for events
# that state no send time and have found no row near them.
NEAR: Final = timedelta(days=4)
FAR: Final = timedelta(days=35)
DAY: Final = timedelta(days=1)
KEYS_AT_ONCE: Final = 60_000

# A file holds the messages of a stretch of its day, so that what arrives together rewrites few files, however long the
# day has become. A file of twice so many rows is divided when it is written again. A day that is made anew when most of its
# receipts are in gets few files, which cost less to write and to read, until a late event divides them.
FILE_ROWS: Final = 4_096
SETTLED_FILE_ROWS: Final = 65_536
PART_ROWS: Final = 16_384  # of a day that is made anew: about so many of its rows stand in memory at once


@dataclass(frozen=True, slots=True)
class Held:
    """Events that are in memory, in the columns of READ, and the paths of the files that hold just these."""

    rows: pa.Table
    paths: frozenset[str]

    @staticmethod
    def of(rows: pa.Table, places: NDArray[np.intp], files: Collection[DataFile]) -> Held:
        """Those of the rows that stand at the places, and in the files."""
        rows = rows.select(READ)
        held = rows if len(places) == rows.num_rows else rows.take(pa.array(places))
        return Held(held, frozenset(file.file_path for file in files))


_NOTHING: Final = Held(EVENTS.schema.empty_table().select(READ), frozenset())


@dataclass(frozen=True, slots=True)
class Fold:
    """`stretches` are the messages of `keys` as they are now, folded when they are asked for, about in the order of their days.

    With the other rows of the files `replaced` they take their place.
    """

    stretches: Iterator[pa.Table]
    keys: pa.ChunkedArray
    replaced: list[DataFile]

    def by_file(self, lake: Lake, messages: Table, now: datetime) -> Iterator[pa.Table]:
        """The rows of each new file, one UTC day of messages after the other, and a large day in parts: neither a lake nor
        a day ever stands in memory.
        """
        time = messages.schema().find_field("message_time").field_id
        stale: dict[date | None, list[DataFile]] = {}
        for file in self.replaced:
            stale.setdefault(day_of(file), []).append(file)
        for rows in self.stretches:
            times = rows.column("message_time").cast(pa.date32())
            days = sorted(pc.unique(times).to_pylist())
            for day in days:
                of_day = rows if len(days) == 1 else rows.filter(pc.equal(times, pa.scalar(day, pa.date32())))
                for files, among in _in_parts(of_day, stale.pop(day, []), time):
                    yield from self._anew(lake, files, among, is_over=day < (now - NEAR).date())
        for day_files in stale.values():
            for files, among in _in_parts(MESSAGES.schema.empty_table(), day_files, time):
                yield from self._anew(lake, files, among, is_over=False)

    def _anew(self, lake: Lake, files: list[DataFile], among: pa.Table, *, is_over: bool) -> Iterator[pa.Table]:
        """The rows of the files that take the place of these; nobody else holds them meanwhile."""
        rows = pa.concat_tables([self._kept(lake, files), among])
        is_settled = is_over and rows.num_rows < 2 * among.num_rows
        return divide(rows, SETTLED_FILE_ROWS if is_settled else FILE_ROWS)

    def _kept(self, lake: Lake, files: list[DataFile]) -> pa.Table:
        """The files' rows of other keys."""
        stored = read_files(lake, MESSAGES, files)
        return stored.filter(pc.invert(pc.is_in(stored.column("message_key"), self.keys))) if files else stored


def _in_parts(of_day: pa.Table, files: list[DataFile], time: int) -> Iterator[tuple[list[DataFile], pa.Table]]:
    """Files of a day that are made anew together, with those of the day's messages that go among theirs; `time` is the id of their time."""

    def earliest(file: DataFile) -> int:
        return int.from_bytes((file.lower_bounds or {}).get(time, b""), "little", signed=True)  # microseconds

    files = sorted(files, key=earliest)
    ends = accumulate(file.record_count for file in files)
    parts = [[file for _, file in part] for _, part in groupby(zip(ends, files, strict=True), key=lambda ended: ended[0] // PART_ROWS)]
    if len(parts) < 2:
        yield files, of_day
        return
    times = of_day["message_time"].cast(pa.int64()).to_numpy()
    part_of = np.searchsorted([earliest(part[0]) for part in parts[1:]], times, side="right")
    for number, part in enumerate(parts):
        yield part, of_day.filter(pa.array(part_of == number))


def divide(messages: pa.Table, rows: int) -> Iterator[pa.Table]:
    """The messages of one day as stretches of so many rows to twice as many, each in order; fewer stay together."""
    parts = max(1, messages.num_rows // rows)
    messages = messages.combine_chunks()  # else each part would do it
    by_time = pc.sort_indices(messages["message_time"]).to_numpy()
    for start, end in pairwise(messages.num_rows * number // parts for number in range(parts + 1)):
        yield in_order(MESSAGES, messages, by_time[start:end])


def fold_changes(lake: Lake, messages: Table, events: Table, held: Held | None = None) -> Fold:
    """The messages that changed between the events that `messages` was folded from and the newest of `events`.

    `messages` must have been loaded before `events`: then its published snapshot is an ancestor of their head.
    Finds old rows of the touched keys also on another day than the new ones, and reads the events of the days that
    those rows name. A row whose events are all gone goes too. Messages that an earlier version folded all changed.
    """
    head = events.current_snapshot()
    folded = None if is_of_earlier_version(messages) else published_events(messages)
    added, removed = changed_files(events, folded, None if head is None else head.snapshot_id)
    if held is None or not held.paths <= {file.file_path for file in added}:
        held = _NOTHING
    with _connect() as connection:
        touched = _touch(connection, lake, [*added, *removed], held)
        stale, stale_days = _stale_messages(connection, lake, messages, touched)
        return _fold_keys(connection, lake, events, stale, stale_days | touched.event_days, held)


def fold_apart(lake: Lake, messages: Table, events: Table) -> Fold:
    """The messages that have several rows, as one row each.

    Such rows are events that do not state the send time and came more than FAR after it: they found no row to join.
    `messages` must have been folded from all of `events`.
    """
    stored = newest_files(messages)
    with _connect() as connection:
        mount_files(connection, "stored_keys", lake, MESSAGES, stored, ["message_key"])
        connection.execute("create temp table keys as select message_key from stored_keys group by message_key having count(*) > 1")
        stale, days = _rows_of_keys(connection, lake, stored)
        return _fold_keys(connection, lake, events, stale, days)


def fold_keys(lake: Lake, messages: Table, events: Table, keys: pa.Array) -> Fold:
    """The messages of these keys as their events are now; `messages` must be folded from the same events, but for their values."""
    with _connect() as connection:
        connection.register("given_keys", pa.table({"message_key": keys}))
        connection.execute("create temp table keys as select distinct message_key from given_keys")
        stale, days = _rows_of_keys(connection, lake, newest_files(messages))
        return _fold_keys(connection, lake, events, stale, days)


@dataclass(frozen=True, slots=True)
class _Touched:
    """Days of the changed events, and days on which their messages may have a row: near the send, or far from it.

    On the far days only rows that do not state the send time count.
    """

    event_days: set[date]
    near_days: set[date]
    far_days: set[date]


def _connect() -> duckdb.DuckDBPyConnection:
    connection = connect()
    connection.execute("create temp table stale (message_key varchar, event_days date[], data_file varchar)")
    connection.execute("create temp table touched (message_key varchar, event_day date, send_day date)")
    return connection


def _fold_keys(
    connection: duckdb.DuckDBPyConnection, lake: Lake, events: Table, stale: list[DataFile], days: set[date], held: Held = _NOTHING
) -> Fold:
    """The messages of the table `keys`, whose events stand on these days and whose old rows stand in the files `stale`.

    Of each key those events count that stand on its own days: an event of another day belongs to a row that was not found.
    Many keys are folded in stretches: their events take memory.
    """
    keys = connection.table("keys").to_arrow_table().column("message_key")
    key_days = connection.sql(
        "select message_key, list(distinct event_day) as days from"
        " (select message_key, event_day from touched union all select message_key, unnest(event_days) from stale)"
        " semi join keys using (message_key) group by message_key order by min(event_day)"
    ).to_arrow_table()
    files = [file for file in newest_files(events, days) if file.file_path not in held.paths]
    stretches = [key_days.slice(start, KEYS_AT_ONCE) for start in range(0, max(1, len(key_days)), KEYS_AT_ONCE)]

    def fold(stretch: pa.Table) -> pa.Table:
        rows = held.rows
        if len(stretches) > 1:
            rows = rows.filter(pc.is_in(rows["message_key"], stretch["message_key"].combine_chunks()))
        return _fold_stretch(lake, stretch, files, rows)

    return Fold(side_by_side(fold, stretches), keys, stale)


def _fold_stretch(lake: Lake, key_days: pa.Table, files: list[DataFile], held: pa.Table) -> pa.Table:
    """The messages of these keys, whose events stand on these days of theirs, in those of the files that hold such days, or are held."""
    days = set(pc.unique(pc.list_flatten(key_days.column("days"))).to_pylist())
    files = [file for file in files if day_of(file) in days]
    if not files:
        return fold_events(held)
    with connect(threads=1) as connection:  # it is the stretches that run side by side: each thread takes memory of its own
        connection.register("keys", key_days)
        if not lake.is_folder:
            files = _files_with_keys(connection, lake, files)
        mount_files(connection, "stored_events", lake, EVENTS, files, READ)
        connection.execute("create temp table key_days as select message_key, unnest(days) as event_day from keys")
        key_events = connection.sql(
            "select stored_events.* from stored_events semi join key_days"
            f" on stored_events.message_key = key_days.message_key and {_utc_day('stored_events.event_time')} = key_days.event_day"
        ).to_arrow_table()
    return fold_events(pa.concat_tables([held, key_events.cast(held.schema)]))


def _touch(connection: duckdb.DuckDBPyConnection, lake: Lake, files: Collection[DataFile], held: Held) -> _Touched:
    """Puts the keys of the files' events into the table `keys`, and tells their days."""
    columns = ["message_key", "event_time", "requested_at"]
    mount_files(connection, "stored", lake, EVENTS, [file for file in files if file.file_path not in held.paths], columns)
    connection.register("held", held.rows.select(columns))
    connection.execute(
        f"insert into touched select distinct message_key, {_utc_day('event_time')} as event_day,"
        f" {_utc_day('requested_at')} as send_day from (from stored union all from held) where message_key is not null"
    )
    connection.execute("create temp table keys as select distinct message_key from touched")
    days: list[tuple[date, date | None]] = connection.sql("select distinct event_day, send_day from touched").fetchall()
    near: set[date] = set()
    far: set[date] = set()
    for event_day, send_day in days:
        if send_day is None:
            near.update(days_between(event_day - NEAR, event_day + DAY))
        else:
            near.update(days_between(send_day - DAY, send_day + NEAR))
            far.update(days_between(send_day + NEAR + DAY, send_day + FAR))
    return _Touched({event_day for event_day, _ in days}, near, far - near)


def _stale_messages(
    connection: duckdb.DuckDBPyConnection, lake: Lake, messages: Table, touched: _Touched
) -> tuple[list[DataFile], set[date]]:
    """The files that hold rows of the keys, and the event days that those rows name."""
    candidates = newest_files(messages, touched.near_days)
    candidates += [file for file in newest_files(messages, touched.far_days) if _has_unstated(messages, file)]
    _find_rows(connection, lake, candidates, "select message_key from keys")
    lost = "select message_key from touched where send_day is null and message_key not in (select message_key from stale)"
    lost_days = [day for (day,) in connection.sql(f"select distinct event_day from touched where message_key in ({lost})").fetchall()]
    if lost_days:
        known = {file.file_path for file in candidates}
        around = {day for lost_day in lost_days for day in days_between(lost_day - FAR, lost_day + FAR)}
        others = [file for file in newest_files(messages, around) if file.file_path not in known]
        _find_rows(connection, lake, others, lost)
        candidates += others
    return _found(connection, lake, candidates)


def _rows_of_keys(connection: duckdb.DuckDBPyConnection, lake: Lake, candidates: list[DataFile]) -> tuple[list[DataFile], set[date]]:
    """Those of the files that hold rows of the table `keys`, and the event days that these rows name."""
    _find_rows(connection, lake, candidates, "select message_key from keys")
    return _found(connection, lake, candidates)


def _find_rows(connection: duckdb.DuckDBPyConnection, lake: Lake, candidates: list[DataFile], keys: str) -> None:
    """Puts the rows that the files hold of these keys into the table `stale`."""
    mount_files(connection, "stored_messages", lake, MESSAGES, candidates, ["message_key", "event_days", FILE_COLUMN])
    connection.execute(f"insert into stale select * from stored_messages where message_key in ({keys})")


def _found(connection: duckdb.DuckDBPyConnection, lake: Lake, candidates: list[DataFile]) -> tuple[list[DataFile], set[date]]:
    """Those of the files that hold the stale rows, and the event days that these rows name."""
    paths = {path for (path,) in connection.sql("select distinct data_file from stale").fetchall()}
    days = {day for (day,) in connection.sql("select distinct unnest(event_days) from stale").fetchall()}
    return [file for file in candidates if dataset_path(lake, file) in paths], days


def _files_with_keys(connection: duckdb.DuckDBPyConnection, lake: Lake, files: list[DataFile]) -> list[DataFile]:
    """Those of the files that hold events of the keys: one narrow column is read to spare the wide ones."""
    mount_files(connection, "stored_keys", lake, EVENTS, files, ["message_key", FILE_COLUMN])
    found = connection.sql("select distinct data_file from stored_keys semi join keys using (message_key)").fetchall()
    paths = {path for (path,) in found}
    return [file for file in files if dataset_path(lake, file) in paths]


def _has_unstated(messages: Table, file: DataFile) -> bool:
    """False when every row of the file states its send time."""
    field = messages.schema().find_field("requested_at").field_id
    return bool((file.null_value_counts or {}).get(field, 1))


def _utc_day(time: str) -> str:
    """Its day, counted: a cast would ask a calendar of time zones, which takes longer than to read the time."""
    return f"cast(make_timestamp(epoch_us({time})) as date)"
