"""Connections that can read one published state of the lake and nothing else, and can write nothing.

They live in memory, may open exactly the lake's data files of that state, load no extension and refuse every change of
their configuration. What text may reach them is decided in lake/query/guard.py. A relation becomes a view when it is first
asked for, and only then its files are opened; a window of days has a connection of its own, whose views know the files of
these days only.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import duckdb

from engagedb.errors import LakeError
from lake.query.guard import SAMPLE_SCHEMA, first_sentence
from lake.query.relations import Kind, Relation, Relations
from lake.query.render import REFERENCES, Asked, Engine, literal, render, render_reference
from lake.snapshot import PublishedFile
from transforms import canonical

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.fs import FileSystem

CONFIGURATION: Final[Mapping[str, bool]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
SAME_PERSON: Final = "same_person"
WINDOWS_KEPT: Final = 32
# Functions of Athena that queries written for the AWS sample call, and that DuckDB lacks or knows for other arguments only.
ATHENA_WORDS: Final = (
    "date_add(unit, amount, moment) AS moment + to_seconds(amount * CASE lower(unit) WHEN 'second' THEN 1 WHEN 'minute' THEN 60"
    " WHEN 'hour' THEN 3600 WHEN 'day' THEN 86400 WHEN 'week' THEN 604800 ELSE error('date_add knows second to week') END),"
    " (day, span) AS day + span",
    "cardinality(things) AS CASE json_type(to_json(things)) WHEN 'ARRAY' THEN json_array_length(to_json(things))"
    " ELSE len(json_keys(to_json(things))) END",
    "from_unixtime(seconds) AS to_timestamp(seconds)",
    "to_unixtime(moment) AS epoch(moment)",
    "json_extract_scalar(document, path) AS json_extract_string(document, path)",
)
SQL_TYPES: Final = {
    canonical.STRING: "VARCHAR",
    canonical.BOOL: "BOOLEAN",
    canonical.INT: "BIGINT",
    canonical.DOUBLE: "DOUBLE",
    canonical.TIMESTAMP: "TIMESTAMPTZ",
    canonical.DATE: "DATE",
    canonical.MONEY: "DECIMAL(18, 8)",
    canonical.MAP: "MAP(VARCHAR, VARCHAR)",
    canonical.DATES: "DATE[]",
}


class StoredFiles(Protocol):
    """One state of the lake: the Parquet files of each table (lake/snapshot.py: Published)."""

    def listed(self, table: str) -> list[PublishedFile]: ...


class Reader:
    """The connections of one session; relations are as of `asked.now`.

    `filesystem` opens files named s3://; `persons` become the relation SAME_PERSON (lake/links.py).
    """

    def __init__(
        self, stored: StoredFiles, relations: Relations, asked: Asked, filesystem: FileSystem | None = None, persons: pa.Table | None = None
    ) -> None:
        self.relations = relations
        self.filesystem = filesystem
        self._asked = asked
        tables = sorted({relation.stored.name for relation in relations.values() if relation.stored})
        self.files: Final = {table: stored.listed(table) for table in tables}
        self._main = _locked([file.path for files in self.files.values() for file in files], relations.folder)
        self._mounted: set[str] = set()
        self._windows: dict[tuple[str, date | None, date | None], duckdb.DuckDBPyConnection] = {}
        if persons is not None:
            self._main.register(SAME_PERSON, persons)

    def everything(self, names: Collection[str]) -> duckdb.DuckDBPyConnection:
        """A connection in which these relations hold all of the lake. Raises LakeError when a data file is damaged or gone."""
        for name in names:
            if name in self.relations:
                self._mount_everything(self.relations[name])
        return self._main

    def within(self, relation: Relation, since: date | None, until: date | None) -> duckdb.DuckDBPyConnection:
        """A connection for the relation's own text, in which what it reads holds the files of these days and no others.

        A relation above another one that is computed reads all of it, because that one may look beyond the days.
        """
        core = relation if relation.base is None else relation.base
        files = self.files_within(relation, since, until)
        if files is None or len(files) == len(self.files[core.reads]):
            return self.everything([core.name])
        key = (relation.reads, since, until)
        if key not in self._windows:
            if len(self._windows) == WINDOWS_KEPT:
                del self._windows[next(iter(self._windows))]
            window = self._main.cursor()
            with _telling_damage():
                self._mount_stored(window, core, files, "TEMP VIEW")
                window.execute(f"CREATE TEMP VIEW {core.identifier} AS {render(core, Engine.DUCKDB, self._asked)}")
            self._windows[key] = window
        return self._windows[key]

    def files_within(self, relation: Relation, since: date | None, until: date | None) -> list[PublishedFile] | None:
        """The files that hold what the relation reads for these days; None when days do not tell them."""
        core = relation if relation.base is None else relation.base
        if core.stored is None or core.stored.partition_by != relation.time:
            return None
        before, after = relation.reach
        first, last = since and since - before, until and until + after
        files = self.files[core.reads]
        return [f for f in files if f.day is None or ((first is None or f.day >= first) and (last is None or f.day <= last))]

    def interrupt(self) -> None:
        for connection in (self._main, *self._windows.values()):
            connection.interrupt()

    def close(self) -> None:
        for connection in (*self._windows.values(), self._main):
            connection.close()

    def _mount_everything(self, relation: Relation) -> None:
        if relation.name in self._mounted:
            return
        if relation.base is not None:
            self._mount_everything(relation.base)
        with _telling_damage():
            if relation.stored is not None:
                self._mount_stored(self._main, relation, self.files[relation.reads], "VIEW")
            self._main.execute(f"CREATE VIEW {relation.identifier} AS {render(relation, Engine.DUCKDB, self._asked)}")
            if relation.kind is Kind.COMPATIBILITY:
                self._main.execute(f'CREATE VIEW "{SAMPLE_SCHEMA}".{relation.identifier} AS FROM main.{relation.identifier}')
        self._mounted.add(relation.name)

    def _mount_stored(self, connection: duckdb.DuckDBPyConnection, relation: Relation, files: Sequence[PublishedFile], view: str) -> None:
        """The view `<name>_stored`: the columns of these files that readers may see."""
        table = relation.stored
        assert table is not None
        name = f"{relation.name}_stored"
        columns = [table.column(column) for column in relation.stored_names]
        nothing = "SELECT " + ", ".join(f"CAST(NULL AS {SQL_TYPES[column.type]}) AS {column.name}" for column in columns) + " WHERE FALSE"
        paths = [file.path for file in files]
        if not paths:
            connection.execute(f"CREATE {view} {name} AS {nothing}")
        elif self.filesystem is not None:
            import pyarrow.dataset as ds

            keys = [path.removeprefix("s3://") for path in paths]
            connection.register(name, ds.dataset(keys, schema=table.schema, format="parquet", filesystem=self.filesystem))
        else:
            # A file written before a column existed gives NULL for it, as Iceberg does. Where all files have all columns,
            # one tells them, and the others are opened when they are read, side by side.
            varies = table.name in canonical.COLUMNS_ADDED_LATER
            source = f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = false, union_by_name = {varies})"
            if varies:  # perhaps no file has the column
                source = f"({nothing} UNION ALL BY NAME SELECT * FROM {source})"
            connection.execute(f"CREATE {view} {name} AS SELECT {', '.join(relation.stored_names)} FROM {source}")


def _locked(paths: Sequence[str], folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that knows the reference tables, may open these files and can be changed no more."""
    connection = duckdb.connect(":memory:", config=dict(CONFIGURATION))
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    connection.execute(f"SET temp_directory = {literal(str(Path(tempfile.gettempdir(), f'engagedb-{uuid.uuid4().hex}')))}")
    local = [path for path in paths if not path.startswith("s3://")]
    connection.execute(f"SET allowed_paths = [{', '.join(map(literal, local))}]")
    connection.execute("SET enable_external_access = false")
    for macro in ATHENA_WORDS:
        connection.execute(f"CREATE MACRO {macro}")
    connection.execute(f'CREATE SCHEMA "{SAMPLE_SCHEMA}"')
    for name in REFERENCES:
        connection.execute(f"CREATE VIEW {name} AS {render_reference(folder, name)}")
    connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def _telling_damage() -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.PermissionException) as error:
        raise LakeError(f"A data file of the lake cannot be read: {first_sentence(error)} Restore the lake from a backup.") from None
