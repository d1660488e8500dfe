"""What every process that ingests sets before it imports anything large."""

from __future__ import annotations

import gc
import os


def prepare_process() -> None:
    """Memory goes back to the system, and Python looks for cycles seldom."""
    # Arrow's own allocator keeps what its threads freed: 25 MB more at each commit of a long ingest. The system's gives it back.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Rows are many and hold no cycles: to look among them for some takes a fifteenth of an ingest.
    gc.set_threshold(100_000)
