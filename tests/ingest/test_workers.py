"""Processes that read while one commits: the same rows and counts as from one process, and an end for all of them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from engagedb.errors import SourceError, WorkerError
from engagedb.settings import Settings, data_folder
from ingest import workers
from ingest.begin import begin_lake
from ingest.erase import erase
from ingest.run import Run, ingest
from ingest.simulate.simulate import simulate
from ingest.sources import LandingObject, list_objects
from ingest.tally import Tally
from ingest.workers import Share, Workers
from lake.catalog import Lake
from lake.links import count_links
from tests.ingest.conftest import NOW, Workshop, text_event
from tests.lake.offices import ANN, BEN, Office
from transforms.subject import SubjectReader

Write = Callable[..., Path]
SHARE_MEANWHILE = Workers.share_meanwhile
MESSAGES = [f"{n:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11" for n in range(400)]
TABLES = {"events": "event_id", "messages": "message_key", "notices": "notice_id", "dead_letters": "dead_letter_id", "ingest_log": "object"}
SHOWN = "SELECT COLUMNS(c -> NOT regexp_matches(c, 'ingested_at|status_at|duration_s|sealed_record')) FROM {name} ORDER BY {key}"


@pytest.fixture(autouse=True)
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every worker has several of them, and the first process none, however slowly workers start."""
    monkeypatch.setattr(workers, "SHARE_OBJECTS", 3)
    monkeypatch.setattr(Workers, "share_meanwhile", lambda self: None)


def take_in(workshop: Workshop, source: Path, jobs: int, **changes: Any) -> Tally:
    settings = workshop.settings.model_copy(update=changes)
    lake = Lake.open(settings)
    return ingest(lake, workshop.keyring, [str(source)], settings, clock=lambda: NOW, progress=lambda _: lambda *_: None, jobs=jobs)


def files(folder: Path, landing: Write, count: int, each: int = 3) -> Path:
    for number in range(count):
        landing(f"{number:03}.json", [text_event(MESSAGES[number * each + at]) for at in range(each)])
    return folder / "landing"


def test_two_processes_give_row_for_row_what_one_gives(tmp_path: Path, workshop: Workshop, landing: Write) -> None:
    folder = tmp_path / "landing"
    simulate(folder, days=2, events=1_500, seed=3, workers=1)
    landing("garbage", b'{"eventType": "TEXT_DEL\n\x00\x01\xfe garbage\n[1, 2')
    landing("large", json.dumps(text_event(filler="x" * 300_000)).encode())
    landing("cut.gz", b"\x1f\x8b\x08\x00 no gzip at all")
    (folder / "empty").touch()
    told, rows = [], []
    for jobs in (1, 2):
        settings = workshop.settings.model_copy(update={"lake": str(tmp_path / f"by-{jobs}")})
        Lake.create(settings, workshop.keyring)
        made = Workshop(settings, workshop.keyring)
        told.append(take_in(made, folder, jobs, batch_records=400, max_record_bytes=200_000).as_json() | {"seconds": 0})
        rows.append({name: made.rows(SHOWN.format(name=name, key=key)) for name, key in TABLES.items()})
    assert told[0] == told[1]
    assert told[0]["reasons"]["too_large"] == 1
    assert told[0]["late"] > 0
    assert rows[0] == rows[1]


def test_the_order_of_objects_decides_which_of_two_equal_events_is_kept(workshop: Workshop, landing: Write, tmp_path: Path) -> None:
    for number in range(40):
        landing(f"{number:03}.json", [text_event(MESSAGES[number % 20], filler=f"{number:03}")] * (60 if number == 0 else 1))
    tally = take_in(workshop, tmp_path / "landing", 3)
    assert (tally.fates["event"], tally.fates["duplicate"]) == (20, 79)
    kept = workshop.rows("SELECT DISTINCT right(source_object, 8) AS object FROM events ORDER BY ALL")
    assert [row["object"] for row in kept] == [f"{number:03}.json" for number in range(20)]


