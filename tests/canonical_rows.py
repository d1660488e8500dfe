"""Canonical rows from sparse ones, and a published state of plain Parquet files that holds them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch, commit
from lake.fold_events import fold_events
from lake.keyring import create_key_file, key_path, load_key_file
from lake.query.relations import Relations
from lake.query.session import Session
from lake.snapshot import PublishedFile
from transforms import canonical

SQL = Path(__file__).resolve().parents[1] / "sql"
NOW = datetime(2026, 2, 1, tzinfo=UTC)


class PlainFiles:
    """Parquet files in a folder, one per table that has rows; what lake/snapshot.py gives for a real lake."""

    def __init__(self, folder: Path, tables: Mapping[str, pa.Table]) -> None:
        self._files: dict[str, list[str]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            if table.num_rows:
                pq.write_table(table, folder / f"{name}.parquet")
                self._files[name] = [str(folder / f"{name}.parquet")]

    def files(self, table: str) -> list[str]:
        return self._files.get(table, [])

    def listed(self, table: str) -> list[PublishedFile]:
        return [PublishedFile(path, None, os.path.getsize(path) if os.path.exists(path) else 0) for path in self.files(table)]


def events_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Events with what a sparse row leaves out: ids by position, the message's key from its id, an SMS sent out."""
    full = []
    for number, row in enumerate(rows):
        given = {"event_id": f"event-{number:04}", "channel": "sms", "direction": "outbound", "source": "sms"} | dict(row)
        if "message_id" in given and "message_key" not in given:
            given["message_key"] = (
                f"key of {given['message_id']} {given.get('recipient_id', '') if given['channel'] == 'email' else ''}".strip()
            )
        given.setdefault("ingested_at", given["event_time"])
        full.append(given)
    return canonical_table(canonical.EVENTS, full)


def canonical_table(table: canonical.Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The rows with the table's columns and types; an unknown column is an error."""
    rows = list(rows)
    unknown = {name for row in rows for name in row} - set(table.names)
    assert not unknown, f"{table.name} has no column {', '.join(sorted(unknown))}"
    return pa.table(
        {column.name: pa.array([_typed(row.get(column.name), column.type) for row in rows], column.type) for column in table.columns},
        schema=table.schema,
    )


def session_of(folder: Path, events: Iterable[Mapping[str, Any]], now: datetime = NOW, **tables: pa.Table) -> Session:
    """A session on these events and the messages that they fold into."""
    stored = events_table(events)
    return Session(PlainFiles(folder, {"events": stored, "messages": fold_events(stored)} | tables), Relations(SQL), now)


def lake_of(folder: Path, events: Iterable[Mapping[str, Any]], **tables: pa.Table) -> Settings:
    """Settings that name a real lake with these rows committed; its key lies beside it. Called again, it adds to it."""
    settings = Settings(lake=str(folder))
    commit_rows(settings, events, **tables)
    return settings


def commit_rows(settings: Settings, events: Iterable[Mapping[str, Any]], **tables: pa.Table) -> None:
    """Commits the rows to the lake of the settings, which is made if it is not there."""
    place = key_path(settings, settings.lake)
    keyring = load_key_file(place) if place.exists() else create_key_file(place, settings.lake)
    rows = {
        "events": events_table(events),
        **{table.name: table.schema.empty_table() for table in (canonical.NOTICES, canonical.DEAD_LETTERS, canonical.INGEST_LOG)},
    } | tables
    batch = Batch(rows["events"], rows["notices"], rows["dead_letters"], lambda committed: rows["ingest_log"])
    commit(Lake.create(settings, keyring), batch, NOW)


def _typed(value: Any, type_: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_decimal(type_):
        return Decimal(str(value)).quantize(Decimal("1e-8"))
    if pa.types.is_timestamp(type_) and isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if pa.types.is_map(type_):
        return list(value.items())
    return value
