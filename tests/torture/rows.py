"""What a lake holds, row for row, without what two honest runs may differ in: when and from which copy a row was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from lake.catalog import Lake
from lake.datafiles import newest_files, read_files
from lake.fold_events import fold_events
from lake.seal import unseal
from lake.snapshot import Published
from transforms.canonical import DEAD_LETTERS, ERASURES, EVENTS, INGEST_LOG, MESSAGES, NOTICES, Table
from transforms.pseudonyms import Keyring

LINEAGE: Final = {"ingested_at", "status_at", "source_object", "source_offset", "duration_s", "erasure_id"}
MONEY: Final = ("message_price_usd", "carrier_fee_usd")
RECORDS: Final = (EVENTS, NOTICES, DEAD_LETTERS, MESSAGES)
COMPARED: Final = (*RECORDS, INGEST_LOG, ERASURES)

Rows = dict[str, pa.Table]


def rows_of(lake: Lake, keyring: Keyring, tables: Sequence[Table] = RECORDS) -> Rows:
    """The rows by table, sorted by their first column; the sums of money are a table of their own."""
    found: Rows = {}
    sums: list[tuple[str, str]] = []
    for table in tables:
        rows = read_files(lake, table, newest_files(lake.table(table.name)))
        if table in (EVENTS, MESSAGES):
            sums += [(f"{name} of {table.name}", str(pc.sum(rows.column(name)).as_py() or 0)) for name in MONEY]
        found[table.name] = _comparable(table, rows, keyring)
    found["money"] = pa.Table.from_pylist(
        [{"of": of, "sum": total} for of, total in sums], pa.schema([("of", "string"), ("sum", "string")])
    )
    return found


def difference(expected: Rows, found: Rows) -> tuple[int, int]:
    """How many rows were lost and how many are too many, over all tables; a changed row counts as both."""
    lost = more = 0
    for name in expected:
        if not expected[name].equals(found[name]):
            before, after = Counter(_shown(expected[name])), Counter(_shown(found[name]))
            lost += (before - after).total()
            more += (after - before).total()
    return lost, more


def surplus(expected: Rows, lake: Lake) -> int:
    """How many ids an unfinished lake holds twice, or that the finished one does not hold; only the finished lake is compared whole."""
    extra = 0
    for table in (EVENTS, NOTICES, DEAD_LETTERS):
        identity = table.names[0]
        ids = read_files(lake, table, newest_files(lake.table(table.name))).column(identity)
        unknown = pc.sum(pc.invert(pc.is_in(ids.unique(), expected[table.name].column(identity).combine_chunks()))).as_py() or 0
        extra += len(ids) - len(ids.unique()) + unknown
    return extra


def complaint_of_reader(lake: Lake) -> str | None:
    """What is wrong with the published pair, or None: an event twice, or messages that are not the fold of the events."""
    published = Published(lake)
    return complaint_of_pair(published_rows(lake, published, EVENTS), published_rows(lake, published, MESSAGES))


def complaint_of_pair(events: pa.Table, messages: pa.Table) -> str | None:
    """The same of rows that were read; messages that stand in several rows until they are joined count by their events only."""
    ids = events.column("event_id")
    if len(ids.unique()) != len(ids):
        return f"{len(ids) - len(ids.unique())} events are there twice"
    keyed = events.filter(events.column("message_key").is_valid())
    told, there = pc.sum(messages.column("event_count")).as_py() or 0, keyed.num_rows
    if told != there:
        return f"messages count {told} events, and there are {there}"
    counts = messages.column("message_key").value_counts()
    apart = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    whole, folded = (rows.filter(pc.invert(pc.is_in(rows.column("message_key"), apart))) for rows in (messages, fold_events(keyed)))
    if not _sorted(whole).equals(_sorted(folded)):
        return f"{messages.num_rows} messages are not the fold of {events.num_rows} events"
    return None


def published_rows(lake: Lake, published: Published, table: Table) -> pa.Table:
    """What a reader who opened the pair sees of the table."""
    paths = [path.removeprefix("s3://") for path in published.files(table.name)]
    found: pa.Table = ds.dataset(paths, schema=table.schema, format="parquet", filesystem=lake.filesystem).to_table()
    return found


def fingerprint(rows: pa.Table) -> str:
    """The same for the same rows in any order, lineage apart; to tell states of a table from each other."""
    stripped = rows.drop_columns([name for name in rows.column_names if name in LINEAGE])
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("stripped", stripped)
        return str(connection.sql("select count(*), sum(hash(stripped)::hugeint) from stripped").fetchone())


def texts_of(table: Table, rows: pa.Table, keyring: Keyring) -> list[str]:
    """Each row as a text, without lineage."""
    return _shown(_comparable(table, rows, keyring))


def _comparable(table: Table, rows: pa.Table, keyring: Keyring) -> pa.Table:
    """The rows without lineage, and with sealed records opened, for a sealed text is never the same twice."""
    if "sealed_record" in rows.column_names:
        sealed = zip(rows.column("sealed_record").to_pylist(), rows.column("dead_letter_id").to_pylist(), strict=True)
        opened = [unseal(keyring, record, name.encode()).split(b'"object"')[0] if record else record for record, name in sealed]
        rows = rows.set_column(rows.column_names.index("sealed_record"), "sealed_record", pa.array(opened, pa.binary()))
    kept = rows.select([name for name in table.names if name not in LINEAGE])
    order = [(name, "ascending") for name in kept.column_names if name in {table.names[0], "etag", "event_count"}]
    return kept.sort_by(order).combine_chunks()


def _shown(rows: pa.Table) -> list[str]:
    return [repr([(name, _plain(value)) for name, value in row.items()]) for row in rows.to_pylist()]


def _sorted(messages: pa.Table) -> pa.Table:
    return messages.sort_by("message_key").combine_chunks()


def _plain(value: object) -> object:
    """Maps come as lists of pairs, whose order says nothing."""
    return sorted(value, key=repr) if isinstance(value, list) else value
