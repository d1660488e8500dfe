"""The heartbeat of a watching ingest: one JSON file, always whole, for a probe that looks at its age and its state."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from engagedb.errors import ConfigurationError
from ingest.run import Landed


class State(StrEnum):
    """What the watch is doing."""

    READING = "reading"
    COMMITTING = "committing"
    WAITING = "waiting"
    BACKING_OFF = "backing_off"  # the source or the lake does not answer
    STOPPED = "stopped"


@dataclass(slots=True)
class Heartbeat:
    """What the file says. Times are UTC; `lag_s` is how long the oldest object that was seen is not committed, 0 when none waits.

    `templates_refused` is why changed templates are not in use, until they are put right.
    """

    process: int
    started_at: datetime
    state: State = State.WAITING
    at: datetime | None = None
    polled_at: datetime | None = None
    lag_s: float = 0.0
    waiting_records: int = 0
    known_objects: int = 0
    last_commit: Landed | None = None
    last_error: dict[str, Any] | None = None
    next_try_at: datetime | None = None
    templates_refused: str | None = None
    counts: dict[str, Any] = field(default_factory=dict)


class HealthFile:
    """Where the heartbeat goes; without a path it goes nowhere. Raises ConfigurationError for a place that cannot be written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is None:
            return
        try:
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise ConfigurationError(f"The health file {path} cannot be written: {error.strerror}. Name another with --health.") from None

    def write(self, heartbeat: Heartbeat) -> None:
        """Replaces the file. A full disk is no reason to stop ingesting, and an old heartbeat is an alarm by itself."""
        if self._path is None:
            return
        draft = self._path.with_name(f".{self._path.name}.{heartbeat.process}")
        with suppress(OSError):
            draft.write_bytes(orjson.dumps(asdict(heartbeat), option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            os.replace(draft, self._path)
