"""The connection can read one state of the lake and nothing else, whatever text reaches it."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from engagedb.errors import ConfigurationError, EngagedbError, LakeError
from lake.fold_events import fold_events
from lake.query.engine import Reader
from lake.query.relations import Relations, type_word
from lake.query.render import Asked
from lake.query.session import Session
from tests.canonical_rows import NOW, SQL, PlainFiles, canonical_table, events_table, session_of
from transforms import canonical

EVENT = {"message_id": "m1", "stage": "delivered", "event_time": datetime(2026, 1, 5, 10, tzinfo=UTC)}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(tmp_path / "stored", [EVENT])


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the lake that no query may read."""
    pq.write_table(pa.table({"word": ["hidden"]}), tmp_path / "secret.parquet")
    (tmp_path / "secret.csv").write_text("word\nhidden\n")
    return tmp_path


ESCAPES = [
    "COPY events TO '{out}'",
    "COPY (SELECT 1) TO '{out}' (FORMAT parquet)",
    "EXPORT DATABASE '{out}'",
    "ATTACH '{out}' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CREATE TABLE mine AS SELECT * FROM events",
    "CREATE OR REPLACE VIEW events AS SELECT 1",
    "DROP VIEW events",
    "INSERT INTO events VALUES (1)",
    "UPDATE messages SET body = ''",
    "DELETE FROM messages",
    "TRUNCATE messages",
    "CALL enable_logging()",
    "BEGIN",
    "VACUUM",
    "USE memory.main",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SET VARIABLE secret = 1",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY events TO '{out}'",
    "SELECT 1 /* ; */ ; DROP VIEW events",
    "",
    "-- nothing",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('{secret}/secret.csv')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('{secret}/secret.csv')",
    "SELECT * FROM read_parquet('{secret}/secret.parquet')",
    "SELECT * FROM parquet_scan('{secret}/secret.parquet')",
    "SELECT * FROM parquet_metadata('{secret}/secret.parquet')",
    "SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '{secret}/secret.parquet'",
    "SELECT * FROM '{secret}/secret.csv'",
    "FROM '/etc/passwd'",
    "SELECT * FROM main.'{secret}/secret.parquet'",
    "SELECT * FROM system.main.duckdb_settings()",
    "WITH a AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM a",
    "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a, read_text('/etc/passwd')) SELECT * FROM a",
    "WITH a AS (INSERT INTO events VALUES (1) RETURNING *) SELECT * FROM a",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events WHERE message_id IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events, LATERAL (SELECT * FROM read_text('/etc/passwd'))",
    "SELECT 1 UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "DESCRIBE SELECT * FROM read_text('/etc/passwd')",
    "SUMMARIZE SELECT * FROM read_text('/etc/passwd')",
    "PIVOT (SELECT * FROM read_text('/etc/passwd')) ON content IN ('x')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('events')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT * FROM enable_logging(storage = 'file', storage_path = '{out}')",
    "SELECT * FROM enable_profiling(save_location = '{out}')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT getenv('HOME')",
    "SELECT * FROM a_python_variable",
    "SELECT sealed_record FROM dead_letters",
    "SELECT * FROM dead_letters_stored",
    "SELECT * FROM events_stored",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_text_escapes_from_the_lake(text: str, session: Session, secret: Path) -> None:
    a_python_variable = pa.table({"word": ["hidden"]})
    assert a_python_variable.num_rows
    before = sorted(secret.iterdir())
    with pytest.raises(EngagedbError) as refused:
        session.sql(text.format(out=secret / "written", secret=secret)).to_arrow_table()
    assert "hidden" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert sorted(secret.iterdir()) == before
    assert session.sql("SELECT message_id FROM events").to_arrow_table().to_pylist() == [{"message_id": "m1"}]


LOCKED = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_parquet('{secret}/secret.parquet')",
    "SELECT * FROM read_parquet('{stored}/../secret.parquet')",
    "SELECT * FROM '{secret}/secret.csv'",
    "SELECT * FROM glob('{secret}/*')",
    "COPY events TO '{secret}/written'",
    "COPY events TO '{stored}/events.parquet'",
    "ATTACH '{secret}/written' AS other",
    "EXPORT DATABASE '{secret}/written'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET allowed_paths = ['/etc/passwd']",
    "SET allowed_directories = ['/etc']",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET python_enable_replacements = true",
    "SELECT * FROM a_python_variable",
]


@pytest.mark.parametrize("text", LOCKED)
def test_the_engine_alone_refuses_what_the_guard_would_have_stopped(text: str, tmp_path: Path, secret: Path) -> None:
    a_python_variable = pa.table({"word": ["hidden"]})
    assert a_python_variable.num_rows
    stored = tmp_path / "stored"
    events = events_table([EVENT])
    connection = Reader(PlainFiles(stored, {"events": events}), Relations(SQL), Asked(NOW)).everything(["events"])
    before = (stored / "events.parquet").read_bytes()
    with pytest.raises(Exception, match=r"(?i)disabled|locked|not exist|cannot"):
        connection.execute(text.format(secret=secret, stored=stored)).fetchall()
    assert (stored / "events.parquet").read_bytes() == before
    assert not (secret / "written").exists()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) AS n FROM events;",
        "FROM events",
        "TABLE events",
        "(SELECT 1)",
        "VALUES (1)",
        "WITH recent AS (SELECT * FROM Events) SELECT * FROM RECENT",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n",
        "SELECT * FROM main.events JOIN countries ON recipient_country = country",
        "SELECT * FROM range(3), generate_series(1, 2)",
        "SELECT tag FROM events, unnest(map_keys(tags)) AS listed (tag)",
        "SELECT * FROM json_each('{\"a\": 1}')",
        "DESCRIBE events",
        "SHOW TABLES",
        "SELECT table_name FROM information_schema.tables",
        "PIVOT (SELECT channel, stage FROM events) ON stage IN ('delivered') USING count(*)",
    ],
)
def test_every_kind_of_select_is_answered(query: str, session: Session) -> None:
    assert session.sql(query).to_arrow_table().num_rows >= 0


