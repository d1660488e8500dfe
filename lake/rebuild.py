"""Past days made anew: stored events give way to the rebuilt ones in one commit, and the pair is published.

Every event stands exactly once afterwards: a rebuilt event replaces the stored one of the same id, wherever its time
was and is; an event that nobody could rebuild stays as it is. Readers see the days as they were until the publication.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from engagedb.errors import ConfigurationError
from lake.catalog import Lake
from lake.commit import Checkpoint, Honouring, unchanged
from lake.compare_and_swap import swap
from lake.connect import connect
from lake.datafiles import FILE_COLUMN, dataset_path, day_of, newest_files, read_files, scan_files, stage_change, write_rows
from lake.lease import hold_lease
from lake.publish import publish
from lake.snapshot import days_between
from transforms.canonical import EVENTS, STRING

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile

ROW: Final = "rebuilt_row"
PLACES: Final = pa.schema([("event_id", pa.string()), ("source_object", pa.string()), ("source_offset", pa.int64())])


@dataclass(frozen=True, slots=True)
class Days:
    """The UTC days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def all(self) -> list[date]:
        return days_between(self.first, self.last)

    def hold(self, times: pa.ChunkedArray) -> pa.ChunkedArray:
        """Which of the times are within them."""
        days = times.cast(pa.date32())
        low, high = (pa.scalar(day, pa.date32()) for day in (self.first, self.last))
        return pc.and_(pc.greater_equal(days, low), pc.less_equal(days, high))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Events of the days by what became of them; `moved` are those of the rebuilt ones that left the days or came into them."""

    before: int
    after: int
    rebuilt: int
    added: int
    moved: int
    withdrawn: int
    kept: int


class Shelf:
    """Rebuilt events in a folder of the local disk, by day, until all of them are there. They are redacted already.

    Beside them the place of every row that the landing objects made, of any day: who is not there was not read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        (folder / "places").mkdir()

    def put(self, events: pa.Table, wanted: pa.ChunkedArray, places: pa.Table) -> None:
        """Keeps the wanted ones of the events, and all places (columns of PLACES; the id is null for a notice)."""
        numbers = pa.array(range(self._count, self._count + events.num_rows), pa.int64())
        self._count += events.num_rows
        rows = events.append_column(ROW, numbers).filter(wanted)
        days = rows["event_time"].cast(pa.date32())
        for day in pc.unique(days).to_pylist():
            (self._folder / str(day)).mkdir(exist_ok=True)
            pq.write_table(rows.filter(pc.equal(days, pa.scalar(day))), self._folder / str(day) / f"{self._count}.parquet")
        pq.write_table(places, self._folder / "places" / f"{self._count}.parquet")

    @property
    def days(self) -> list[date]:
        return sorted(date.fromisoformat(folder.name) for folder in self._folder.iterdir() if folder.name != "places")

    def places(self) -> pa.RecordBatchReader:
        return ds.dataset(str(self._folder / "places"), schema=PLACES, format="parquet").scanner().to_reader()

    def headings(self) -> Iterator[pa.Table]:
        """Row number, id, place and day of every event."""
        for day in self.days:
            rows = self._read(day, [ROW, *PLACES.names])
            yield rows.append_column("day", pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows))

    def take(self, day: date, rows: pa.ChunkedArray) -> pa.Table:
        """The events of that day with these row numbers."""
        if not (self._folder / str(day)).is_dir():
            return EVENTS.schema.empty_table()
        found = self._read(day, [*EVENTS.names, ROW])
        return found.filter(pc.is_in(found.column(ROW), rows)).select(EVENTS.names)

    def _read(self, day: date, columns: list[str]) -> pa.Table:
        schema = EVENTS.schema.append(pa.field(ROW, pa.int64()))
        return ds.dataset(str(self._folder / str(day)), schema=schema, format="parquet").to_table(columns=columns)


def rebuild_days(
    lake: Lake,
    days: Days,
    shelf: Shelf,
    unchanged_objects: Collection[str],
    began_at: datetime,
    now: datetime,
    *,
    may_keep: bool,
    begin: Callable[[Rebuilt], None] = lambda rebuilt: None,
    honour: Honouring = unchanged,
    checkpoint: Checkpoint = lambda point: None,
) -> Rebuilt:
    """What became of the days' events. `unchanged_objects` are landing objects, by `source_object`, read as they once were ingested.

    An event from such an object that is not on the shelf is withdrawn if its record was read and made other rows. Raises
    ConfigurationError unless `may_keep` when events stay whose object is not among them; those that were ingested
    since `began_at` do not count. `begin` is told before the first change. Checkpoints: rebuilt_written,
    rebuilt_committed, then those of lake/publish.py.
    """

    def change() -> Rebuilt:
        publish(lake, now)
        return _rebuild_once(lake, days, shelf, unchanged_objects, began_at, may_keep, begin, honour, checkpoint)

    with hold_lease(lake, "backfill"):
        done = swap(lake, f"the table {EVENTS.name}", change)
        publish(lake, now, checkpoint)
    return done


