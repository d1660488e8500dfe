"""What the AWS sample has stored becomes events: each row leaves once, under the identity of the event that it holds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.run import ingest
from lake.catalog import Lake
from tests.ingest.conftest import NOW, Workshop, text_event
from tests.ingest.sample_rows import ACCOUNT, sample_row, write_rows
from transforms.pseudonyms import derive_first

Write = Callable[..., Path]
STORED = "SELECT * EXCLUDE (ingested_at, source_object, source_offset, received_at) FROM events ORDER BY event_id"
SES: dict[str, Any] = {
    "eventType": "Open",
    "mail": {
        "timestamp": "2026-03-04T10:00:00.000Z",
        "messageId": "0100018f-0001",
        "source": "news@shop.example.com",
        "sendingAccountId": ACCOUNT,
        "destination": ["ana@example.org"],
        "tags": {"campaign": ["spring"]},
        "commonHeaders": {"subject": "Spring"},
    },
    "open": {"timestamp": "2026-03-04T12:30:00.000Z", "ipAddress": "198.51.100.7", "userAgent": "Mozilla/5.0"},
}
STATUS: dict[str, Any] = {
    "id": "350000000000001",
    "changes": [
        {
            "field": "messages",
            "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "18005550199", "phone_number_id": "106"},
                "statuses": [
                    {"id": "wamid.HBgLMTIwNjU1NTAxMjMVAgARGBI=", "status": "read", "timestamp": "1772620900", "recipient_id": "12065550123"}
                ],
            },
        }
    ],
}
SAID = {
    "accountId": ACCOUNT,
    "organizationId": "acme",
    "messageId": "c-1",
    "sendingAddress": "+12065550123",
    "destinationAddress": "+18005550199",
    "channel": "whatsapp",
    "direction": "inbound",
    "knowledgeBaseId": "kb1",
    "sessionId": "s1",
    "source": "bedrockkb",
    "timestamp": 1772620829000,
    "tags": {"environment": "dev"},
    "message": "Hello, this is Ana",
}


def events() -> list[dict[str, Any]]:
    texts = [text_event(f"{n:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11", eventTimestamp=1772620829000 + n * 1000) for n in range(30)]
    return [*texts, SES, STATUS]


def test_each_row_leaves_as_an_event_or_as_a_dead_letter_with_its_reason(workshop: Workshop, tmp_path: Path) -> None:
    rows = [sample_row(event) for event in events()]
    lost = [sample_row(text_event("x1"), rawevent=""), sample_row(text_event("x2"), rawevent=None)]
    torn = sample_row(text_event("x3"), rawevent='{"eventType": "TEXT_DELIVERED", "messageId": ')
    timeless = sample_row(text_event("x4", eventTimestamp=None))
    tally = workshop.ingest(write_rows(tmp_path / "events/2026/03/04/10/part-1.parquet", [*rows, *lost, torn, timeless]))
    assert tally.as_json() == tally.as_json() | {
        "records": 36,
        "fates": {"event": 32, "notice": 0, "duplicate": 0, "control": 0, "dead_letter": 4},
        "reasons": {"unknown_source": 2, "not_json": 1, "bad_timestamp": 1},
    }
    (opened,) = workshop.rows("SELECT event_time, stage, campaign FROM events WHERE channel = 'email'")
    assert (str(opened["event_time"]), opened["stage"], opened["campaign"]) == ("2026-03-04 12:30:00+00:00", "opened", "spring")
    assert workshop.rows("SELECT DISTINCT account_id FROM events") == [{"account_id": ACCOUNT}]


def test_rows_and_the_events_that_they_hold_are_the_same_events(workshop: Workshop, tmp_path: Path, landing: Write) -> None:
    workshop.ingest(write_rows(tmp_path / "a.parquet", [sample_row(event) for event in events()]))
    before = workshop.rows(STORED)
    delivered = workshop.ingest(landing("delivered.json", [*events()]))
    as_json = [sample_row(event) for event in events()]
    exported = workshop.ingest(landing("exported.json", as_json))
    camel = {"rawevent": "rawEvent", "channeldata": "channelData", "messageid": "messageId", "accountid": "accountId"}
    refused = workshop.ingest(landing("refused.json", [{camel.get(name, name): value for name, value in row.items()} for row in as_json]))
    again = workshop.ingest(write_rows(tmp_path / "b.parquet", [sample_row(event) for event in reversed(events())]))
    assert [tally.fates["duplicate"] for tally in (delivered, exported, refused, again)] == [32, 32, 32, 32]
    assert workshop.rows(STORED) == before


def test_the_table_of_conversations_is_read_and_shown_again(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("conversations.json", [SAID]))
    (row,) = workshop.rows('SELECT * FROM "engagementdb-glue-db"."engagementdb-conversations-table"')
    assert (row["organizationid"], row["channel"], row["direction"], row["sessionid"]) == ("acme", "whatsapp", "inbound", "s1")
    assert (row["knowledgebaseid"], row["source"], row["destinationaddress"]) == ("kb1", "bedrockkb", "+18005550199")
    assert row["sendingaddress"].startswith("ph_")
    assert "Ana" not in row["message"]


@pytest.mark.parametrize("point", ["read", "events_written", "events_committed", "folded", "published"])
def test_killed_half_way_and_run_again_it_gives_the_same(point: str, tmp_path: Path) -> None:
    keyring = derive_first(bytes(range(32)))
    rows = [sample_row(event) for event in events()] + [sample_row(text_event("x1"), rawevent="")]
    source = write_rows(tmp_path / "events" / "part-1.parquet", rows)

    def run(workshop: Workshop, checkpoint: Callable[[str], None]) -> None:
        settings = workshop.settings.model_copy(update={"batch_records": 8})
        lake = Lake.open(settings)
        ingest(lake, keyring, [str(source)], settings, clock=lambda: NOW, progress=lambda _: lambda *_: None, checkpoint=checkpoint)

    def fresh(name: str) -> Workshop:
        from engagedb.settings import Settings

        settings = Settings(lake=str(tmp_path / name))
        Lake.create(settings, keyring)
        return Workshop(settings, keyring)

    undisturbed, killed = fresh("undisturbed"), fresh("killed")
    run(undisturbed, lambda _: None)
    child = os.fork()
    if child == 0:
        passed: list[str] = []

        def die(name: str) -> None:
            passed.append(name)
            if passed.count(point) == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        run(killed, die)
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    run(killed, lambda _: None)
    for query in (STORED, "SELECT dead_letter_id, reason FROM dead_letters ORDER BY 1", "SELECT * FROM messages ORDER BY message_key"):
        assert killed.rows(query) == undisturbed.rows(query)


@pytest.mark.parametrize("raw_event", [False, True])
def test_no_planted_value_of_a_row_stands_anywhere_in_the_lake(workshop: Workshop, shared: Path, tmp_path: Path, raw_event: bool) -> None:
    planted = shared / "pii" / "dev"
    known = [json.loads(line) for line in (planted / "events_planted.jsonl").read_text(encoding="utf-8").splitlines()]
    holds = [event for event in known if "mail" in event or "eventTimestamp" in event]
    assert len(holds) >= 9
    rows = [sample_row(event) for event in holds] + [sample_row(event, rawevent=None) for event in holds]
    rows.append(sample_row(holds[0], rawevent=json.dumps(holds[0])[:-9]))
    tally = workshop.ingest(write_rows(tmp_path / "events.parquet", rows), raw_event=raw_event)
    assert tally.records == len(rows)
    judge = [sys.executable, shared / "pii" / "eval_leak.py", workshop.settings.lake, planted / "planted_values.txt"]
    verdict = tmp_path / "verdict.json"
    told = subprocess.run([*judge, "--json", verdict], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(verdict.read_text())["leaks"] == 0
