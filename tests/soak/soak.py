"""Steady delivery into a watched folder, with stops and kills at random moments; what it took, and what is in the lake after it."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lake.catalog import Lake
from tests.torture.ingester import KEYRING, Errand, ingest_here
from tests.torture.landing import Ground
from tests.torture.rows import difference, rows_of

BATCH_SECONDS: Final = 5
PATIENCE_S: Final = 900.0  # a busy machine falls behind the delivery
SAMPLE_S: Final = 0.25
EDGE: Final = 20  # commits at either end whose median is told
_HOUR: Final = re.compile(r"\d{4}/\d\d/\d\d/\d\d/")

Told = Callable[[str], None]


@dataclass
class Course:
    """What was seen: the lines of all commits, and of each process the memory over its life in MB."""

    commits: list[dict[str, Any]] = field(default_factory=list)
    memory: list[list[float]] = field(default_factory=list)
    stops: int = 0
    kills: int = 0
    codes: list[int] = field(default_factory=list)
    lost: int = 0
    surplus: int = 0

    @property
    def is_clean(self) -> bool:
        """True when nothing is lost or doubled and every asked stop ended with 0."""
        return self.lost == self.surplus == 0 and not any(self.codes)

    def latencies(self) -> tuple[float, float]:
        """Median seconds of the first and of the last commits."""
        seconds = [commit["seconds"] for commit in self.commits]
        return statistics.median(seconds[:EDGE]), statistics.median(seconds[-EDGE:])


def soak(
    ground: Ground,
    *,
    seconds: float,
    restarts: int,
    interval_s: float,
    seed: int,
    history: float = 0.0,
    told: Told = lambda sentence: None,
) -> Course:
    """Delivers the ground's objects in order of their hours over that time, then compares the lake with the undisturbed one.

    The share `history` of them is in the lake before the watch begins.
    """
    settings = ground.new_lake("soaked", batch_records=50_000)
    arrived = ground.place / "arrived"
    shutil.rmtree(arrived, ignore_errors=True)
    arrived.mkdir()
    objects = sorted((path for path in ground.landing.rglob("*") if path.is_file()), key=lambda path: (_hour(path), str(path)))
    delivered = int(len(objects) * history)
    for path in objects[:delivered]:
        _deliver(path, arrived / path.relative_to(ground.landing))
    ingest_here(Errand(settings, [str(arrived)]))
    draw = random.Random(seed)
    times = sorted(draw.uniform(0.1, 0.9) * seconds for _ in range(restarts))
    watcher = _Watcher(Path(settings.lake), arrived, ground.place, interval_s)
    course, began, before = Course(), time.monotonic(), delivered
    watcher.start()
    while (now := time.monotonic() - began) < seconds or delivered < len(objects):
        for path in objects[delivered : before + int((len(objects) - before) * min(1.0, now / seconds))]:
            _deliver(path, arrived / path.relative_to(ground.landing))
            delivered += 1
        if times and now >= times[0]:
            times.pop(0)
            number = draw.choice((signal.SIGTERM, signal.SIGKILL))
            told(f"{now:6.0f} s {number.name}, {len(watcher.lines()):,} commits, {watcher.memory[-1] if watcher.memory else 0:.0f} MB")
            watcher.end(course, number)
            watcher.start()
        watcher.sample()
        time.sleep(SAMPLE_S)
    watcher.wait_until_drained(len(objects))
    watcher.end(course, signal.SIGTERM)
    course.commits = watcher.lines()
    course.lost, course.surplus = difference(ground.expected, rows_of(Lake.open(settings), KEYRING))
    return course


class _Watcher:
    """The command itself, as a user would start it."""

    def __init__(self, lake: Path, arrived: Path, place: Path, interval_s: float) -> None:
        self._health = place / "health.json"
        self._out = place / "commits.jsonl"
        self._out.write_bytes(b"")
        options = ["--interval", str(interval_s), "--health", str(self._health), "--json"]
        self._words = [sys.executable, "-m", "engagedb", "ingest", str(arrived), "--watch", *options]
        self._environment = os.environ | {
            "ENGAGEDB_LAKE": str(lake),
            "ENGAGEDB_PSEUDONYM_KEY": KEYRING.root.hex(),
            "ENGAGEDB_BATCH_SECONDS": str(BATCH_SECONDS),
        }
        self.memory: list[float] = []

    def start(self) -> None:
        self._health.unlink(missing_ok=True)
        self.memory = []
        with self._out.open("ab") as out:
            self._process = subprocess.Popen(self._words, env=self._environment, stdout=out)

    def end(self, course: Course, number: signal.Signals) -> None:
        """A stop is asked of a process that watches already; a kill may come before."""
        if number is not signal.SIGKILL:
            self._wait("begin", self._health.exists)
        self._process.send_signal(number)
        code = self._process.wait(PATIENCE_S)
        course.memory.append(self.memory)
        if number is signal.SIGKILL:
            course.kills += 1
        else:
            course.stops += 1
            course.codes.append(code)

    def lines(self) -> list[dict[str, Any]]:
        """The commits that were told; a killed process may have left half a line."""
        return [json.loads(line) for line in self._out.read_text().splitlines() if line.startswith("{") and line.endswith("}")]

    def sample(self) -> None:
        """Keeps the memory of this moment."""
        if self._process.poll() is not None:
            raise RuntimeError(f"The watch ended by itself with {self._process.returncode}.")
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        self.memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)

    def wait_until_drained(self, objects: int) -> None:
        """Returns when all objects are committed."""
        self._wait(f"take up all of {objects:,} objects", lambda: self._is_drained(objects))

    def _wait(self, what: str, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > until:
                raise RuntimeError(f"The watch did not {what} in {PATIENCE_S:.0f} s.")
            self.sample()
            time.sleep(SAMPLE_S)

    def _is_drained(self, objects: int) -> bool:
        if not self._health.exists():
            return False
        health = json.loads(self._health.read_bytes())
        return bool(health["state"] == "waiting" and health["known_objects"] == objects and not health["lag_s"])


def _hour(path: Path) -> str:
    found = _HOUR.search(str(path))
    return found[0] if found else ""


def _deliver(path: Path, target: Path) -> None:
    """A link appears whole, as an object in a bucket does."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(path, target)
