"""Marts at size: each over 30 and 90 days from folded messages, and the same answer from events alone.

    python -m tests.benchmark.bench_marts [--events 1000000 3000000 10000000] [--write docs/benchmarks-marts.md]

The lakes are drawn (tests/benchmark/canonical_lake.py): 90 days, 120 countries, about three messages to ten events. Every figure
of an answer is the median of three warm runs by the clock, CPU time of the process in brackets.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from engagedb.settings import Settings, data_folder
from lake.catalog import Lake
from lake.fold_events import READ, fold_events
from lake.publish import publish
from lake.query.relations import Kind, Relation, Relations
from lake.query.render import REFERENCES, Asked, Engine, literal, render, render_reference
from lake.query.session import Session
from lake.query.trace import trace
from lake.snapshot import Published
from tests.benchmark.canonical_lake import FIRST, LAST, NOW, append_events
from tests.benchmark.figures import Figure, machine, page
from transforms.canonical import EVENTS
from transforms.pseudonyms import derive_first

RUNS: Final = 3
WINDOWS: Final = (30, 90)
DASHBOARD: Final = ("delivery_v1", "delivery_by_country_v1", "feedback_completion_v1", "protect_v1", "freshness_v1")
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
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--write", type=Path, help="also write the figures into this file")
    asked = parser.parse_args()
    pages = [page("Machine", "", machine(datetime.now(UTC).date()))]
    for done, events in enumerate(asked.events, start=1):
        with tempfile.TemporaryDirectory() as temporary:
            pages.append(page(f"{events:,} events", "", _told(_figures(Settings(lake=f"{temporary}/lake"), events))))
        if asked.write:  # after each size: the largest takes long
            asked.write.write_text("\n".join([_heading(asked.events[:done]), *pages]), encoding="utf-8")


def _heading(events: list[int]) -> str:
    sizes = " ".join(map(str, events))
    return (
        f"# Marts at size\n\nMade by `python -m tests.benchmark.bench_marts --events {sizes} --write docs/benchmarks-marts.md`, not typed."
        " Lakes of made-up rows: 90 days, 120\n"
        "countries, about three messages to ten events. Milliseconds by the clock, median of three warm runs; CPU time in brackets,"
        " in which a busy machine\n"
        "shows less. Dashboard marts have a star. The last column is the answer over 30 days from events alone, in the same run.\n"
    )


def _told(figures: Iterable[Figure]) -> Iterator[Figure]:
    for figure in figures:
        print(figure.name, figure.value, figure.note, sep=" | ", flush=True)
        yield figure


def _figures(settings: Settings, events: int) -> Iterator[Figure]:
    relations = Relations(data_folder("sql"))
    yield from _build(settings, relations, events)
    yield from _opening(settings)
    session = Session.open(settings, NOW)
    for relation in relations.values():
        if relation.kind is Kind.MART:
            yield _mart(settings, session, relation)


def _build(settings: Settings, relations: Relations, events: int) -> Iterator[Figure]:
    lake = Lake.create(settings, derive_first(b"b" * 32))
    made, drawn_s, _ = _timed(lambda: append_events(lake, events, relations))
    days, build_s, build_cpu = _timed(lambda: publish(lake, NOW))
    size = sum(file.size_bytes for table in ("events", "messages") for file in Published(lake).listed(table))
    yield Figure("drawn and appended", f"{drawn_s:.1f} s", f"{made:,} events; {size / 1e6:,.0f} MB of files with their messages")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure(
        "full build of messages", f"{build_s:.1f} s ({build_cpu:.1f} s)", f"{len(days)} days; peak {peak:,.0f} MB of the run so far"
    )


def _opening(settings: Settings) -> Iterator[Figure]:
    runs = [_in_a_process(FIRST_QUERY.format(place=settings.lake)) for _ in range(RUNS)]
    yield Figure("open the lake and ask once", f"{statistics.median(runs) * 1000:,.0f} ms", "after imports")
    session = Session.open(settings, NOW)
    asked = f"SELECT message_id FROM messages WHERE message_time >= '{LAST - timedelta(days=9)}' ORDER BY message_key LIMIT 1"
    (row,) = session.ask(asked, [])
    found, wall_ms, cpu_ms = _warm(lambda: trace(session, str(row["message_id"]), None))
    yield Figure("trace of one message", f"{wall_ms:,.0f} ms ({cpu_ms:,.0f})", f"{len(found.steps) if found else 0} events")


def _mart(settings: Settings, session: Session, relation: Relation) -> Figure:
    told, note = [], ""
    for days in WINDOWS:
        since = LAST - timedelta(days=days - 1)
        answer, wall_ms, cpu_ms = _warm(lambda since=since: session.mart(relation.name, since=since, until=LAST).to_arrow_table())  # type: ignore[misc]
        told.append(f"{days} d {wall_ms:,.0f} ms ({cpu_ms:,.0f})")
        if relation.reads == "messages" and days == WINDOWS[0]:
            again, event_ms = _from_events(settings, session, relation, since)
            same = "same" if _rounded(again) == _rounded(answer) else "other answer"
            note = f"from events {event_ms:,.0f} ms, {event_ms / wall_ms:.1f} times; {same}"
    return Figure(relation.name + (" *" if relation.name in DASHBOARD else ""), ", ".join(told), note)


def _from_events(settings: Settings, session: Session, relation: Relation, since: date) -> tuple[pa.Table, float]:
    """The mart over messages that are folded while it is asked, from the events of its days."""
    listed = Published(Lake.open(settings)).listed(EVENTS.name)
    first = max(FIRST, since - timedelta(days=1) - relation.reach[0])
    files = ", ".join(literal(file.path) for file in listed if file.day is not None and file.day >= first)
    core = session.relations["messages"]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    for name in REFERENCES:
        connection.execute(f"CREATE VIEW {name} AS {render_reference(session.relations.folder, name)}")
    text = render(relation, Engine.DUCKDB, Asked(NOW, since, LAST))
    began = time.perf_counter()
    events = connection.sql(f"SELECT {', '.join(READ)} FROM read_parquet([{files}])").to_arrow_table()
    connection.register("messages_stored", fold_events(events))
    connection.execute(f"CREATE VIEW messages AS {render(core, Engine.DUCKDB, Asked(NOW))}")
    answer = connection.sql(text).to_arrow_table()
    return answer, (time.perf_counter() - began) * 1000


def _rounded(table: pa.Table) -> list[dict[str, Any]]:
    """Rows whose floating sums do not depend on the order in which they were added: nine digits of each."""
    return [{k: float(f"{v:.8e}") if isinstance(v, float) else v for k, v in row.items()} for row in table.to_pylist()]


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
