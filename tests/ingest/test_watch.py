"""A watching ingest takes up what comes, commits in time, ends when asked and outlives what fails around it."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engagedb.errors import ConfigurationError, LakeError, RotatedError
from engagedb.options import utc_now
from engagedb.settings import data_folder
from ingest import reading, workers
from ingest import watch as watching
from ingest.health import HealthFile
from ingest.run import Landed
from ingest.sources import LandingObject, is_settling
from ingest.stopping import Abandoned, Stop
from ingest.tally import Tally
from ingest.watch import Watching, watch
from ingest.workers import Workers
from lake.catalog import Lake
from lake.current_key import check_current_key
from lake.lease import hold_lease
from tests.ingest.conftest import Workshop, text_event
from transforms.pseudonyms import Keyring, derive_first, pseudonym_key

Write = Callable[..., Path]
PATIENCE_S = 60.0
MESSAGES = [f"{n:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11" for n in range(60)]


@dataclass
class Watch:
    """A watch in a thread of its own, stopped at the end of the test."""

    workshop: Workshop
    source: Path
    health: Path
    others: Sequence[str] = ()
    stop: Stop = field(default_factory=Stop)
    landed: list[Landed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    result: list[Tally] = field(default_factory=list)

    def run(self, interval_s: float = 0.05, jobs: int = 1, **changes: Any) -> None:
        settings = self.workshop.settings.model_copy(update=changes)
        how = Watching(interval_s, self.landed.append, self.warnings.append, HealthFile(self.health), jobs)
        lake = Lake.open(settings)
        self.result.append(watch(lake, self.workshop.keyring, [str(self.source), *self.others], settings, how, self.stop, clock=utc_now))

    @contextmanager
    def running(self, **changes: Any) -> Iterator[None]:
        thread = threading.Thread(target=self.run, kwargs=changes)
        thread.start()
        try:
            yield
        finally:
            self.stop.is_requested = True
            thread.join(PATIENCE_S)
        assert self.result, "the watch failed"

    def state(self) -> dict[str, Any]:
        until(self.health.exists, "a heartbeat")
        found: dict[str, Any] = json.loads(self.health.read_bytes())
        return found


@pytest.fixture
def watched(workshop: Workshop, landing: Write, tmp_path: Path) -> Watch:
    return Watch(workshop, landing("first.json", [text_event(MESSAGES[0])]).parent, tmp_path / "health.json")


@pytest.fixture(autouse=True)
def no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.SETTLING_S", 0.0)


def until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def count(workshop: Workshop) -> int:
    return int(workshop.rows("SELECT count(*) AS n FROM events")[0]["n"])


def test_what_comes_later_and_what_is_written_again_is_taken_up_once(watched: Watch, landing: Write) -> None:
    with watched.running():
        until(lambda: watched.landed, "the first object")
        landing("second.json", [text_event(m) for m in MESSAGES[1:3]])
        until(lambda: len(watched.landed) > 1, "a new object")
        landing("first.json", [text_event(m) for m in MESSAGES[:10]])
        until(lambda: sum(landed.rows["events"] for landed in watched.landed) == 10, "a changed object")
    assert count(watched.workshop) == 10
    assert watched.result[0].fates["event"] + watched.result[0].fates["duplicate"] == watched.result[0].records == 13
    again = watched.workshop.ingest(watched.source)
    assert (again.objects, again.objects_skipped) == (0, 2)


def test_two_processes_read_for_a_watch_as_one_does_and_end_with_it(
    watched: Watch, landing: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SHARE_OBJECTS", 2)
    monkeypatch.setattr(Workers, "share_meanwhile", lambda self: None)
    with watched.running(jobs=2, batch_records=7):
        until(lambda: watched.landed, "the first object")
        for number in range(20):
            landing(f"more-{number:02}.json", [text_event(m) for m in MESSAGES[number : number + 3]])
        (watched.source / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00 no gzip at all")
        (watched.source / "gone.json").symlink_to("nowhere")
        until(lambda: sum(landed.objects for landed in watched.landed) == 22, "all that can be read")
    assert count(watched.workshop) == 22
    told = watched.result[0]
    assert (told.fates["event"], told.fates["duplicate"], told.fates["dead_letter"]) == (22, 39, 1)
    assert not multiprocessing.active_children()
    assert watched.workshop.ingest(watched.source / "more-00.json").objects_skipped == 1


def test_a_watch_with_two_processes_stops_in_the_middle_and_the_next_one_goes_on(watched: Watch, landing: Write) -> None:
    for number in range(40):
        landing(f"more-{number:02}.json", [text_event(MESSAGES[number])] * 50)
    with watched.running(jobs=2, batch_records=200):
        until(lambda: watched.landed, "a commit")
    assert watched.result[0].objects + watched.workshop.ingest(watched.source).objects == 41
    assert count(watched.workshop) == 40


def test_a_full_batch_is_committed_at_once_and_an_old_one_although_more_keeps_coming(watched: Watch, landing: Write) -> None:
    landing("full.json", [text_event(m) for m in MESSAGES])
    with watched.running(batch_records=20, interval_s=30.0):
        until(lambda: len(watched.landed) >= 3, "full batches")
    assert [landed.records for landed in watched.landed[:3]] == [20, 20, 20]
    assert count(watched.workshop) == len(MESSAGES)


def test_a_batch_is_committed_at_its_age_although_every_poll_brings_more(watched: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock leaps a minute at each poll, and each poll brings one object."""
    began, polls = datetime(2026, 3, 5, 12, tzinfo=UTC), []
    list_objects = watching.list_objects

    def bringing(sources: Any) -> Any:
        polls.append(1)
        (watched.source / f"{len(polls)}.json").write_text(json.dumps(text_event(MESSAGES[len(polls)])))
        if len(polls) == 12:
            watched.stop.is_requested = True
        return list_objects(sources)

    monkeypatch.setattr(watching, "list_objects", bringing)
    how = Watching(0.01, watched.landed.append, watched.warnings.append, HealthFile(None))
    settings, source = watched.workshop.settings, [str(watched.source)]
    lake = Lake.open(settings)
    watch(lake, watched.workshop.keyring, source, settings, how, watched.stop, clock=lambda: began + timedelta(minutes=len(polls)))
    assert [landed.objects for landed in watched.landed] == [7, 6]  # the first poll finds two


