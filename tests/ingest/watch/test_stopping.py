"""A watching ingest ends when it is asked, whole or not at all, and when its key is not the newest any more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest

from engagedb.errors import RotatedError
from engagedb.options import utc_now
from ingest.health import HealthFile
from ingest.run import Landed
from ingest.stopping import Abandoned, Stop
from ingest.watch import Watching, watch
from lake.catalog import Lake
from lake.current_key import check_current_key
from lake.lease import hold_lease
from tests.ingest.conftest import text_event
from tests.ingest.watch.conftest import MESSAGES, PATIENCE_S, Watch, Write, count, environment, until
from transforms.pseudonyms import Keyring, pseudonym_key


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_commits_what_was_read_and_ends_with_0(watched: Watch, landing: Write, number: signal.Signals) -> None:
    """Interval and age are long: only the signal can be the reason of the second commit."""
    landing("second.json", [text_event(m) for m in MESSAGES[1:]])
    words = ["ingest", str(watched.source), "--watch", "--interval", "600", "--health", str(watched.health), "--json"]
    process = subprocess.Popen([sys.executable, "-m", "engagedb", *words], env=environment(watched), stdout=subprocess.PIPE, text=True)
    until(lambda: watched.state()["waiting_records"] == len(MESSAGES), "reading")
    assert watched.state()["lag_s"] > 0
    process.send_signal(number)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (line["records"], line["rows"]["events"]) == (len(MESSAGES), len(MESSAGES))
    assert watched.state()["state"] == "stopped"
    assert watched.state()["counts"]["records"] == count(watched.workshop) == len(MESSAGES)


def test_asked_twice_it_abandons_the_batch_whole_and_the_next_start_reads_it(watched: Watch) -> None:
    words = ["ingest", str(watched.source), "--watch", "--interval", "0.1", "--health", str(watched.health)]
    with hold_lease(Lake.open(watched.workshop.settings), "test"):
        process = subprocess.Popen([sys.executable, "-m", "engagedb", *words], env=environment(watched), stderr=subprocess.PIPE, text=True)
        until(lambda: watched.state()["state"] == "committing", "the commit that waits for the lease")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "abandoned whole" in told
    assert count(watched.workshop) == 0
    assert watched.workshop.ingest(watched.source).fates["event"] == 1


def test_a_batch_is_abandoned_inside_the_engine_too(watched: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB, interrupted by a signal's handler, raises an error of its own."""

    def compute(*_: object, **__: object) -> None:
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
        threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        duckdb.sql("select count(*) as n from range(1000000000000) as many").fetchall()

    monkeypatch.setattr("ingest.run.commit", compute)
    how = Watching(0.05, lambda _: None, watched.warnings.append, HealthFile(watched.health))
    stop = Stop()
    with stop.by_signals():
        watch(
            Lake.open(watched.workshop.settings),
            watched.workshop.keyring,
            [str(watched.source)],
            watched.workshop.settings,
            how,
            stop,
            clock=utc_now,
        )
    assert "abandoned whole" in watched.warnings[-1]
    assert count(watched.workshop) == 0


def test_the_second_request_raises_and_the_first_one_does_not() -> None:
    stop = Stop()
    with stop.by_signals():
        stop.request()
        with pytest.raises(Abandoned):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_watch_ends_with_nothing_written_when_the_key_was_rotated(watched: Watch, landing: Write) -> None:
    settings, keyring = watched.workshop.settings, watched.workshop.keyring

    def rotate(_: Landed) -> None:
        check_current_key(Lake.open(settings), Keyring(keyring.root, (*keyring.pseudonym_keys, pseudonym_key(b"n" * 32))))
        landing("second.json", [text_event(MESSAGES[1])])

    how = Watching(0.05, rotate, watched.warnings.append, HealthFile(watched.health))
    with pytest.raises(RotatedError, match="start again with the newest key file"):
        watch(Lake.open(settings), keyring, [str(watched.source)], settings, how, watched.stop, clock=utc_now)
    assert watched.workshop.rows("SELECT count(*) AS n FROM events") == [{"n": 1}]
    assert watched.state()["state"] == "stopped"
