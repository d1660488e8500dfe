"""Ctrl-C while the engine is busy."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import duckdb
import pytest

from lake.query.cli_query import _run
from lake.query.session import Session
from tests.canonical_rows import NOW, lake_of


def test_ctrl_c_ends_a_query_that_would_run_for_hours(tmp_path: Path) -> None:
    session = Session.open(lake_of(tmp_path / "lake", []), NOW)
    busy = threading.Event()
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
        time.sleep(0.5)  # until the engine is at it: in the instant before, a signal may meet the start of the thread
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        _run(session, work)
    assert ended == [duckdb.InterruptException]
