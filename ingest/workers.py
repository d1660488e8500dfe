"""Processes that read objects while this one commits what they have read (ingest/worker.py).

Objects are handed out a share at a time, to whoever is free; what is read of them comes back in the order of the
objects, whoever read them. Each worker runs ahead by a few answers only, so memory stays bounded. Until the first of
them has started, this process reads shares itself.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Final, Self, TypeVar

from engagedb.errors import WorkerError
from engagedb.settings import Settings
from ingest.forks import forks, prepare_forks
from ingest.sources import LandingObject
from ingest.worker import Answer, Errand, Share, serve

MOST_JOBS: Final = 4  # more of them read faster than one process commits
SHARE_BYTES: Final = 256 * 1024
SHARE_OBJECTS: Final = 64
WORTH_BYTES: Final = 4 * 1024 * 1024  # less is read before workers have started
WORTH_OBJECTS: Final = 1_000
_AHEAD: Final = 12  # answers of a worker that may wait
_LOOK_S: Final = 0.5

T = TypeVar("T")


def sensible_jobs(objects: Sequence[LandingObject], settings: Settings) -> int:
    """As many as there are processors, and one where more would not pay, or would each hold a model in memory."""
    size = sum(landing_object.size for landing_object in objects)
    if len(objects) < 2 or settings.text_engine != "none" or (size < WORTH_BYTES and len(objects) < WORTH_OBJECTS):
        return 1
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST_JOBS, len(objects))


class Workers:
    """So many processes, for these objects, numbered from `first` on. They end with the block."""

    def __init__(self, errand: Errand, jobs: int, objects: Sequence[LandingObject], first: int, clock: Callable[[], datetime]) -> None:
        self._shares = _shares(objects, first, clock)
        self._turn = threading.Lock()
        self._turns: queue.SimpleQueue[tuple[Share, _Worker] | OSError | None] = queue.SimpleQueue()
        self._has_begun = self.is_over = False
        self._workers = [_Worker(errand, self) for _ in range(jobs)]

    def __enter__(self) -> Self:
        prepare_forks()
        for worker in self._workers:
            worker.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.is_over = True
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.join()

    def share_meanwhile(self) -> Share | None:
        """The next share, to be read by the caller, for as long as no worker has started."""
        with self._turn:
            return None if self._has_begun else next(self._shares, None)

    def answers(self) -> Iterator[tuple[Share, Answer] | None]:
        """Each answer with its share, in the order of the objects; None for every half second without one.

        Raises WorkerError when a worker has ended, OSError when one cannot be started, and what the reading of an object
        raises but SourceError.
        """
        while (turn := (yield from _waiting(self._turns))) is not None:
            if isinstance(turn, OSError):
                raise turn
            share, worker = turn
            while True:
                answer = yield from _waiting(worker.answers)
                if isinstance(answer, Exception):
                    raise answer
                yield share, answer
                if answer.is_last:
                    break

    def next_share(self, worker: _Worker) -> Share | None:
        """The share that is now the worker's, None when there is no more."""
        with self._turn:
            self._has_begun = True
            share = next(self._shares, None)
            self._turns.put(None if share is None else (share, worker))
            return share

    def miss(self, error: OSError) -> None:
        """A worker could not be started."""
        self._turns.put(error)

    def keep(self, answers: queue.Queue[Answer | Exception], answer: Answer | Exception) -> None:
        """Puts the answer where it waits for its turn, as soon as there is room."""
        while not self.is_over:
            with suppress(queue.Full):
                answers.put(answer, timeout=_LOOK_S)
                return


class _Worker:
    """One process, and the thread that starts it, hands shares to it and takes its answers."""

    def __init__(self, errand: Errand, workers: Workers) -> None:
        self.answers: queue.Queue[Answer | Exception] = queue.Queue(_AHEAD)
        self._workers = workers
        self._connection, self._theirs = forks.Pipe()
        self._process: ForkServerProcess = forks.Process(target=serve, args=(self._theirs, errand), daemon=True)
        self._thread = threading.Thread(target=self._attend, daemon=True)

    def begin(self) -> None:
        """Starts the process, and does not wait until it has started."""
        self._thread.start()

    def kill(self) -> None:
        """Ends the process; it owns nothing that could be lost. One that is still starting is ended by its thread."""
        if self._process.pid is not None:
            self._process.kill()

    def join(self) -> None:
        """Waits until nothing is left of it, if it has started."""
        if self._process.pid is not None:
            self._process.join()
            self._thread.join()
            self._connection.close()

    def _attend(self) -> None:
        try:
            self._process.start()
        except OSError as error:
            self._workers.miss(error)
            return
        self._theirs.close()
        if self._workers.is_over:
            self._process.kill()
            return
        try:
            share = self._hand_out()
            while share is not None:
                following = self._hand_out()  # so that the worker does not wait for this thread between two shares
                while not self._take():
                    pass
                share = following
        except (EOFError, OSError):
            self._workers.keep(self.answers, self._ended())

    def _hand_out(self) -> Share | None:
        share = self._workers.next_share(self)
        if share is not None:
            self._connection.send(share)
        return share

    def _take(self) -> bool:
        """True when the answer was the last of its share, or of all."""
        answer: Answer | Exception = self._connection.recv()
        self._workers.keep(self.answers, answer)
        if isinstance(answer, Exception):
            raise EOFError
        return answer.is_last

    def _ended(self) -> WorkerError:
        self._process.join(_LOOK_S)
        code = self._process.exitcode
        how = f"was killed by signal {-code}, perhaps because memory ran out" if code and code < 0 else f"ended with exit code {code}"
        return WorkerError(
            f"A process that read landing objects {how}. What was committed stays; run the same command again, with fewer --jobs "
            "if this comes again."
        )


def _waiting(answers: queue.Queue[T] | queue.SimpleQueue[T]) -> Generator[None, None, T]:
    """What comes next; stops at every look that finds nothing yet."""
    while True:
        try:
            return answers.get(timeout=_LOOK_S)
        except queue.Empty:
            yield


def _shares(objects: Sequence[LandingObject], first: int, clock: Callable[[], datetime]) -> Iterator[Share]:
    """The objects in shares of about one size, each at least one object."""
    share: list[LandingObject] = []
    for landing_object in objects:
        share.append(landing_object)
        if len(share) >= SHARE_OBJECTS or sum(held.size for held in share) >= SHARE_BYTES:
            yield Share(first, tuple(share), clock())
            first += len(share)
            share = []
    if share:
        yield Share(first, tuple(share), clock())
