"""A watching ingest takes up what comes, commits in time and outlives what fails around it."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engagedb.errors import ConfigurationError, LakeError
from engagedb.options import utc_now
from engagedb.settings import data_folder
from ingest import reading, workers
from ingest import watch as watching
from ingest.health import HealthFile
from ingest.sources import LandingObject, is_settling
from ingest.watch import Watching, watch
from ingest.workers import Workers
from lake.catalog import Lake
from tests.ingest.conftest import text_event
from tests.ingest.watch.conftest import MESSAGES, PATIENCE_S, Watch, Write, count, engagedb, environment, until
from transforms.pseudonyms import derive_first


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
