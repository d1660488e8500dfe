"""What a person waits for: the start of a command, and an answer. By the clock, each command in a process of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engagedb.settings import Settings
from ingest.sources import list_objects
from lake.query.session import Session
from tests.benchmark.figures import Figure

RUNS: Final = 7
MARTS: Final = ("delivery_by_country_v1", "feedback_completion_v1", "email_engagement_v1", "spend_v1")


def starts(landing: str, place: Path) -> Iterator[Figure]:
    """Cold starts of the program, its bytecode compiled; `place` gets a lake and a key."""
    objects = [found.uri for found in list_objects([landing])]
    lake, key = str(place / "small"), str(place / "small.key")
    told = ["--lake", lake, "--key-file", key]
    _run("init", *told)
    yield _start("engagedb --help", [["--help"]] * RUNS)
    yield _start("engagedb ingest of one object", [["ingest", found, *told] for found in objects[:RUNS]])
    yield _start("engagedb query", [["query", "SELECT count(*) FROM events", "--lake", lake]] * RUNS)


def answers(lake: str) -> Iterator[Figure]:
    """Marts of a lake, warm."""
    began = time.perf_counter()
    session = Session.open(Settings(lake=lake), datetime.now(UTC))
    session.sql("SELECT count(*) FROM messages").fetchall()
    yield Figure("open the lake and ask once", f"{(time.perf_counter() - began) * 1000:.0f} ms", "after imports")
    for mart in MARTS:
        took = [_asked(session, mart) for _ in range(RUNS)]
        yield Figure(mart, f"{statistics.median(took[1:]) * 1000:.0f} ms", f"median of {RUNS - 1}, warm")
    session.close()


def _asked(session: Session, mart: str) -> float:
    began = time.perf_counter()
    session.mart(mart).fetchall()
    return time.perf_counter() - began


def _start(name: str, commands: Sequence[Sequence[str]]) -> Figure:
    _run(*commands[0])  # bytecode and disk
    took = [_run(*command) for command in commands[1:]]
    return Figure(name, f"{statistics.median(took):.2f} s", f"median of {len(took)}")


def _run(*words: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "engagedb", *words], check=True, capture_output=True)
    return time.perf_counter() - began
