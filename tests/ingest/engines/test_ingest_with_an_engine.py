"""The whole way of a record with a text engine behind it: what it changes, what it must not, and what happens without its answer.

The engine is Comprehend's stand-in; the lake, the commits and the commands are the real ones.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from engagedb.cli import mounted
from engagedb.errors import ConfigurationError, EngineError
from engagedb.options import utc_now
from engagedb.settings import Settings
from ingest import firehose
from ingest.backfill import backfill
from ingest.health import HealthFile
from ingest.replay import replay
from ingest.stopping import Stop
from ingest.transformer import Transformer
from ingest.watch import Watching, watch
from lake.catalog import Lake
from lake.dead_letters import find_dead_letters
from tests.ingest.conftest import NOW, Workshop, text_event
from tests.ingest.engines.comprehend_stand_in import StandIn
from tests.lake.lifecycles import stored
from transforms.pseudonyms import derive_first

Write = Callable[..., Path]
ENGINE = {"text_engine": "comprehend"}
NOTE = "could Rosalind swap with Teddy on Saturday"
DAY = date(2026, 3, 4)
TABLES = ("events", "messages", "notices", "dead_letters", "ingest_log")


def noted(number: int, note: str = NOTE) -> dict[str, Any]:
    """An event with free text in a field that no template reads."""
    return text_event(f"{number:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11", note=note)


def rows(workshop: Workshop, name: str = "events", *without: str) -> list[dict[str, Any]]:
    found = stored(Lake.open(workshop.settings), name)
    return [{key: value for key, value in row.items() if key not in without} for row in found]


def notes(workshop: Workshop) -> list[str]:
    return [dict(row["attributes"])["note"] for row in rows(workshop)]


def names_left(folder: Path) -> list[str]:
    """Files below the folder that hold a name, in their bytes or in the rows of a Parquet file."""

    def content(path: Path) -> bytes:
        rows = str(pq.read_table(path).to_pylist()).encode() if path.suffix == ".parquet" else b""
        return path.read_bytes() + rows

    return [str(path) for path in folder.rglob("*") if path.is_file() and any(name in content(path) for name in (b"Rosalind", b"Teddy"))]


@pytest.fixture
def other(tmp_path: Path) -> Workshop:
    """A second lake with the same key, for comparison."""
    settings = Settings(lake=str(tmp_path / "other"))
    keyring = derive_first(bytes(range(32)))
    Lake.create(settings, keyring)
    return Workshop(settings, keyring)


def test_names_go_and_nothing_else_changes(workshop: Workshop, other: Workshop, landing: Write, stand_in: StandIn) -> None:
    source = landing("a", [noted(number) for number in range(5)] + [noted(7, "the parcel is here")])
    plain, strong = other.ingest(source), workshop.ingest(source, **ENGINE)
    assert strong.fates == plain.fates
    assert rows(workshop, "events", "attributes") == rows(other, "events", "attributes")
    assert rows(workshop, "messages") == rows(other, "messages")
    assert sorted(notes(workshop)) == ["could [PERSON] swap with [PERSON] on Saturday"] * 5 + ["the parcel is here"]
    assert names_left(Path(other.settings.lake)) != []
    assert names_left(Path(workshop.settings.lake)) == []


def test_planted_values_stay_out_with_an_engine_too(workshop: Workshop, other: Workshop, stand_in: StandIn, shared: Path) -> None:
    planted = shared / "pii" / "dev"
    plain = other.ingest(planted / "events_planted.jsonl")
    assert workshop.ingest(planted / "events_planted.jsonl", **ENGINE).fates == plain.fates
    assert [row["event_id"] for row in rows(workshop)] == [row["event_id"] for row in rows(other)]
    judge = [sys.executable, shared / "pii" / "eval_leak.py", workshop.settings.lake, planted / "planted_values.txt"]
    told = subprocess.run([*judge, "--keep", planted / "keep_values.txt"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    sent = "\n".join(stand_in.texts)
    values = [line.split("\t") for line in (planted / "planted_values.txt").read_text(encoding="utf-8").splitlines()]
    assert len(sent) > 1_000
    assert [value for value, kind, *_ in values if kind in ("PHONE", "EMAIL", "IP", "CREDIT_CARD", "IBAN") and value in sent] == []


def test_texts_of_many_records_are_asked_for_together_and_each_text_once(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    tally = workshop.ingest(landing("a", [noted(number, f"parcel {number % 50} is with Teddy now") for number in range(200)]), **ENGINE)
    sent = [text for text in stand_in.texts if text.startswith("parcel")]
    assert len(sent) == len(set(sent)) == 100  # fifty texts, and what is left of each
    assert tally.engine is not None
    assert tally.engine.texts == len(stand_in.asked)
    assert tally.as_json()["engine"]["units"] == 3 * len(stand_in.asked)


def test_ids_keys_and_machine_words_are_not_sent(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    workshop.ingest(landing("Teddy and Rosalind", [noted(1)]), **ENGINE)
    assert set(stand_in.texts) == {NOTE, "could [PERSON] swap with [PERSON] on Saturday", "Message has been accepted by phone"}


def test_without_the_engine_nothing_is_written_and_later_all_is_as_if_it_had_answered(
    workshop: Workshop, other: Workshop, landing: Write, stand_in: StandIn
) -> None:
    source = landing("a", [noted(number) for number in range(5)] + [{"hello": NOTE}])
    other.ingest(source, **ENGINE)
    stand_in.always = "InternalServerException"
    for _ in range(2):
        with pytest.raises(EngineError):
            workshop.ingest(source, **ENGINE)
        assert {name: len(rows(workshop, name)) for name in TABLES} == dict.fromkeys(TABLES, 0)
        assert names_left(Path(workshop.settings.lake)) == []
    stand_in.always = None
    assert workshop.ingest(source, **ENGINE).fates == {"event": 5, "dead_letter": 1}
    for name in ("events", "messages"):
        assert rows(workshop, name) == rows(other, name)
    assert rows(workshop, "dead_letters", "sealed_record") == rows(other, "dead_letters", "sealed_record")
    assert "[PERSON]" in rows(workshop, "dead_letters")[0]["excerpt"]


def test_batches_before_the_outage_stay_and_none_comes_twice(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    first = landing("a", [noted(number) for number in range(600)])
    landing("b", [noted(number, f"lunch {number} is with Teddy") for number in range(595, 700)])
    changes = {**ENGINE, "batch_records": 500}

    answer = stand_in.answer
    stand_in.answer = lambda request: answer(request) if "lunch" not in request["Text"] else (400, {"__type": "AccessDeniedException"})  # type: ignore[method-assign]
    with pytest.raises(EngineError, match="AccessDeniedException"):
        workshop.ingest(first.parent, **changes)
    assert len(rows(workshop)) == 500
    stand_in.answer = answer  # type: ignore[method-assign]
    workshop.ingest(first.parent, **changes)
    assert len(rows(workshop)) == 700
    assert len({row["event_id"] for row in rows(workshop)}) == 700
    assert names_left(Path(workshop.settings.lake)) == []


def test_a_redelivered_record_is_the_same_event_with_any_engine(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    workshop.ingest(landing("a", [noted(1)]), **ENGINE)
    before = rows(workshop)
    assert workshop.ingest(landing("b", [noted(1)])).fates == {"duplicate": 1}
    assert workshop.ingest(landing("c", [noted(1)]), **ENGINE).fates == {"duplicate": 1}
    assert rows(workshop) == before


def test_an_impossible_answer_makes_one_dead_letter_that_a_replay_saves(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    impossible = [{"Score": 0.9, "Type": "NAME", "BeginOffset": 0, "EndOffset": 4_000}]
    answer = stand_in.answer
    stand_in.answer = lambda request: (200, {"Entities": impossible}) if "swap" in request["Text"] else answer(request)  # type: ignore[method-assign]
    tally = workshop.ingest(landing("a", [noted(1), noted(2, "lunch is with Teddy")]), **ENGINE)
    assert (tally.fates["event"], tally.reasons) == (1, {"redaction_failed": 1})
    (letter,) = rows(workshop, "dead_letters")
    assert letter["excerpt"] == ""
    assert "comprehend" in letter["detail"]
    assert names_left(Path(workshop.settings.lake)) == []

    stand_in.answer = answer  # type: ignore[method-assign]
    settings, lake = workshop.settings.model_copy(update=ENGINE), Lake.open(workshop.settings)
    done = replay(lake, workshop.keyring, settings, find_dead_letters(lake), clock=lambda: NOW)
    assert (done.tried, done.refused) == (1, 0)
    assert sorted(notes(workshop)) == ["could [PERSON] swap with [PERSON] on Saturday", "lunch is with [PERSON]"]


def test_a_replay_without_the_engine_leaves_the_letters_as_they_are(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    workshop.ingest(landing("a", [{"hello": NOTE}]), **ENGINE)
    before = rows(workshop, "dead_letters")
    stand_in.always = "ThrottlingException"
    settings, lake = workshop.settings.model_copy(update=ENGINE), Lake.open(workshop.settings)
    with pytest.raises(EngineError):
        replay(lake, workshop.keyring, settings, find_dead_letters(lake), clock=lambda: NOW)
    assert rows(workshop, "dead_letters") == before


def test_a_backfill_rebuilds_texts_with_the_engine_and_stops_without_it(workshop: Workshop, landing: Write, stand_in: StandIn) -> None:
    source = landing("a", [noted(1)])
    workshop.ingest(source)
    assert notes(workshop) == [NOTE]
    settings = workshop.settings.model_copy(update=ENGINE)

    def again() -> None:
        backfill(
            Lake.open(settings), workshop.keyring, [str(source)], settings, DAY, DAY, "names", may_keep=False,
            clock=lambda: datetime(2026, 3, 20, tzinfo=UTC), progress=lambda _: lambda *_: None,
        )  # fmt: skip

    before = rows(workshop)
    stand_in.always = "InternalServerException"
    with pytest.raises(EngineError):
        again()
    assert rows(workshop) == before
    stand_in.always = None
    again()
    assert notes(workshop) == ["could [PERSON] swap with [PERSON] on Saturday"]
    assert [row["event_id"] for row in rows(workshop)] == [row["event_id"] for row in before]


def test_a_watch_waits_for_the_engine(workshop: Workshop, landing: Write, stand_in: StandIn, tmp_path: Path) -> None:
    source = landing("a", [noted(1)])
    stand_in.always = "InternalServerException"
    stop, warnings = Stop(), list[str]()
    settings = workshop.settings.model_copy(update=ENGINE)
    how = Watching(0.05, lambda landed: None, warnings.append, HealthFile(tmp_path / "health.json"))

    def run() -> None:
        watch(Lake.open(settings), workshop.keyring, [str(source.parent)], settings, how, stop, clock=utc_now)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: len(warnings) == 1)
        assert rows(workshop) == []
        stand_in.always = None
        until(lambda: len(rows(workshop)) == 1)
    finally:
        stop.is_requested = True
        thread.join(60)
    assert "Amazon Comprehend does not answer" in warnings[0]
    assert "Rosalind" not in "".join(warnings) + (tmp_path / "health.json").read_text()
    assert notes(workshop) == ["could [PERSON] swap with [PERSON] on Saturday"]


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_firehose_keeps_the_records_while_the_engine_does_not_answer(stand_in: StandIn) -> None:
    transformer = Transformer(Settings.model_validate(ENGINE), derive_first(bytes(range(32))))
    records = [
        {"recordId": f"r{number}", "data": base64.b64encode(json.dumps(noted(number, f"lunch {number} is with Teddy")).encode()).decode()}
        for number in range(20)
    ]

    def answered() -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = firehose.transform(
            {"records": records}, transformer.normalizer, ingested_at=NOW, max_record_bytes=1 << 20, ask_ahead=transformer.ask_ahead
        )["records"]
        return made

    stand_in.always = "AccessDeniedException"
    failed = answered()
    assert [(result["recordId"], result["result"]) for result in failed] == [(f"r{number}", "ProcessingFailed") for number in range(20)]
    assert len(stand_in.asked) <= 21  # one try for all of them, not one for each
    stand_in.always = None
    results = answered()
    assert {result["result"] for result in results} == {"Ok"}
    told = b"".join(base64.b64decode(result["data"]) for result in results)
    assert b"Teddy" not in told
    assert told.count(b"is with [PERSON]") == 20


def redacted(*lines: dict[str, Any], arguments: tuple[str, ...] = ()) -> Any:
    return CliRunner().invoke(mounted(), ["redact", *arguments], input="".join(json.dumps(line) + "\n" for line in lines))


def test_redact_asks_the_engine_that_is_set(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_TEXT_ENGINE", "comprehend")
    result = redacted({"id": 1, "text": NOTE}, {"id": 2, "text": "Teddy y Rosalind", "lang": "es"}, {"id": 3})
    assert result.exit_code == 1
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == [
        "could [PERSON] swap with [PERSON] on Saturday",
        "[PERSON] y [PERSON]",
    ]
    assert "line 3" in result.stderr
    assert "Text engine comprehend: 4 texts" in result.stderr


def test_redact_writes_nothing_without_the_answer(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_TEXT_ENGINE", "comprehend")
    stand_in.always = "ThrottlingException"
    result = redacted({"id": 1, "text": NOTE}, {"id": 2, "text": "harmless"})
    assert result.exit_code != 0
    assert result.stdout == ""
    assert isinstance(result.exception, EngineError)


def test_an_estimate_asks_and_writes_nothing(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_TEXT_ENGINE", "comprehend")
    monkeypatch.setenv("ENGAGEDB_TEXT_UNIT_PRICE_USD", "0.01")
    result = redacted({"id": 1, "text": NOTE}, {"id": 2, "text": "STOP"}, arguments=("--estimate",))
    assert result.stdout == f"Text engine comprehend: 1 texts, {len(NOTE)} characters, 3 billed units, about USD 0.03\n"
    assert stand_in.asked == []


def test_an_estimate_is_for_an_engine_that_bills() -> None:
    result = redacted(arguments=("--estimate",))
    assert isinstance(result.exception, ConfigurationError)
