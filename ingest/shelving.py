"""A folder of the local disk for the time of one backfill."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_PREFIX: Final = "engagedb-backfill-"
_LOCK: Final = "lock"


@contextmanager
def shelving_folder() -> Iterator[Path]:
    """An empty folder that only its owner can read, removed at the end.

    A killed process cannot remove its own: what holds a lock file that nobody has locked is removed by the next backfill.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(Timeout, OSError), FileLock(left, timeout=0):
            shutil.rmtree(left.parent, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder, FileLock(Path(folder, _LOCK)):
        shelves = Path(folder, "shelves")
        shelves.mkdir()
        yield shelves
