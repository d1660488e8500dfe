"""Lives of a lake: ingests killed again and again, continued, and compared with the lake that nobody disturbed.

A kill lands on whatever the kill before left behind: no clean run comes between them but the last one. After every
kill the lake may hold no row that the undisturbed lake does not; after the clean run, exactly its rows.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engagedb.settings import Settings
from lake.catalog import Lake
from tests.torture.ingester import KEYRING, Death, Errand
from tests.torture.landing import Ground
from tests.torture.reader import watching
from tests.torture.rows import difference, rows_of, surplus
from transforms.canonical import DEAD_LETTERS, EVENTS, MESSAGES, NOTICES

RANDOM: Final = "at a random time"
POINTS: Final = (
    "read",
    "leased",
    *(f"{table.name}_{step}" for table in (EVENTS, DEAD_LETTERS, NOTICES) for step in ("written", "committed")),
    "tagged",
    "folded",
    "messages_written",
    "published",
    "logged",
    *(f"{table.name}_{step}" for table in (EVENTS, MESSAGES) for step in ("merged", "replaced")),
    "compacted",
)


@dataclass
class Toll:
    """Kills by point, what they cost, and what the readers saw meanwhile."""

    kills: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.complaints and not self.lost.total() and not self.doubled.total()

    @property
    def state(self) -> str:
        seen = f"{self.looks} looks of readers, {len(self.complaints)} complaints"
        return f"{self.lost.total()} rows lost, {self.doubled.total()} doubled, {seen}"


def schedule(kills: int, seed: int) -> list[Death | float]:
    """Every point in turn, in an order of chance; after every fifth a random time in seconds."""
    chance = random.Random(seed)
    planned: list[Death | float] = []
    while len(planned) < kills:
        for number, point in enumerate(chance.sample(POINTS, len(POINTS))):
            planned.append(Death(point))
            if number % 5 == 4:
                planned.append(chance.uniform(1.0, 6.0))
    return planned[:kills]


def torture(ground: Ground, deaths: list[Death | float], toll: Toll, *, batch_records: int, told: Callable[[str], None]) -> None:
    """As many lives as it takes to die all of these deaths; a point that a complete lake does not pass waits for the next life."""
    waiting = list(deaths)
    lives = 0
    while waiting:
        lives += 1
        before = len(waiting)
        _live(ground, f"life-{lives}", waiting, toll, batch_records)
        told(f"life {lives}: {before - len(waiting)} kills, {toll.kills.total()} of {len(deaths)} in all, {toll.state}")
        if len(waiting) == before:
            toll.complaints.append(f"{waiting.pop(0)} is not passed")


def _live(ground: Ground, name: str, waiting: list[Death | float], toll: Toll, batch_records: int) -> None:
    """One lake from empty to complete; each death that came is taken from those that wait."""
    settings = ground.new_lake(name, batch_records)
    sources = [str(ground.landing)]
    here: list[str] = []
    with watching(settings) as watch:
        while waiting:
            point = _kill(settings, sources, waiting[0])
            if point is None:
                break
            waiting.pop(0)
            here.append(point)
            toll.doubled[f"{name}, after {point}"] += surplus(ground.expected, Lake.open(settings))
        process = Errand(settings, sources).start()
        process.join()
        if process.exitcode != 0:
            toll.complaints.append(f"the run after the kills ended with {process.exitcode}")
    toll.kills.update(here)
    toll.looks += watch.looks
    toll.complaints += watch.complaints
    lost, doubled = difference(ground.expected, rows_of(Lake.open(settings), KEYRING))
    toll.lost[name] += lost
    toll.doubled[name] += doubled
    shutil.rmtree(settings.lake)


def _kill(settings: Settings, sources: list[str], death: Death | float) -> str | None:
    """Where the process was killed, or None when it ended before."""
    if isinstance(death, Death):
        process = Errand(settings, sources, death).start()
        process.join()
        return death.point if process.exitcode == -signal.SIGKILL else None
    key = Path(settings.lake).with_name("torture.key")
    if not key.exists():
        key.write_text((b"t" * 32).hex())
        key.chmod(0o600)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGEDB_")}
    environment |= {"ENGAGEDB_BATCH_RECORDS": str(settings.batch_records)}
    command = [sys.executable, "-m", "engagedb", "ingest", *sources, "--lake", settings.lake, "--key-file", str(key), "--json"]
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        started.wait(death)
    except subprocess.TimeoutExpired:
        started.kill()
    return RANDOM if started.wait() == -signal.SIGKILL else None
