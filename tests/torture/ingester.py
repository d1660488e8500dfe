"""Processes that work on a lake, and end in the middle when they are told to."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from typing import Any, Final
from unittest.mock import patch

from engagedb.settings import Settings
from transforms.pseudonyms import Keyring, derive_first

KEYRING: Final = derive_first(b"t" * 32)
FEW_FILES: Final = 3  # so that a short life compacts too

# Points below the program's own: each file that a commit writes, and the moment before the catalog names it.
FILE_POINTS: Final = ("data_file_begun", "manifest_begun", "manifest_list_begun", "metadata_begun", "metadata_written")

# Every process is a fork of one that has the imports done and nothing else, so that a kill costs no start.
_forks: Final = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    [
        "tests.torture.ingester",
        "tests.torture.operations",
        "ingest.backfill",
        "ingest.erase",
        "ingest.replay",
        "ingest.run",
        "ingest.worker",
        "lake.maintenance.maintain",
        "lake.query.session",
        "pyiceberg.io.pyarrow",
        "boto3",
    ]
)

Checkpoint = Callable[[str], None]


@dataclass(frozen=True)
class Death:
    """SIGKILL by the process's own hand at the n-th pass of a point."""

    point: str
    passes: int = 1

    def checkpoint(self) -> Checkpoint:
        passed: Counter[str] = Counter()

        def pass_by(point: str) -> None:
            passed[point] += 1
            if point == self.point and passed[point] == self.passes:
                os.kill(os.getpid(), signal.SIGKILL)

        return pass_by


@dataclass(frozen=True)
class Errand:
    """What one process does: ingest the sources, or replay the open dead letters."""

    settings: Settings
    sources: Sequence[str] = ()
    death: Death | None = None
    has_lease: bool = True
    replays: bool = False

    def start(self) -> ForkServerProcess:
        return forked(_run, self)


def forked(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """A process that runs the target in the environment of now, started."""
    process = _forks.Process(target=_run_in, args=(dict(os.environ), target, *arguments))
    process.start()
    return process


def _run_in(environment: dict[str, str], target: Callable[..., None], *arguments: Any) -> None:
    """Forks have the environment of the first of them, which knows no bucket yet; DuckDB draws bars for them as for a person."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.clear()
    os.environ.update(environment)
    target(*arguments)


def event_of_forks() -> Any:
    return _forks.Event()


def barrier_of_forks(parties: int) -> Any:
    return _forks.Barrier(parties)


def queue_of_forks() -> Any:
    return _forks.SimpleQueue()


def now() -> datetime:
    return datetime.now(UTC)


def ingest_here(
    errand: Errand,
    keyring: Keyring = KEYRING,
    checkpoint: Checkpoint = lambda point: None,
    clock: Callable[[], datetime] = now,
) -> Any:
    """The errand done in this process; gives what ingest or replay counts. Its death, if it has one, takes the checkpoint's place."""
    from ingest.replay import replay
    from ingest.run import ingest
    from lake.catalog import Lake
    from lake.dead_letters import find_dead_letters
    from transforms.vocabulary import DeadLetterStatus

    lake = Lake.open(errand.settings)
    checkpoint = errand.death.checkpoint() if errand.death else checkpoint
    if errand.replays:
        return replay(
            lake, keyring, errand.settings, find_dead_letters(lake, status=DeadLetterStatus.OPEN), clock=clock, checkpoint=checkpoint
        )
    return ingest(lake, keyring, errand.sources, errand.settings, clock=clock, progress=unmetered, checkpoint=checkpoint)


def unmetered(size: int) -> Callable[[int, int], None]:
    return lambda *_: None


def _run(errand: Errand) -> None:
    with patch("lake.compact.MOST_FILES", FEW_FILES), nullcontext() if errand.has_lease else without_lease():
        ingest_here(errand)


@contextmanager
def without_lease() -> Iterator[None]:
    """Whoever asks for the lease inside goes on without it, as if it were broken."""
    with ExitStack() as broken:
        for kind in ("_hold_lock", "_hold_object"):
            broken.enter_context(patch(f"lake.lease.{kind}", lambda *_: nullcontext()))
        yield


@contextmanager
def telling_files(checkpoint: Checkpoint) -> Iterator[None]:
    """The block passes FILE_POINTS too. A file is begun with some bytes that are not its own: a process killed there leaves it torn."""
    from pyiceberg.catalog import MetastoreCatalog

    from lake.relocate import RelocatingFileIO

    new_output, write_metadata = RelocatingFileIO.new_output, MetastoreCatalog._write_metadata

    def begin(io: RelocatingFileIO, location: str) -> Any:
        file = new_output(io, location)
        with file.create(overwrite=True) as torn:
            torn.write(b"torn")
        checkpoint(_begun(location.rpartition("/")[2]))
        io.delete(location)
        return file

    def write(*arguments: Any, **named: Any) -> None:
        write_metadata(*arguments, **named)
        checkpoint("metadata_written")

    with patch.object(RelocatingFileIO, "new_output", begin), patch.object(MetastoreCatalog, "_write_metadata", staticmethod(write)):
        yield


def _begun(name: str) -> str:
    if name.endswith(".avro"):
        return "manifest_list_begun" if name.startswith("snap-") else "manifest_begun"
    return "metadata_begun" if name.endswith(".json") else "data_file_begun"