def test_another_ingest_of_the_same_folder_is_noticed_without_reading_again(watched: Watch, landing: Write) -> None:
    with watched.running():
        until(lambda: watched.landed, "the first object")
    watched.stop.is_requested = False
    landing("second.json", [text_event(MESSAGES[1])])
    watched.workshop.ingest(watched.source)
    with watched.running():
        until(lambda: watched.state()["known_objects"] == 2, "the log")
    assert watched.result[1].records == 0


def test_a_source_that_is_not_there_is_waited_for_and_told_once(watched: Watch) -> None:
    away = watched.source.rename(watched.source.with_name("away"))
    with watched.running():
        until(lambda: watched.state()["state"] == "backing_off", "backing off")
        until(lambda: watched.state()["next_try_at"], "the next try")
        assert "There is no file or folder" in watched.state()["last_error"]["sentence"]
        away.rename(watched.source)
        until(lambda: watched.landed, "recovery")
    assert len(watched.warnings) == 2
    assert "Trying again" in watched.warnings[0]
    assert watched.warnings[1] == "It works again."
    assert watched.state()["next_try_at"] is None


def test_a_source_that_is_not_there_does_not_hold_up_the_other_one(watched: Watch, landing: Write, tmp_path: Path) -> None:
    other = tmp_path / "away"
    watched.others = [str(other)]
    with watched.running():
        until(lambda: watched.landed, "the source that is there")
        landing("second.json", [text_event(MESSAGES[1])])
        until(lambda: count(watched.workshop) == 2, "what comes later there")
        assert watched.state()["state"] != "backing_off"
        other.mkdir()
        landing("third.json", [text_event(MESSAGES[2])]).rename(other / "third.json")
        until(lambda: count(watched.workshop) == 3, "the other source when it is there")
    assert [("The other sources go on" in warning, str(other) in warning) for warning in watched.warnings] == [(True, True)]


