"""What is killed: each operation works on a copy of one scene, and done again after a kill it must end where it would have ended.

To have another operation killed, write its function, say which scene it needs and which points it passes at least, and
put it into OPERATIONS. Points that it passes beside those are found by a run that nobody disturbs (tests/torture/kills.py).
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from unittest.mock import patch

from engagedb.settings import Settings
from ingest.simulate.simulate import DEFAULT_START
from lake.catalog import Lake
from tests.torture.ingester import FEW_FILES, KEYRING, Checkpoint, Death, now, telling_files, unmetered
from tests.torture.scenes import Scenes, retention
from transforms.canonical import DEAD_LETTERS, EVENTS, INGEST_LOG, MESSAGES, NOTICES

Work = Callable[[Scenes, Settings, Checkpoint], None]


@dataclass(frozen=True)
class Operation:
    """`share` is how often it is killed in proportion to others, 0: in chains only. `in_batches` publishes events in reading order."""

    name: str
    scene: str
    run: Work
    points: tuple[str, ...]
    share: int = 2
    in_batches: bool = False


def _ingest(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    from ingest.run import ingest

    ingest(Lake.open(settings), KEYRING, [str(scenes.landing)], settings, clock=now, progress=unmetered, checkpoint=checkpoint)


def _ingest_by_two(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """Two processes read, this one commits and is killed."""
    from ingest.run import ingest

    with patch("ingest.workers.SHARE_OBJECTS", 3):
        ingest(Lake.open(settings), KEYRING, [str(scenes.landing)], settings, clock=now, progress=unmetered, jobs=2, checkpoint=checkpoint)


def _ingest_all(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    _ingest(scenes, settings.model_copy(update={"batch_records": 4 * settings.batch_records}), checkpoint)


def _replay(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    from ingest.replay import replay
    from lake.dead_letters import find_dead_letters
    from transforms.vocabulary import DeadLetterStatus

    lake = Lake.open(settings)
    letters = find_dead_letters(lake, status=DeadLetterStatus.OPEN)
    replay(lake, KEYRING, settings, letters, clock=now, checkpoint=checkpoint)


def _maintain(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    _tidy(scenes, settings.model_copy(update={"retention_days": retention(scenes)}), checkpoint)


def _tidy(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """Days with two files are merged, so that every table has some to merge."""
    from lake.maintenance.maintain import maintain

    with patch("lake.maintenance.maintain.FEW_FILES", 1):
        maintain(Lake.open(settings), scenes.later, checkpoint=checkpoint)


def _sweep(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """Days after the kill and without readers: all that nothing uses may go. Nothing is compacted, which is killed elsewhere."""
    from lake.maintenance.maintain import maintain

    with patch("lake.maintenance.maintain.FEW_FILES", 10_000):
        maintain(Lake.open(settings), now() + timedelta(days=3))


def _backfill(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """A day of one source, with the whole payloads that were not kept before."""
    from ingest.backfill import backfill

    changed = settings.model_copy(update={"raw_event": True})
    source = scenes.landing / "whatsapp" / DEFAULT_START.strftime("%Y/%m/%d")
    backfill(
        Lake.open(settings), KEYRING, [str(source)], changed, DEFAULT_START, DEFAULT_START, "payloads",
        may_keep=True, clock=now, progress=unmetered, checkpoint=checkpoint,
    )  # fmt: skip


def _erase(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """Two persons, at a moment after everything that is in the lake."""
    from ingest.erase import erase
    from transforms.subject import SubjectReader

    reader = SubjectReader(KEYRING)
    subjects = [reader.read(pseudonym, "the torture") for pseudonym in scenes.persons]
    erase(Lake.open(settings), KEYRING, subjects, now=scenes.later, checkpoint=checkpoint)


_PUBLISHED: Final = ("tagged", "folded", "messages_written", "published")
_COMMITTED: Final = (
    "leased",
    *(f"{table.name}_{step}" for table in (EVENTS, DEAD_LETTERS, NOTICES) for step in ("written", "committed")),
    *_PUBLISHED,
    "logged",
    "events_merged",
    "events_replaced",
    "compacted",
)
_TABLES: Final = (EVENTS, MESSAGES, NOTICES, DEAD_LETTERS, INGEST_LOG)
_MAINTAINED: Final = (
    "published",
    "events_retained",
    "messages_retained",
    "messages_joined",
    *(f"{table.name}_{step}" for table in _TABLES for step in ("merged", "replaced", "expired", "orphan")),
)

INGEST: Final = Operation("ingest", "most", _ingest, ("read", *_COMMITTED), share=3, in_batches=True)
BY_TWO: Final = Operation("ingest by two", "most", _ingest_by_two, ("read", *_COMMITTED), in_batches=True)
FROM_EMPTY: Final = Operation("ingest from empty", "empty", _ingest_all, ("read", "logged"), share=0, in_batches=True)
REPLAY: Final = Operation("replay", "letters", _replay, ("read", "leased", "events_written", "events_committed", *_PUBLISHED, "marked"))
MAINTAIN: Final = Operation("maintain", "worn", _maintain, _MAINTAINED, share=3)
BACKFILL: Final = Operation(
    "backfill", "worn", _backfill, ("shelved", "begun", "rebuilt_written", "rebuilt_committed", *_PUBLISHED, "recorded")
)
ERASE: Final = Operation(
    "erase",
    "letters",
    _erase,
    (
        "leased",
        "erasures_committed",
        "published",
        "messages_named",
        *(f"{table.name}_{step}" for table in (EVENTS, MESSAGES, DEAD_LETTERS) for step in ("rewritten", "erased")),
    ),
)
TIDY: Final = Operation("maintain in between", "worn", _tidy, ())
SWEEP: Final = Operation("maintain at the end", "worn", _sweep, ())
OPERATIONS: Final = (INGEST, BY_TWO, MAINTAIN, ERASE, BACKFILL, REPLAY, FROM_EMPTY)


def perform(operation: Operation, scenes: Scenes, settings: Settings, death: Death | None = None, told: Any = None) -> None:
    """The operation, in this process; `told` gets how often each point was passed."""
    passed: Counter[str] = Counter()

    def count(point: str) -> None:
        passed[point] += 1

    checkpoint = death.checkpoint() if death else count
    tempfile.tempdir = str(scenes.place)  # what a killed process leaves there goes with the scenes
    with patch("lake.compact.MOST_FILES", FEW_FILES), telling_files(checkpoint) if death or told else nullcontext():
        operation.run(scenes, settings, checkpoint)
    if told:
        told.put(passed)
