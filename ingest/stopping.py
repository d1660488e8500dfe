"""How a long-running command is asked to end: the first signal asks it to finish, the second makes it drop what it does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GRACE_S: Final = 20.0  # container platforms kill 30 s after SIGTERM


class Abandoned(BaseException):
    """The time to finish is over. No handler of errors may hold it up."""


class Stop:
    """Whether the process was asked to end."""

    def __init__(self) -> None:
        self.is_requested = False
        self.is_over = False  # the time to finish; an engine may have made an error of its own out of Abandoned

    def request(self) -> None:
        """Ask for the end; asked again, or GRACE_S later, raises Abandoned wherever the main thread is."""
        if self.is_requested:
            self.is_over = True
            raise Abandoned
        self.is_requested = True
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT ask for the end inside the block. For the main thread only."""
        ours = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
        before = {number: signal.signal(number, lambda *_: self.request()) for number in ours}
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)
