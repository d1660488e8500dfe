"""An open lake for readers: SQL over its relations, and marts with a window and filters, from Python.

    lake = engagedb.open("lake")
    lake.sql("SELECT channel, count(*) AS messages FROM messages GROUP BY channel").df()
    lake.mart("delivery_by_country", since=date(2026, 1, 1), channel="sms").df()

A session sees what was published when it was opened, and `feedback_state` is as of that moment; open
another one to see more.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import duckdb

from engagedb.errors import ConfigurationError, LakeError
from engagedb.settings import Settings
from lake.query.engine import SAME_PERSON, Reader, StoredFiles
from lake.query.guard import check_query, first_sentence
from lake.query.reads import TableRead, reads, scanned_bytes
from lake.query.relations import Relations
from lake.query.render import REFERENCES, Asked, Engine, render

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.fs import FileSystem

    from lake.snapshot import PublishedFile
    from transforms.pseudonyms import Keyring

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """A checked query: its text, the connection that answers it, the columns it may mean, the files of each table that it may open."""

    text: str
    connection: duckdb.DuckDBPyConnection
    columns: frozenset[str]
    files: Mapping[str, Sequence[PublishedFile]]


class Session:
    """Its answers are DuckDB relations: `.df()`, `.arrow()`, `.show()`; rows are computed when they are asked for."""

    def __init__(
        self,
        stored: StoredFiles,
        relations: Relations,
        now: datetime,
        filesystem: FileSystem | None = None,
        persons: pa.Table | None = None,
    ) -> None:
        self.relations = relations
        self.now = now
        self._reader = Reader(stored, relations, Asked(now), filesystem, persons)
        self._names = (*relations, *REFERENCES) if persons is None else (*relations, *REFERENCES, SAME_PERSON)

    @staticmethod
    def open(settings: Settings, now: datetime, keyring: Keyring | None = None) -> Session:
        """A session on the lake of the settings; with its keyring also the relation same_person. Raises LakeError when there is none."""
        from lake.catalog import Lake
        from lake.snapshot import Published

        lake = Lake.open(settings)
        persons = None
        if keyring is not None:
            from lake.links import same_persons

            lake.check_key(keyring)
            persons = same_persons(lake, keyring)
        return Session(Published(lake), Relations(settings.sql_folder), now, None if lake.is_folder else lake.filesystem, persons)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """The answer of one SELECT. Raises ConfigurationError for any other text and for an error in it."""
        return self.answer(self.question(query))

    def mart(
        self,
        name: str,
        *,
        since: date | None = None,
        until: date | None = None,
        by: Sequence[str] | None = None,
        **filters: str | Sequence[str] | None,
    ) -> duckdb.DuckDBPyRelation:
        """A relation by its name, with or without version, over the UTC days from `since` to `until`, both included.

        `by` groups a mart by other dimensions than its own; an empty one gives one row for everything. Filters such as
        channel="sms" or country=["US", "CA"] keep these values only.
        """
        return self.answer(self.mart_question(name, since=since, until=until, by=by, **filters))

    def question(self, query: str) -> Question:
        """What `sql` asks."""
        named = check_query(query, self._names)
        relations = [self.relations[name] for name in named if name in self.relations]
        columns = frozenset(column.name for relation in relations for column in relation.columns)
        tables = {relation.core.reads for relation in relations}
        return Question(query, self._reader.everything(named), columns, {table: self._reader.files[table] for table in tables})

    def mart_question(
        self,
        name: str,
        *,
        since: date | None = None,
        until: date | None = None,
        by: Sequence[str] | None = None,
        **filters: str | Sequence[str] | None,
    ) -> Question:
        """What `mart` asks."""
        values = {key: (given,) if isinstance(given, str) else tuple(given) for key, given in filters.items() if given}
        asked = Asked(self.now, since, until, None if by is None else tuple(by), values)
        relation = self.relations.resolve(name)
        text = render(relation, Engine.DUCKDB, asked)
        files = self._reader.files_within(relation, since, until)
        table = relation.core.reads
        opened = {table: self._reader.files[table] if files is None else files}
        return Question(text, self._reader.within(relation, since, until), frozenset(), opened)

    def answer(self, question: Question) -> duckdb.DuckDBPyRelation:
        """The rows, computed when they are asked for."""
        with engine_errors(question.columns):
            return question.connection.sql(question.text)

    def plan(self, question: Question) -> str:
        """How the engine will answer, drawn for people."""
        with engine_errors(question.columns):
            return str(question.connection.execute(f"EXPLAIN {question.text}").fetchall()[0][1])

    def reads(self, question: Question) -> list[TableRead]:
        """The files of each table that hold rows which the engine looks at."""
        with engine_errors(question.columns):
            plan = json.loads(question.connection.execute(f"EXPLAIN (FORMAT json) {question.text}").fetchall()[0][1])
        return reads(plan, question.files, self._reader.files)

    def scanned_bytes(self, tables: Sequence[TableRead]) -> int:
        """The compressed bytes of the columns that the tables' files give."""
        return sum(scanned_bytes(table, self._reader.filesystem) for table in tables)

    def ask(self, query: str, parameters: Sequence[Value]) -> list[dict[str, object]]:
        """Rows of a query that the program wrote itself, with values for its question marks."""
        question = self.question(query)
        with engine_errors():
            rows: list[dict[str, object]] = question.connection.execute(query, list(parameters)).to_arrow_table().to_pylist()
            return rows

    def interrupt(self) -> None:
        """Ends the query that another thread waits for."""
        self._reader.interrupt()

    def close(self) -> None:
        self._reader.close()


@contextmanager
def engine_errors(columns: Collection[str] = ()) -> Iterator[None]:
    """Turns what DuckDB raises, when a query is read or while it runs, into one sentence; `columns` may have been meant."""
    try:
        yield
    except (duckdb.IOException, duckdb.InternalException, duckdb.OutOfMemoryException) as error:
        raise LakeError(f"The query could not be finished: {first_sentence(error)}") from None
    except duckdb.Error as error:
        raise ConfigurationError(f"The query is not valid: {first_sentence(error, columns)}") from None
    except OSError as error:
        if error.errno is not None:
            raise
        # pyarrow's word for what the engine raises after its first rows
        raise ConfigurationError(f"The query is not valid: {first_sentence(error)}") from None
