"""A watch in a thread, what its tests wait for, and the command line as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engagedb.options import utc_now
from ingest.health import HealthFile
from ingest.run import Landed
from ingest.stopping import Stop
from ingest.tally import Tally
from ingest.watch import Watching, watch
from lake.catalog import Lake
from tests.ingest.conftest import Workshop, text_event

Write = Callable[..., Path]
PATIENCE_S = 60.0
MESSAGES = [f"{n:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11" for n in range(60)]


@dataclass
class Watch:
    """A watch in a thread of its own, stopped at the end of the test."""

    workshop: Workshop
    source: Path
    health: Path
    others: Sequence[str] = ()
    stop: Stop = field(default_factory=Stop)
    landed: list[Landed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    result: list[Tally] = field(default_factory=list)

    def run(self, interval_s: float = 0.05, jobs: int = 1, **changes: Any) -> None:
        settings = self.workshop.settings.model_copy(update=changes)
        how = Watching(interval_s, self.landed.append, self.warnings.append, HealthFile(self.health), jobs)
        lake = Lake.open(settings)
        self.result.append(watch(lake, self.workshop.keyring, [str(self.source), *self.others], settings, how, self.stop, clock=utc_now))

    @contextmanager
    def running(self, **changes: Any) -> Iterator[None]:
        thread = threading.Thread(target=self.run, kwargs=changes)
        thread.start()
        try:
            yield
        finally:
            self.stop.is_requested = True
            thread.join(PATIENCE_S)
        assert self.result, "the watch failed"

    def state(self) -> dict[str, Any]:
        until(self.health.exists, "a heartbeat")
        found: dict[str, Any] = json.loads(self.health.read_bytes())
        return found


@pytest.fixture
def watched(workshop: Workshop, landing: Write, tmp_path: Path) -> Watch:
    return Watch(workshop, landing("first.json", [text_event(MESSAGES[0])]).parent, tmp_path / "health.json")


@pytest.fixture(autouse=True)
def no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.SETTLING_S", 0.0)


def until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def count(workshop: Workshop) -> int:
    return int(workshop.rows("SELECT count(*) AS n FROM events")[0]["n"])


def engagedb(*words: str, settings: Watch, code: int) -> str:
    call = [sys.executable, "-m", "engagedb", *words]
    done = subprocess.run(call, env=environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr


def environment(watched: Watch) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGEDB_")}
    return clean | {"ENGAGEDB_LAKE": watched.workshop.settings.lake, "ENGAGEDB_PSEUDONYM_KEY": bytes(range(32)).hex()}
