"""Processes that change one lake at the same time, and what each of them says in the end."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from engagedb.errors import ConflictError
from engagedb.settings import Settings
from tests.torture.ingester import FEW_FILES, KEYRING, Errand, barrier_of_forks, forked, ingest_here, now, queue_of_forks, without_lease

MEETING_S: Final = 600.0  # on a busy machine; who ends before it meets anybody lets the others go on at once
# Points that are passed before a commit and after it: what did not come through lost against somebody.
_COMMITTED: Final = {
    **{f"{table}_written": f"{table}_committed" for table in ("events", "dead_letters", "notices")},
    "messages_written": "published",
    "rebuilt_written": "rebuilt_committed",
    **{f"{table}_merged": f"{table}_replaced" for table in ("events", "dead_letters", "notices", "messages", "ingest_log")},
}

Checkpoint = Callable[[str], None]
Work = Callable[[Settings, Checkpoint], Any]


@dataclass(frozen=True)
class Ingest:
    """Ingests the sources; gives the tally."""

    sources: Sequence[str]

    def __call__(self, settings: Settings, checkpoint: Checkpoint) -> Any:
        return ingest_here(Errand(settings, self.sources), checkpoint=checkpoint).as_json()


@dataclass(frozen=True)
class Replay:
    """Replays the open dead letters."""

    def __call__(self, settings: Settings, checkpoint: Checkpoint) -> Any:
        return ingest_here(Errand(settings, replays=True), checkpoint=checkpoint).as_json()


@dataclass(frozen=True)
class Maintain:
    """Maintains the lake some times, each as if whatever was written or superseded before `since` were old enough to go."""

    since: datetime
    times: int = 1

    def __call__(self, settings: Settings, checkpoint: Checkpoint) -> Any:
        from lake.catalog import Lake
        from lake.maintenance.maintain import READERS, maintain
        from lake.maintenance.sweep import SAFETY_AGE

        age = max(READERS, SAFETY_AGE)
        return [maintain(Lake.open(settings), self.since + age, keep=age, checkpoint=checkpoint).as_json() for _ in range(self.times)]


@dataclass(frozen=True)
class Backfill:
    """Rebuilds the days from the sources."""

    sources: Sequence[str]
    first: date
    days: int

    def __call__(self, settings: Settings, checkpoint: Checkpoint) -> Any:
        from ingest.backfill import backfill
        from lake.catalog import Lake

        last = self.first + timedelta(days=self.days - 1)
        return backfill(
            Lake.open(settings), KEYRING, self.sources, settings, self.first, last, "a test", may_keep=True, clock=now,
            progress=lambda size: lambda *_: None, checkpoint=checkpoint,
        ).as_json()  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a rival gave, or the sentence with which it gave up, and how many of its commits were refused."""

    told: Any
    gave_up: str | None
    refused: int


@dataclass(frozen=True)
class Rival:
    """A work, and the point at which it waits once for its rivals, so that all of them stand on the same state."""

    work: Work
    meets_at: str


def race(settings: Settings, *rivals: Rival, has_lease: bool) -> list[Outcome]:
    """The outcome of each rival, in their order. Without the lease they meet; with it they could not. Other ends are raised."""
    meeting = None if has_lease else barrier_of_forks(len(rivals))
    answers = [queue_of_forks() for _ in rivals]
    processes = [forked(_run, settings, rival, meeting, answer) for rival, answer in zip(rivals, answers, strict=True)]
    for process in processes:
        process.join()
    outcomes = ["it died" if answer.empty() else answer.get() for answer in answers]
    for outcome in outcomes:
        if isinstance(outcome, str):
            raise AssertionError(outcome)
    return outcomes


class _Tries:
    """Commits that were staged and not carried through, told by the points passed."""

    def __init__(self) -> None:
        self._staged: set[str] = set()
        self._staged_again = 0

    def see(self, point: str) -> None:
        if point in _COMMITTED:
            self._staged_again += point in self._staged
            self._staged.add(point)
        self._staged -= {staged for staged in self._staged if _COMMITTED[staged] == point}

    @property
    def refused(self) -> int:
        return self._staged_again + len(self._staged)


def _run(settings: Settings, rival: Rival, meeting: Any, answer: Any) -> None:
    tries, waited = _Tries(), threading.Event()

    def checkpoint(point: str) -> None:
        tries.see(point)
        if meeting is not None and point == rival.meets_at and not waited.is_set():
            waited.set()
            with suppress(threading.BrokenBarrierError):  # then the counts tell that they did not meet
                meeting.wait(MEETING_S)

    told, gave_up = None, None
    try:
        with patch("lake.compact.MOST_FILES", FEW_FILES), nullcontext() if meeting is None else without_lease():
            told = rival.work(settings, checkpoint)
    except ConflictError as refusal:
        gave_up = str(refusal)
    except Exception:
        answer.put(traceback.format_exc())
        return
    finally:
        if meeting is not None:
            meeting.abort()
    answer.put(Outcome(told, gave_up, tries.refused))
