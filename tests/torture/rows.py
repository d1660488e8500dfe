"""What a lake holds, row for row, without what two honest runs may differ in: when and from which copy a row was read."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from lake.catalog import Lake
from lake.datafiles import newest_files, read_files, scan_files
from lake.fold import fold_events
from lake.seal import unseal
from lake.snapshot import Published
from transforms.canonical import DEAD_LETTERS, EVENTS, MESSAGES, NOTICES, Table
from transforms.pseudonyms import Keyring

LINEAGE: Final = {"ingested_at", "status_at", "source_object", "source_offset"}
MONEY: Final = ("message_price_usd", "carrier_fee_usd")

Rows = dict[str, Counter[str]]


def rows_of(lake: Lake, keyring: Keyring) -> Rows:
    """Each row as a text, and how often it is there, by table; the sums of money as a table of their own."""
    found: Rows = {}
    for table in (EVENTS, NOTICES, DEAD_LETTERS, MESSAGES):
        rows = read_files(lake, table, newest_files(lake.table(table.name)))
        found[table.name] = Counter(texts_of(table, rows, keyring))
        found[f"ids of {table.name}"] = Counter(rows.column(table.names[0]).to_pylist())
        if table in (EVENTS, MESSAGES):
            sums = {name: sum(value for value in rows.column(name).to_pylist() if value is not None) for name in MONEY}
            found[f"money of {table.name}"] = Counter(f"{name} {value}" for name, value in sums.items())
    return found


def difference(expected: Rows, found: Rows) -> tuple[int, int]:
    """How many rows were lost and how many are too many, over all tables; a changed row counts as both."""
    lost = sum((expected[name] - found[name]).total() for name in expected)
    return lost, sum((found[name] - expected[name]).total() for name in expected)


def surplus(expected: Rows, lake: Lake) -> int:
    """How many ids an unfinished lake holds twice, or that the finished one does not hold; only the finished lake is compared whole."""
    extra = 0
    for table in (EVENTS, NOTICES, DEAD_LETTERS):
        identity = table.names[0]
        ids = scan_files(lake, table, newest_files(lake.table(table.name)), [identity]).read_all().column(identity)
        known = pa.array(list(expected[f"ids of {table.name}"]), pa.string())
        extra += len(ids) - len(ids.unique()) + pc.sum(pc.invert(pc.is_in(ids.unique(), known))).as_py() if len(ids) else 0
    return extra


def complaint_of_reader(lake: Lake) -> str | None:
    """What is wrong with the published pair, or None: an event twice, or messages that are not the fold of the events."""
    published = Published(lake)
    events = _published(lake, published, EVENTS)
    ids = events.column("event_id")
    if len(ids.unique()) != len(ids):
        return f"{len(ids) - len(ids.unique())} events are there twice"
    stored = _published(lake, published, MESSAGES)
    keyed = events.filter(events.column("message_key").is_valid())
    if not _sorted(stored).equals(_sorted(fold_events(keyed))):
        return f"{stored.num_rows} messages are not the fold of {events.num_rows} events"
    return None


def texts_of(table: Table, rows: pa.Table, keyring: Keyring) -> list[str]:
    shown = []
    for row in rows.to_pylist():
        if "sealed_record" in row:
            row["sealed_record"] = unseal(keyring, row["sealed_record"], row["dead_letter_id"].encode()).split(b'"object"')[0]
        shown.append(repr([(name, _plain(row[name])) for name in table.names if name not in LINEAGE]))
    return shown


def _sorted(messages: pa.Table) -> pa.Table:
    return messages.sort_by("message_key").combine_chunks()


def _plain(value: object) -> object:
    """Maps come as lists of pairs, whose order says nothing."""
    return sorted(value, key=repr) if isinstance(value, list) else value


def _published(lake: Lake, published: Published, table: Table) -> pa.Table:
    paths = [path.removeprefix("s3://") for path in published.files(table.name)]
    found: pa.Table = ds.dataset(paths, schema=table.schema, format="parquet", filesystem=lake.filesystem).to_table()
    return found