def test_a_source_whose_objects_cannot_be_read_does_not_hold_up_the_other_one(
    watched: Watch, landing: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (locked := tmp_path / "a-locked").mkdir()
    for number in range(5):
        landing("one.json", [text_event(MESSAGES[number + 1])]).rename(locked / f"{number}.json")
    open_object, is_open = reading.open_object, []

    def refusing(found: LandingObject) -> Any:
        return open_object(LandingObject(found.uri + ".gone", found.etag, found.size) if "locked" in found.uri and not is_open else found)

    monkeypatch.setattr(reading, "open_object", refusing)
    watched.others = [str(locked)]
    with watched.running():
        until(lambda: watched.landed, "the other source")
        assert count(watched.workshop) == 1
        is_open.append(1)
        until(lambda: count(watched.workshop) == 6, "its objects when they can be read")
    assert sum("The other sources go on" in warning for warning in watched.warnings) == 1


def test_a_lake_that_cannot_be_written_is_waited_for_and_nothing_is_lost(watched: Watch, landing: Write) -> None:
    table = Path(watched.workshop.settings.lake, "catalog.db")
    with watched.running():
        until(lambda: watched.landed, "the first object")
        table.rename(table.with_suffix(".away"))
        table.write_bytes(b"no catalog" * 1000)
        landing("second.json", [text_event(m) for m in MESSAGES[1:5]])
        until(lambda: watched.state()["state"] == "backing_off", "backing off")
        table.with_suffix(".away").replace(table)
        until(lambda: len(watched.landed) > 1, "recovery")
    assert count(watched.workshop) == 5
    assert watched.result[0].fates["event"] == 5


def test_one_object_that_cannot_be_read_does_not_hold_up_the_others(
    watched: Watch, landing: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing("zz.json", [text_event(MESSAGES[1])])

    open_object, is_open = reading.open_object, []

    def refusing(found: LandingObject) -> Any:
        return open_object(LandingObject(found.uri + ".gone", found.etag, found.size) if "first" in found.uri and not is_open else found)

    monkeypatch.setattr(reading, "open_object", refusing)
    with watched.running():
        until(lambda: watched.landed, "the other object")
        assert len(watched.warnings) == 1
        assert "The others go on" in watched.warnings[0]
        is_open.append(1)
        until(lambda: count(watched.workshop) == 2, "the object when it can be read")


def test_a_wrong_key_a_missing_lake_and_an_impossible_health_file_are_refused_at_the_start(watched: Watch, tmp_path: Path) -> None:
    settings = watched.workshop.settings
    how = Watching(1.0, watched.landed.append, watched.warnings.append, HealthFile(None))
    with pytest.raises(LakeError, match="does not belong to the lake"):
        watch(Lake.open(settings), derive_first(b"\x01" * 32), [str(watched.source)], settings, how, watched.stop, clock=utc_now)
    with pytest.raises(ConfigurationError, match="health file"):
        HealthFile(tmp_path / "nowhere" / "health.json")
    assert "There is no lake" in engagedb("ingest", ".", "--watch", "--lake", str(tmp_path / "none"), settings=watched, code=2)
    assert "--watch" in engagedb("ingest", ".", "--interval", "3", settings=watched, code=2)


def test_a_template_that_changed_between_batches_is_used_from_the_next_batch_on(watched: Watch, landing: Write, tmp_path: Path) -> None:
    templates = tmp_path / "templates" / "own"
    templates.mkdir(parents=True)
    text = "source: own\nkind: event\nmatch: 'own is defined'\nidentity: [own]\nevent:\n  channel: sms\n  stage: sent\n"
    text += "  direction: outbound\n  event_time: '{{ at | timestamp }}'\n  event_type: TYPE\n"
    (templates / "template.yaml").write_text(text)
    landing("first.json", [{"own": "a", "at": 1772620829}])
    with watched.running(templates=str(templates.parent)):
        until(lambda: watched.landed, "the first object")
        (templates / "template.yaml").write_text(text.replace("TYPE", "OTHER"))
        landing("second.json", [{"own": "b", "at": 1772620829}])
        until(lambda: len(watched.landed) > 1, "the second object")
    assert watched.workshop.rows("SELECT event_type FROM events ORDER BY ALL") == [{"event_type": "OTHER"}, {"event_type": "TYPE"}]


def test_a_file_is_left_alone_while_its_writer_may_not_have_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.SETTLING_S", 2.0)
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    nanoseconds = int(now.timestamp()) * 10**9
    assert is_settling(LandingObject("/a", f"5-{nanoseconds - 10**9}", 5), now)
    assert not is_settling(LandingObject("/a", f"5-{nanoseconds - 3 * 10**9}", 5), now)
    assert not is_settling(LandingObject("/a", f"5-{nanoseconds + 10**10}", 5), now)  # a clock ahead of ours
    assert not is_settling(LandingObject("s3://b/a", "0f343b0931126a20f133d67c2b018a3b", 5), now)


def engagedb(*words: str, settings: Watch, code: int) -> str:
    call = [sys.executable, "-m", "engagedb", *words]
    done = subprocess.run(call, env=environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr


def environment(watched: Watch) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGEDB_")}
    return clean | {"ENGAGEDB_LAKE": watched.workshop.settings.lake, "ENGAGEDB_PSEUDONYM_KEY": bytes(range(32)).hex()}


def test_templates_change_in_flight_and_a_refused_one_is_told_once_and_stands_in_the_health_file(
    watched: Watch, landing: Write, tmp_path: Path
) -> None:
    templates = Path(shutil.copytree(data_folder("templates"), tmp_path / "templates"))
    place = templates / "sms" / "template.yaml"
    good = place.read_text().replace("{{ carrierName }}", "A carrier")
    broken = good.replace("{{ messageStatus }}", "{{ messageStatus | uper }}")
    other_identity = good.replace("identity: [messageId", "identity: [carrierName, messageId")
    words = ["ingest", str(watched.source), "--watch", "--interval", "0.2", "--health", str(watched.health), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "engagedb", *words], env=environment(watched) | {"ENGAGEDB_TEMPLATES": str(templates)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    refused = []
    try:
        for number, text in enumerate((good, broken, broken, other_identity, good), start=1):
            process.stdout.readline()  # the commit before, whose templates were those of the step before
            until(lambda: watched.state()["state"] == "waiting", "a quiet watch")
            refused.append(watched.state()["templates_refused"])
            place.write_text(text)
            landing(f"{number}.json", [text_event(MESSAGES[number])])
        process.stdout.readline()
        until(lambda: watched.state()["templates_refused"] is None, "templates that are in use again")
    finally:
        process.terminate()
    _, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert ["uper" in str(told) for told in refused] == [False, False, True, True, False]
    assert "another identity" in refused[4]
    assert [line.partition(" The templates as they were go on.")[1] != "" for line in complaints.splitlines()] == [True, True]
    assert "templates/sms/template.yaml:" in complaints
    assert "Did you mean upper?" in complaints
    rows = watched.workshop.rows("SELECT count(DISTINCT template_version) AS versions, count(carrier) AS carriers FROM events")
    assert rows == [{"versions": 2, "carriers": 5}]


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
