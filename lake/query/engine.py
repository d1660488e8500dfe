"""A DuckDB connection that can read one published state of the lake and nothing else, and can write nothing.

It lives in memory, holds a view per relation, may open exactly the lake's data files of that state, loads no extension
and refuses every change of its configuration. What text may reach it is decided in lake/query/guard.py.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import duckdb
import pyarrow.dataset as ds

from engagedb.errors import LakeError
from lake.query.guard import SAMPLE_SCHEMA, first_sentence
from lake.query.relations import Kind, Relation, Relations
from lake.query.render import REFERENCES, Asked, Engine, literal, render, render_reference
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
# Functions of Athena that queries written for the AWS sample call, and that DuckDB lacks or knows for other arguments only.
ATHENA_WORDS: Final = (
    "date_add(unit, amount, moment) AS moment + to_seconds(amount * CASE lower(unit) WHEN 'second' THEN 1 WHEN 'minute' THEN 60"
    " WHEN 'hour' THEN 3600 WHEN 'day' THEN 86400 WHEN 'week' THEN 604800 ELSE error('date_add knows second to week') END),"
    " (day, span) AS day + span",
    "cardinality(things) AS CASE json_type(to_json(things)) WHEN 'ARRAY' THEN json_array_length(to_json(things))"
    " ELSE len(json_keys(to_json(things))) END",
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

    def files(self, table: str) -> list[str]: ...


def connect(
    stored: StoredFiles, relations: Relations, asked: Asked, filesystem: FileSystem | None = None, persons: pa.Table | None = None
) -> duckdb.DuckDBPyConnection:
    """A locked connection with a view per relation, computed at `asked.now`.

    `filesystem` opens files named s3://; `persons` become the relation SAME_PERSON (lake/links.py).
    """
    connection = duckdb.connect(":memory:", config=dict(CONFIGURATION))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute(f"SET temp_directory = {literal(str(Path(tempfile.gettempdir(), f'engagedb-{uuid.uuid4().hex}')))}")
    files = {table: stored.files(table) for table in sorted({relation.stored.name for relation in relations.values() if relation.stored})}
    local = [path for paths in files.values() for path in paths if not path.startswith("s3://")]
    connection.execute(f"SET allowed_paths = [{', '.join(map(literal, local))}]")
    connection.execute("SET enable_external_access = false")
    for macro in ATHENA_WORDS:
        connection.execute(f"CREATE MACRO {macro}")
    connection.execute(f'CREATE SCHEMA "{SAMPLE_SCHEMA}"')
    for name in REFERENCES:
        connection.execute(f"CREATE VIEW {name} AS {render_reference(relations.folder, name)}")
    try:
        for relation in relations.values():
            if relation.stored is not None:
                _mount(connection, relation, files[relation.reads], filesystem)
            connection.execute(f"CREATE VIEW {relation.identifier} AS {render(relation, Engine.DUCKDB, asked)}")
            if relation.kind is Kind.COMPATIBILITY:
                connection.execute(f'CREATE VIEW "{SAMPLE_SCHEMA}".{relation.identifier} AS FROM main.{relation.identifier}')
    except (duckdb.IOException, duckdb.PermissionException) as error:
        raise LakeError(f"A data file of the lake cannot be read: {first_sentence(error)} Restore the lake from a backup.") from None
    if persons is not None:
        connection.register(SAME_PERSON, persons)
    connection.execute("SET lock_configuration = true")
    return connection


def _mount(connection: duckdb.DuckDBPyConnection, relation: Relation, paths: list[str], filesystem: FileSystem | None) -> None:
    """The relation `<name>_stored`: the columns of these files that readers may see."""
    table = relation.stored
    assert table is not None
    name = f"{relation.name}_stored"
    columns = [table.column(column) for column in relation.stored_names]
    nothing = "SELECT " + ", ".join(f"CAST(NULL AS {SQL_TYPES[column.type]}) AS {column.name}" for column in columns) + " WHERE FALSE"
    if not paths:
        connection.execute(f"CREATE VIEW {name} AS {nothing}")
    elif filesystem is not None:
        dataset = ds.dataset([path.removeprefix("s3://") for path in paths], schema=table.schema, format="parquet", filesystem=filesystem)
        connection.register(name, dataset)
    else:
        # A file written before a column existed gives NULL for it, as Iceberg does.
        source = f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = false, union_by_name = true)"
        if table.name in canonical.COLUMNS_ADDED_LATER:  # perhaps no file has the column
            source = f"({nothing} UNION ALL BY NAME SELECT * FROM {source})"
        connection.execute(f"CREATE VIEW {name} AS SELECT {', '.join(relation.stored_names)} FROM {source}")