def test_what_the_first_process_reads_until_the_workers_have_started_comes_first(
    workshop: Workshop, landing: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attend, met, may_start = workers._Worker._attend, list[Share](), threading.Event()

    def attend_later(worker: workers._Worker) -> None:
        may_start.wait()
        attend(worker)

    def share_meanwhile(self: Workers) -> Share | None:
        if len(met) == 4:
            may_start.set()
            return None
        met.append(next(self._shares))
        return met[-1]

    monkeypatch.setattr(workers._Worker, "_attend", attend_later)
    monkeypatch.setattr(Workers, "share_meanwhile", share_meanwhile)
    for number in range(40):
        landing(f"{number:03}.json", [text_event(MESSAGES[number % 20], filler=f"{number:03}")])
    tally = take_in(workshop, tmp_path / "landing", 2, batch_records=7)
    assert (tally.objects, tally.fates["event"], tally.fates["duplicate"]) == (40, 20, 20)
    kept = workshop.rows("SELECT DISTINCT right(source_object, 8) AS object FROM events ORDER BY ALL")
    assert [row["object"] for row in kept] == [f"{number:03}.json" for number in range(20)]


def test_a_process_that_cannot_be_started_is_told_or_not_needed(
    workshop: Workshop, landing: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(process: Any) -> None:
        raise OSError(errno.EAGAIN, "no more processes")

    folder = files(tmp_path, landing, 12)
    with monkeypatch.context() as patched:
        patched.setattr(ForkServerProcess, "start", refuse)
        with pytest.raises(OSError, match="no more processes"):
            take_in(workshop, folder, 2)
        monkeypatch.setattr(Workers, "share_meanwhile", SHARE_MEANWHILE)
        assert take_in(workshop, folder, 2).fates["event"] == 36


def test_a_process_that_is_killed_ends_the_run_with_a_sentence_and_another_run_completes_it(
    workshop: Workshop, landing: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = files(tmp_path, landing, 60)
    start = ForkServerProcess.start

    def start_and_kill(process: Any) -> None:
        start(process)
        process.kill()

    with monkeypatch.context() as patched:
        patched.setattr(ForkServerProcess, "start", start_and_kill)
        with pytest.raises(WorkerError, match="killed by signal 9, perhaps because memory ran out"):
            take_in(workshop, folder, 2)
    assert take_in(workshop, folder, 2).fates["event"] == 180
    assert workshop.rows("SELECT count(*) AS n FROM events") == [{"n": 180}]


def test_an_object_that_cannot_be_read_is_told_in_its_turn_and_the_others_go_on(workshop: Workshop, landing: Write, tmp_path: Path) -> None:
    folder = files(tmp_path, landing, 12)
    found = list(list_objects([str(folder)]))
    Path(found[5].uri).unlink()
    run = Run(Lake.open(workshop.settings), workshop.keyring, workshop.settings, lambda: NOW)
    told = list(run.read_each(found, lambda *_: None, 2))
    assert [landing_object for landing_object, _ in told] == found
    assert [number for number, (_, error) in enumerate(told) if isinstance(error, SourceError)] == [5]
    run.commit()
    assert (run.total.objects, run.total.fates["event"]) == (11, 33)


def test_changed_templates_are_taken_up_between_batches_and_broken_ones_are_not(
    workshop: Workshop, landing: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(data_folder("templates"), templates)
    mapping = templates / "sms" / "template.yaml"
    text = mapping.read_text()
    settings = workshop.settings.model_copy(update={"templates": str(templates), "batch_records": 30})
    commits: list[int] = []

    def change(landed: Any) -> None:
        commits.append(landed.records)
        if len(commits) == 2:
            mapping.write_text("source: [")
        if len(commits) == 4:
            mapping.write_text(text + "\n# another version\n")

    folder = files(tmp_path, landing, 120)
    run = Run(Lake.open(settings), workshop.keyring, settings, lambda: NOW, tell=change)
    assert all(error is None for _, error in run.read_each(list(list_objects([str(folder)])), lambda *_: None, 2))
    run.commit()
    assert "The templates as they were go on." in caplog.text
    assert workshop.rows("SELECT count(*) AS n, count(DISTINCT template_version) AS versions FROM events") == [{"n": 360, "versions": 2}]


def test_links_and_tombstones_of_a_rotated_lake_are_honoured(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.ingest(ANN, BEN)
    erase(office.lake, office.keyring, [SubjectReader(office.keyring).read(ANN, "the test")], now=NOW)
    office.rotate("b")
    for _ in range(8):
        office.land(ANN, BEN)
    ingest(
        office.lake, office.keyring, [str(office.landing)], office.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None, jobs=2
    )
    assert office.ask("SELECT recipient_id, count(*) AS n FROM events GROUP BY ALL HAVING recipient_id IS NULL")[0]["n"] == 9
    assert office.id_of(ANN) not in {row["recipient_id"] for row in office.ask("SELECT recipient_id FROM events")}
    assert sum(count_links(office.lake).values()) == 1


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`engagedb ingest` by two processes, at work, in a session of its own."""
    simulate(tmp_path / "landing", days=2, events=60_000, seed=3, workers=1)
    lake = str(tmp_path / "lake")
    begin_lake(Settings(lake=lake))
    words = ["ingest", str(tmp_path / "landing"), "--jobs", "2", "--lake", lake]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # else it is handed down ignored by a shell's background jobs
    process = subprocess.Popen([sys.executable, "-m", "engagedb", *words], start_new_session=True, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    until(lambda: len(members(process.pid)) == 5, "the processes")  # this one, two that make the others, two that read
    yield process
    process.kill()
    process.communicate()


def members(session: int) -> list[str]:
    """The command lines of a session's living processes."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append((place / "cmdline").read_text())
    return found


def until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux shows them")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_all_of_them_end_when_the_first_one_does_and_no_command_line_holds_the_key(
    command: subprocess.Popen[str], tmp_path: Path, how: signal.Signals
) -> None:
    key = (tmp_path / "lake.key").read_text()
    secrets = [word for word in key.replace('"', " ").split() if len(word) >= 32]
    assert secrets
    assert not [line for line in members(command.pid) if any(secret in line for secret in secrets)]
    if how is signal.SIGINT:
        os.killpg(command.pid, how)  # as a terminal does
    else:
        command.send_signal(how)
    told = command.communicate(timeout=60)[1]
    until(lambda: not members(command.pid), "their end")
    if how is signal.SIGINT:
        assert command.returncode == 130
        assert "Interrupted. What was committed stays" in told
        assert "Traceback" not in told


def test_few_objects_are_read_by_one_process_and_many_by_no_more_than_the_processors() -> None:
    def objects(count: int, size: int) -> list[LandingObject]:
        return [LandingObject(str(number), "1", size) for number in range(count)]

    settings = Settings()
    most = min(workers.MOST_JOBS, os.cpu_count() or 1)
    assert [workers.sensible_jobs(found, settings) for found in (objects(1, 10**9), objects(900, 1_000))] == [1, 1]
    assert 1 <= workers.sensible_jobs(objects(5_000, 100), settings) <= most
    assert 1 <= workers.sensible_jobs(objects(10, 10**7), settings) <= most
    assert workers.sensible_jobs(objects(10, 10**7), settings.model_copy(update={"text_engine": "presidio"})) == 1
