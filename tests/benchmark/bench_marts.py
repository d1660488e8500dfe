"""Marts at size: each over 30 and 90 days from folded messages, and the same answer from events alone.

    python -m tests.benchmark.bench_marts [--events 1000000] [--place FOLDER]

The lake is drawn (tests/benchmark/canonical_lake.py): 90 days, 120 countries, three messages to ten events. Every figure
is the median of three warm runs, CPU seconds of the process in brackets. Growth is shown by running it at 1, 3 and 10 million.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from engagedb.settings import Settings, data_folder
from lake.catalog import Lake
from lake.fold import _fold_sql
from lake.publish import publish
from lake.query.relations import Kind, Relation, Relations
from lake.query.render import REFERENCES, Asked, Engine, literal, render, render_reference
from lake.query.session import Session
from lake.query.trace import trace
from lake.snapshot import Published
from tests.benchmark.canonical_lake import FIRST, LAST, NOW, append_events
from transforms.canonical import EVENTS
from transforms.pseudonyms import derive_first

RUNS: Final = 3
WINDOWS: Final = (30, 90)
DASHBOARD: Final = ("delivery_v1", "delivery_by_country_v1", "feedback_completion_v1", "protect_v1", "freshness_v1")
LIMITS_MS: Final = {30: 150.0, 90: 400.0}
FIRST_QUERY: Final = """
import time, lake.query.session, lake.query.reads, lake.read_tables, pyiceberg.avro.file, pyarrow, duckdb
from engagedb.settings import Settings
import datetime
began = time.perf_counter()
session = lake.query.session.Session.open(Settings(lake={place!r}), datetime.datetime(2026, 4, 15, tzinfo=datetime.UTC))
session.sql("SELECT channel, count(*) AS messages FROM messages GROUP BY channel").to_arrow_table()
print(time.perf_counter() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_marts", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--place", type=Path, help="folder for the lake, which is kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(lake=str((asked.place or Path(temporary)) / "lake"))
        relations = Relations(data_folder("sql"))
        _build(settings, relations, asked.events)
        _tell_opening(settings)
        session = Session.open(settings, NOW)
        for relation in relations.values():
            if relation.kind is Kind.MART:
                _tell_mart(settings, session, relation)


def _build(settings: Settings, relations: Relations, events: int) -> None:
    lake = Lake.create(settings, derive_first(b"b" * 32))
    made, drawn_s, _ = _timed(lambda: append_events(lake, events, relations))
    days, build_s, build_cpu = _timed(lambda: publish(lake, NOW))
    size = sum(file.size_bytes for table in ("events", "messages") for file in Published(lake).listed(table))
    print(f"{made:,} events drawn and appended in {drawn_s:.1f} s; {size / 1e6:,.0f} MB of files")
    print(f"full messages build, {len(days)} days: {build_s:.1f} s (CPU {build_cpu:.1f} s)")


def _tell_opening(settings: Settings) -> None:
    runs = [_in_a_process(FIRST_QUERY.format(place=settings.lake)) for _ in range(RUNS)]
    print(f"opening the lake and the first query, after imports: {statistics.median(runs) * 1000:,.0f} ms")
    session = Session.open(settings, NOW)
    asked = f"SELECT message_id FROM messages WHERE message_time >= '{LAST - timedelta(days=9)}' ORDER BY message_key LIMIT 1"
    (row,) = session.ask(asked, [])
    found, wall_ms, cpu_ms = _warm(lambda: trace(session, str(row["message_id"]), None))
    print(f"trace of one message: {wall_ms:,.0f} ms (CPU {cpu_ms:,.0f} ms), {len(found.steps) if found else 0} events")


def _tell_mart(settings: Settings, session: Session, relation: Relation) -> None:
    told = [f"{relation.name + (' *' if relation.name in DASHBOARD else ''):<28}"]
    for days in WINDOWS:
        since = LAST - timedelta(days=days - 1)
        answer, wall_ms, cpu_ms = _warm(lambda since=since: session.mart(relation.name, since=since, until=LAST).to_arrow_table())  # type: ignore[misc]
        slow = " SLOW" if wall_ms > LIMITS_MS[days] else ""
        told.append(f"{days} d {wall_ms:6,.0f} ms ({cpu_ms:,.0f}){slow}")
        if relation.reads == "messages" and days == WINDOWS[0]:
            again, event_ms = _from_events(settings, session, relation, since)
            same = "same" if _rounded(again) == _rounded(answer) else "other answer"
            told.append(f"from events {event_ms:7,.0f} ms = {event_ms / wall_ms:4.1f} x, {same}")
    print(" | ".join(told), flush=True)


def _from_events(settings: Settings, session: Session, relation: Relation, since: date) -> tuple[pa.Table, float]:
    """The mart over messages that are folded while it is asked, from the events of its days."""
    listed = Published(Lake.open(settings)).listed(EVENTS.name)
    first = max(FIRST, since - timedelta(days=1 + relation.around_days))
    files = ", ".join(literal(file.path) for file in listed if file.day is not None and file.day >= first)
    core = session.relations["messages"]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    for name in REFERENCES:
        connection.execute(f"CREATE VIEW {name} AS {render_reference(session.relations.folder, name)}")
    row = "file_index * 1000000000 + file_row_number AS rowid"
    connection.execute(f"CREATE VIEW key_events AS SELECT *, {row} FROM read_parquet([{files}])")
    connection.execute(f"CREATE VIEW messages_stored AS {_fold_sql()}")
    connection.execute(f"CREATE VIEW messages AS {render(core, Engine.DUCKDB, Asked(NOW))}")
    text = render(relation, Engine.DUCKDB, Asked(NOW, since, LAST))
    began = time.perf_counter()
    answer = connection.sql(text).to_arrow_table()
    return answer, (time.perf_counter() - began) * 1000


def _rounded(table: pa.Table) -> list[dict[str, Any]]:
    """Rows whose floating sums do not depend on the order in which they were added."""
    return [{k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in table.to_pylist()]


def _warm(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """The work's result, and the median milliseconds of the clock and of the CPU of RUNS runs after a first one."""
    result = work()
    runs = [_timed(work) for _ in range(RUNS)]
    return result, statistics.median(wall for _, wall, _ in runs) * 1000, statistics.median(cpu for *_, cpu in runs) * 1000


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - began, time.process_time() - cpu


def _in_a_process(code: str) -> float:
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