@pytest.mark.parametrize("relation", list(Relations(SQL)))
def test_a_relation_gives_the_columns_and_types_of_its_metadata(relation: str, session: Session) -> None:
    schema = session.sql(f'SELECT * FROM "{relation}"').to_arrow_table().schema
    stated = session.relations[relation].columns
    assert [(field.name, type_word(field.type)) for field in schema] == [(column.name, column.type) for column in stated]


@pytest.mark.parametrize("relation", list(Relations(SQL)))
def test_an_empty_lake_gives_empty_relations_of_the_same_types(relation: str, session: Session, tmp_path: Path) -> None:
    empty = session_of(tmp_path / "empty", []).sql(f'SELECT * FROM "{relation}"').to_arrow_table()
    assert empty.num_rows == 0
    assert empty.schema == session.sql(f'SELECT * FROM "{relation}"').to_arrow_table().schema


def test_dead_letters_are_seen_without_their_sealed_bytes(tmp_path: Path) -> None:
    row = {
        "dead_letter_id": "d1", "ingested_at": NOW, "reason": "not_json", "detail": "no JSON", "sealed_record": b"sealed", "key_id": "a",
        "size_bytes": 6, "status": "open", "status_at": NOW,
    }  # fmt: skip
    session = session_of(tmp_path, [], dead_letters=canonical_table(canonical.DEAD_LETTERS, [row]))
    (found,) = session.sql("SELECT * FROM dead_letters").to_arrow_table().to_pylist()
    assert found["dead_letter_id"] == "d1"
    assert "sealed_record" not in found


def test_a_file_written_before_a_column_existed_gives_null_for_it(tmp_path: Path) -> None:
    logged = pa.Table.from_pylist([{"late_count": 2}], pa.schema([field.with_nullable(True) for field in canonical.INGEST_LOG.schema]))
    pq.write_table(logged, tmp_path / "new.parquet")
    pq.write_table(logged.drop_columns(["late_count"]), tmp_path / "old.parquet")

    class TwoFiles(PlainFiles):
        def files(self, table: str) -> list[str]:
            return [str(tmp_path / "old.parquet"), str(tmp_path / "new.parquet")] if table == "ingest_log" else []

    session = Session(TwoFiles(tmp_path, {}), Relations(SQL), NOW)
    rows = session.sql("SELECT late_count FROM ingest_log ORDER BY 1").to_arrow_table().to_pylist()
    assert rows == [{"late_count": 2}, {"late_count": None}]


def test_days_are_utc_wherever_the_reader_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    session = session_of(tmp_path, [EVENT | {"event_time": datetime(2026, 1, 6, 0, 30, tzinfo=UTC)}])
    (row,) = session.mart("delivery").to_arrow_table().to_pylist()
    assert str(row["day"]) == "2026-01-06"
    assert session.sql("SELECT CAST(CAST(event_time AS DATE) AS VARCHAR) AS day FROM events").to_arrow_table().to_pylist() == [
        {"day": "2026-01-06"}
    ]


def test_a_missing_data_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    events = events_table([EVENT])
    stored = PlainFiles(tmp_path, {"events": events, "messages": fold_events(events)})
    os.remove(stored.files("messages")[0])
    session = Session(stored, Relations(SQL), NOW)
    with pytest.raises(LakeError, match="data file of the lake cannot be read"):
        session.sql("SELECT message_id FROM messages")
    with pytest.raises(LakeError, match="data file of the lake cannot be read"):
        session.mart("delivery")


def test_files_on_a_file_system_of_their_own_are_read_with_its_credentials(tmp_path: Path) -> None:
    """The way of s3:// files, with a local folder in the bucket's place."""
    (tmp_path / "bucket").mkdir()
    pq.write_table(events_table([EVENT]), tmp_path / "bucket" / "events.parquet")
    bucket = pyarrow.fs.SubTreeFileSystem(str(tmp_path), pyarrow.fs.LocalFileSystem())

    class InBucket(PlainFiles):
        def files(self, table: str) -> list[str]:
            return ["s3://bucket/events.parquet"] if table == "events" else []

    session = Session(InBucket(tmp_path, {}), Relations(SQL), NOW, filesystem=bucket)
    assert session.sql("SELECT message_id FROM events").to_arrow_table().to_pylist() == [{"message_id": "m1"}]
    with pytest.raises(ConfigurationError):
        session.sql(f"SELECT * FROM '{tmp_path}/bucket/events.parquet'")


def test_nothing_of_a_query_is_logged(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigurationError):
        session.sql("SELECT no_such_column FROM events")
    assert not caplog.records
