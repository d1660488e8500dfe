"""Ctrl-C while the engine is busy."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import duckdb
import pytest

from lake.query.cli_query import _run
from lake.query.session import Session
from tests.canonical_rows import NOW, lake_of


def test_ctrl_c_ends_a_query_that_would_run_for_hours(tmp_path: Path) -> None:
    session = Session.open(lake_of(tmp_path / "lake", []), NOW)
    busy, over = threading.Event(), threading.Event()
    ended: list[type[BaseException]] = []

    def work() -> None:
        query = session.sql("SELECT count(*) AS n FROM range(1000000000000) AS many")
        busy.set()
        try:
            query.fetchall()
        except duckdb.Error as error:
            ended.append(type(error))

    def press() -> None:
        busy.wait()
        while not over.wait(0.5):  # again: before the engine is at it, a signal may meet the start of the thread
            os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            _run(session, work)
    finally:
        over.set()
        presser.join()
        signal.signal(signal.SIGINT, before)
    assert ended == [duckdb.InterruptException]
