"""What every process sets before it imports anything large."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

_M_ARENA_MAX: Final = -8  # of glibc's malloc.h


def prepare_process() -> None:
    """Memory goes back to the system, and Python looks for cycles seldom, at the end not at all."""
    # Arrow's own allocator keeps what its threads freed: 25 MB more at each commit of a long ingest. The system's gives it back.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # So does glibc, in a heap for each of a dozen threads: 60 MB of a watch that commits every few seconds.
    if tune := getattr(ctypes.CDLL(None), "mallopt", None):
        tune(_M_ARENA_MAX, 2)
    # Rows are many and hold no cycles: to look among them for some takes a fifteenth of an ingest.
    gc.set_threshold(100_000)
    # The search of all that was imported and remembered would hold up the end of every command for half a second.
    atexit.register(gc.freeze)


def leave_pandas_out() -> None:
    """Arrow looks for pandas at its first array, and finds none: the import would take a quarter of a second of each process.

    What asks for pandas by name still gets it, and then Arrow knows it too.
    """
    import pyarrow as pa

    refusal = _NoPandas()
    sys.meta_path.insert(0, refusal)
    pa.array([])
    sys.meta_path.remove(refusal)


class _NoPandas(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)
        return None
