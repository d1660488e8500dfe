"""Processes that are forks of one which has done a worker's imports and nothing else: no thread and no lock of ours is in them."""

from __future__ import annotations

from multiprocessing import forkserver, get_context
from typing import Final

forks: Final = get_context("forkserver")


def prepare_forks() -> None:
    """Let the imports begin, beside those of this process."""
    forks.set_forkserver_preload(["ingest.worker"])
    forkserver.ensure_running()