def _rebuild_once(
    lake: Lake,
    days: Days,
    shelf: Shelf,
    unchanged: Collection[str],
    began_at: datetime,
    may_keep: bool,
    begin: Callable[[Rebuilt], None],
    honour: Honouring,
    checkpoint: Checkpoint,
) -> Rebuilt:
    table = lake.table(EVENTS.name)
    near = newest_files(table, days.all)
    known = {file.file_path for file in near}
    far = [file for file in newest_files(table) if file.file_path not in known]
    with connect() as connection:
        _compare(connection, lake, days, shelf, near, far, unchanged)
        if not may_keep:
            _refuse_gone(connection, began_at)
        done = Rebuilt(*connection.sql(_COUNTS).fetchall()[0])
        replaced = connection.sql("select id, old_day from chosen where old_day is not null union all select id, old_day from withdrawn")
        gone = replaced.to_arrow_table()
        chosen = connection.sql("select row_number, day from chosen").to_arrow_table()
        paths = {path for (path,) in connection.sql("select distinct data_file from chosen where data_file is not null").fetchall()}
    touched = [file for file in far if dataset_path(lake, file) in paths]
    begin(done)
    written: list[DataFile] = []
    for day, files in _by_day([*near, *touched]).items():
        stored = read_files(lake, EVENTS, files)
        written += write_rows(table, EVENTS, stored.filter(pc.invert(pc.is_in(stored["event_id"], _of_day(gone, "old_day", day)["id"]))))
    for day in shelf.days:
        written += write_rows(table, EVENTS, honour(EVENTS, shelf.take(day, _of_day(chosen, "day", day)["row_number"])))
    if near or written:
        transaction = stage_change(table, written, [*near, *touched])
        checkpoint("rebuilt_written")
        transaction.commit_transaction()
        checkpoint("rebuilt_committed")
    return done


def _compare(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    days: Days,
    shelf: Shelf,
    near: list[DataFile],
    far: list[DataFile],
    unchanged: Collection[str],
) -> None:
    """Makes the tables stored, chosen, withdrawn and kept (see _COMPARE)."""
    connection.execute("create temp table heading (row_number bigint, id varchar, source_object varchar, source_offset bigint, day date)")
    for headings in shelf.headings():
        connection.register("part", headings)
        connection.execute("insert into heading select * from part")
    connection.register(
        "near_rows", scan_files(lake, EVENTS, near, ["event_id", "source_object", "source_offset", "ingested_at", "event_time"])
    )
    connection.register(
        "far_rows", scan_files(lake, EVENTS, far, ["event_id", "source_object", "source_offset", "event_time", FILE_COLUMN])
    )
    connection.register("place_rows", shelf.places())
    connection.register("unchanged", pa.table({"source_object": pa.array(list(unchanged), STRING)}))
    for statement in _COMPARE:
        connection.execute(statement, {"first": days.first, "last": days.last} if "$first" in statement else None)


# Each rebuilt event once: of its copies the one from the place that the stored one came from, else the first.
_COMPARE: Final = (
    "create temp table place as select * from place_rows",
    """create temp table stored as
    select event_id as id, source_object, source_offset, ingested_at, cast(event_time as date) as old_day from near_rows""",
    """create temp table far_stored as
    select event_id as id, source_object, source_offset, cast(event_time as date) as old_day, data_file from far_rows
    where event_id in (select id from heading anti join stored using (id))""",
    """create temp table chosen as
    with known as (
        select id, source_object, source_offset, old_day, null as data_file from stored
        union all
        select id, source_object, source_offset, old_day, data_file from far_stored
    ),
    ranked as (
        select distinct on (heading.id) heading.row_number, heading.id, heading.day, known.old_day, known.data_file
        from heading left join known using (id)
        order by heading.id,
            coalesce(heading.source_object = known.source_object and heading.source_offset = known.source_offset, false) desc,
            heading.row_number
    )
    select * from ranked where day between $first and $last or (old_day is not null and data_file is null)""",
    """create temp table withdrawn as
    select stored.* from stored semi join unchanged using (source_object) semi join place using (source_object, source_offset)
    anti join chosen using (id) anti join (select event_id as id from place where event_id is not null) as made using (id)""",
    "create temp table kept as select stored.* from stored anti join chosen using (id) anti join withdrawn using (id)",
    """create temp table moved as
    select count(*) filter (where data_file is null and not day between $first and $last) as away,
        count(*) filter (where data_file is not null) as here
    from chosen where old_day is not null""",
)
_COUNTS: Final = """
with counted as (
    select
        (select count(*) from stored) as before,
        (select count(*) from chosen where old_day is not null) as rebuilt,
        (select count(*) from chosen where old_day is null) as added,
        (select count(*) from withdrawn) as withdrawn,
        (select count(*) from kept) as kept
)
select before, before + added + here - away - withdrawn, rebuilt, added, away + here, withdrawn, kept from counted, moved
"""


def _refuse_gone(connection: duckdb.DuckDBPyConnection, began_at: datetime) -> None:
    rows: Any = connection.execute(
        "select count(*), count(distinct source_object), min(source_object) from kept"
        " where ingested_at < ? and source_object not in (select source_object from unchanged)",
        [began_at],
    ).fetchone()
    events, objects, example = rows
    if events:
        raise ConfigurationError(
            f"{events:,} events of these days come from {objects:,} landing objects that the sources hold no more, or hold changed,"
            f" such as {example}. Name a source that holds them, or add --yes: these events stay as they are, and the others are rebuilt."
        )


def _by_day(files: list[DataFile]) -> dict[date | None, list[DataFile]]:
    days: dict[date | None, list[DataFile]] = {}
    for file in files:
        days.setdefault(day_of(file), []).append(file)
    return days


def _of_day(rows: pa.Table, column: str, day: date | None) -> pa.Table:
    return rows.filter(pc.equal(rows[column], pa.scalar(day, pa.date32())))
