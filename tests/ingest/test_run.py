"""The whole way of a record: every record leaves exactly once, and the counts add up."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engagedb.errors import LakeError, SourceError
from engagedb.settings import LandingDefaults
from ingest.run import ingest
from lake.catalog import Lake
from lake.commit import Batch
from tests.ingest.conftest import NOW, Workshop, text_event
from transforms.pseudonyms import derive_first

Write = Callable[..., Path]
MESSAGES = [f"{n:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11" for n in range(40)]


def test_the_summary_adds_up_over_every_fate(workshop: Workshop, landing: Write) -> None:
    registration = {"registrationDetails": {"registrationId": "registration-1", "currentStatus": "COMPLETE",
                    "registrationStatusChangeTimestamp": 1772620829000, "registrationType": "US_TEN_DLC"}}  # fmt: skip
    confirmation = {
        "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Message": "confirm",
        "Timestamp": "2026-03-04T10:20:30.456Z", "Token": "t", "SubscribeURL": "https://sns.example.com/",
    }  # fmt: skip
    landing("a.json", [text_event(), text_event(), registration, confirmation, {"hello": "world"}])
    tally = workshop.ingest(landing("b", b"garbage\n").parent)
    assert tally.as_json() == tally.as_json() | {
        "objects": 2,
        "records": 6,
        "fates": {"event": 1, "notice": 1, "duplicate": 1, "control": 1, "dead_letter": 2},
        "objects_skipped": 0,
        "rows": {"events": 1, "notices": 1, "dead_letters": 2},
        "reasons": {"not_json": 1, "unknown_source": 1},
    }
    assert sum(tally.fates.values()) == tally.records
    assert workshop.rows("SELECT sum(record_count) AS records, count(*) AS objects FROM ingest_log") == [{"records": 6, "objects": 2}]


def test_an_object_that_was_ingested_is_skipped(workshop: Workshop, landing: Write) -> None:
    path = landing("a.json", [text_event()])
    workshop.ingest(path)
    tally = workshop.ingest(path)
    assert (tally.objects, tally.objects_skipped, tally.records) == (0, 1, 0)


def test_the_same_events_split_and_compressed_anew_add_nothing(workshop: Workshop, landing: Write) -> None:
    events = [text_event(message_id, eventTimestamp=1772620829000 + n) for n, message_id in enumerate(MESSAGES)]
    workshop.ingest(landing("first.json", events))
    before = workshop.rows("SELECT * EXCLUDE (ingested_at) FROM events ORDER BY event_id")
    shuffled = random.Random(7).sample(events, len(events))
    landing("second.gz", gzip.compress("".join(json.dumps(event) for event in shuffled[:17]).encode()))
    landing("third.json", json.dumps(shuffled[17:], indent=2).encode())
    tally = workshop.ingest(landing("second.gz.unread", b"").parent)
    assert tally.fates["duplicate"] == tally.records == len(events)
    assert workshop.rows("SELECT * EXCLUDE (ingested_at) FROM events ORDER BY event_id") == before


def test_several_batches_give_what_one_batch_gives(workshop: Workshop, landing: Write) -> None:
    events = [text_event(m, eventType=kind, messageStatus=kind[5:], eventTimestamp=1772620829000 + at)
              for m in MESSAGES for at, kind in enumerate(["TEXT_QUEUED", "TEXT_SUCCESSFUL", "TEXT_DELIVERED"])]  # fmt: skip
    tally = workshop.ingest(landing("all.json", events), batch_records=7)
    assert tally.fates["event"] == len(events)
    (counted,) = workshop.rows("SELECT count(*) AS messages, sum(event_count) AS events, sum(message_price_usd) AS price FROM messages")
    assert counted == {"messages": len(MESSAGES), "events": len(events), "price": Decimal("0.00645") * len(MESSAGES)}


def test_long_records_are_committed_before_they_fill_the_memory(
    workshop: Workshop, landing: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ingest.run as run

    commit, rows = run.commit, []

    def counting(lake: Lake, batch: Batch, *arguments: Any, **named: Any) -> Any:
        rows.append(batch.events.num_rows)
        return commit(lake, batch, *arguments, **named)

    monkeypatch.setattr(run, "commit", counting)
    monkeypatch.setattr(run, "BATCH_BYTES", 1)
    for number in range(3):
        landing(f"{number}.json", [text_event(f"{number}-{m}", messageStatusDescription="all is well " * 500_000) for m in range(2)])
    tally = workshop.ingest(landing("none.json", []).parent)
    assert (sum(rows), tally.fates["event"]) == (6, 6)
    assert len(rows) > 1


def test_a_stop_in_the_middle_of_an_object_continues_without_loss_or_doubles(
    workshop: Workshop, landing: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [text_event(m) for m in MESSAGES]
    path = landing("all.json", [*events, "not an event"])
    import ingest.run as run

    commit, calls = run.commit, []

    def failing(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return commit(*arguments, **named)

    monkeypatch.setattr(run, "commit", failing)
    with pytest.raises(KeyboardInterrupt):
        workshop.ingest(path, batch_records=10)
    monkeypatch.setattr(run, "commit", commit)
    assert 0 < workshop.rows("SELECT count(*) AS n FROM events")[0]["n"] < len(events)
    tally = workshop.ingest(path, batch_records=10)
    assert (tally.fates["event"], tally.fates["duplicate"], tally.fates["dead_letter"]) == (len(events), 0, 1)
    assert workshop.rows("SELECT count(*) AS n FROM events")[0]["n"] == len(events)


def test_nothing_personal_stands_in_clear_even_in_the_name_of_an_object(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("+12065550123 ada@example.com.json", [text_event(context={"email": "ada@example.com"}), b"x".hex()]))
    for table in ("events", "messages", "dead_letters", "ingest_log"):
        written = str(workshop.rows(f"SELECT * FROM {table}"))
        assert "2065550123" not in written, table
        assert "ada@example" not in written, table
    assert not [path for path in Path(workshop.settings.lake).rglob("*") if path.is_file() and b"2065550123" in path.read_bytes()]


def test_the_same_person_by_sms_and_whatsapp_is_one_recipient(workshop: Workshop, landing: Write) -> None:
    status = {
        "id": "wamid.HBgLMTIwNjU1NTAxMjMVAgARGBI1RTU0RTdEMEFFQUZBRUUxOTEA",
        "status": "sent",
        "timestamp": "1772620829",
        "recipient_id": "12065550123",
    }
    value = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "18005550199"}, "statuses": [status]}
    workshop.ingest(landing("a.json", [text_event(), {"id": "1", "changes": [{"field": "messages", "value": value}]}]))
    rows = workshop.rows("SELECT channel, recipient_id FROM events ORDER BY channel")
    assert [row["channel"] for row in rows] == ["sms", "whatsapp"]
    assert rows[0]["recipient_id"] == rows[1]["recipient_id"]
    assert rows[0]["recipient_id"].startswith("ph_")


def test_integers_beyond_64_bits_duplicate_keys_and_nul_characters_become_events(workshop: Workshop, landing: Write) -> None:
    body = json.dumps(text_event(context={"nul": "a\u0000b"}))[:-1] + ', "huge": 123456789012345678901234567890, "messageStatus": "LAST"}'
    workshop.ingest(landing("a.json", body.encode()))
    (row,) = workshop.rows(
        "SELECT provider_status, map_extract(attributes, 'huge')[1] AS huge, map_extract(tags, 'nul')[1] AS nul FROM events"
    )
    assert row == {"provider_status": "LAST", "huge": "123456789012345678901234567890", "nul": "a\u0000b"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x00\x01\xfe garbage", "not_json"),
        (b'{"eventType": "TEXT_DEL', "not_json"),
        (b'{"a": "\xff"}', "undecodable"),
        (b'{"eventType": "TEXT_SENT", "a": "\\ud800"}', "undecodable"),
        (b"[" * 3_000, "not_json"),
        (json.dumps(text_event(eventTimestamp="0001-01-01T00:00:00Z")).encode(), "bad_timestamp"),
        (json.dumps(text_event(eventTimestamp="99999-01-01T00:00:00Z")).encode(), "bad_timestamp"),
        (json.dumps(text_event(totalMessagePrice="a lot")).encode(), "schema_violation"),
        (json.dumps(text_event(filler="x" * 5_000)).encode(), "too_large"),
        (b'{"hello": "world"}', "unknown_source"),
    ],
)
def test_bad_input_gets_a_dead_letter_with_a_stable_reason(workshop: Workshop, landing: Write, body: bytes, reason: str) -> None:
    tally = workshop.ingest(landing("bad", body), max_record_bytes=4_000)
    assert set(tally.reasons) == {reason}
    assert tally.records == tally.fates["dead_letter"]


def test_redelivered_garbage_makes_no_second_dead_letter(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("a", b"garbage"))
    tally = workshop.ingest(landing("b", b"garbage"))
    assert (tally.fates["dead_letter"], tally.rows["dead_letters"]) == (1, 0)


def test_a_zero_byte_object_is_read_once_and_gives_nothing(workshop: Workshop, landing: Write) -> None:
    path = landing("empty", b"")
    assert (workshop.ingest(path).objects, workshop.ingest(path).objects_skipped) == (1, 1)


def test_a_wrong_key_is_refused_before_anything_is_read(workshop: Workshop, landing: Write) -> None:
    path = landing("a.json", [text_event()])
    lake = Lake.open(workshop.settings)
    with pytest.raises(LakeError, match="does not belong to the lake"):
        ingest(lake, derive_first(b"\x01" * 32), [str(path)], workshop.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)
    with pytest.raises(SourceError, match="nowhere"):
        workshop.ingest("nowhere")


def test_account_and_region_come_from_the_record_then_the_envelope_then_the_longest_landing_prefix(
    workshop: Workshop, landing: Write
) -> None:
    folder = landing("bare.json", [text_event("id-1")]).parent
    arn = "arn:aws:sns:eu-west-2:222233334444:t"
    enveloped = {
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": arn,
        "Message": json.dumps(text_event("id-2")),
        "Timestamp": "2026-03-04T10:20:30Z",
    }
    landing("wrapped.json", [enveloped])
    defaults = {
        str(folder): LandingDefaults(account_id="999900001111"),
        str(folder / "bare"): LandingDefaults(account_id="111122223333", region="eu-west-1"),
    }
    workshop.ingest(folder, landing=defaults)
    rows = workshop.rows("SELECT message_id, account_id, region FROM events ORDER BY message_id")
    assert [tuple(row.values()) for row in rows] == [("id-1", "111122223333", "eu-west-1"), ("id-2", "222233334444", "eu-west-2")]


def test_a_file_whose_name_is_no_text_is_ingested_and_its_dead_letters_too(workshop: Workshop, landing: Write) -> None:
    landing(os.fsdecode(b"caf\xe9-\xff.json"), [text_event(), {"hello": "world"}])
    tally = workshop.ingest(landing("b.json", b"").parent)
    assert (tally.fates["event"], tally.fates["dead_letter"]) == (1, 1)
    assert "\\udcff" in workshop.rows("SELECT source_object FROM events")[0]["source_object"]
