"""Receipts that come days or months after their messages update the right day, and nothing else is folded again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.run import ingest
from lake.catalog import Lake
from lake.datafiles import day_of, newest_files
from lake.maintenance.maintain import maintain
from tests.ingest.conftest import Workshop, text_event
from tests.lake.lifecycles import stored

Write = Callable[..., Path]
SENT = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 5


def at(after: timedelta) -> int:
    return int((SENT + after).timestamp() * 1000)


def iso(after: timedelta) -> str:
    return (SENT + after).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(day: int, kind: str, after: timedelta, prefix: str = "TEXT") -> dict[str, Any]:
    changes = {"eventType": f"{prefix}_{kind}", "messageStatus": kind, "isFinal": kind != "SENT"}
    return text_event(f"{prefix}-{day}", eventTimestamp=at(after), messageRequestTimestamp=at(timedelta(days=day)), **changes)


def email(day: int, kind: str, after: timedelta) -> dict[str, Any]:
    mail = {"timestamp": iso(timedelta(days=day)), "messageId": f"email-{day}", "source": "orders@shop.example.com",
            "destination": ["ana@example.com"]}  # fmt: skip
    detail = {"timestamp": iso(after), "recipients": ["ana@example.com"]} if kind == "Delivery" else {"timestamp": iso(after)}
    return {"eventType": kind, "mail": mail, kind.lower(): {} if kind == "Send" else detail}


def whatsapp(day: int, kind: str, after: timedelta) -> dict[str, Any]:
    status = {"id": f"wamid.{day}", "status": kind, "timestamp": str(at(after) // 1000), "recipient_id": "12065550123"}
    metadata = {"display_phone_number": "18005550199", "phone_number_id": "1"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
    return {"whatsAppWebhookEntry": json.dumps({"id": "9", "changes": [{"value": value, "field": "messages"}]}), "context": {}}


def feedback(day: int, kind: str, after: timedelta) -> dict[str, Any]:
    return {"messageFeedback": {"messageId": f"TEXT-{day}", "status": kind, "timestamp": at(after)}}


@pytest.fixture
def week(workshop: Workshop, landing: Write) -> Path:
    """A message of each of these channels on each of DAYS days."""
    for day in range(DAYS):
        after = timedelta(days=day)
        sent = [text(day, "SENT", after), text(day, "INITIATED", after, "VOICE"), email(day, "Send", after), whatsapp(day, "sent", after)]
        folder = landing(f"{day}.json", sent).parent
    run(workshop, folder)
    return folder


def run(workshop: Workshop, folder: Path) -> None:
    lake = Lake.open(workshop.settings)
    ingest(lake, workshop.keyring, [str(folder)], workshop.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)


def files(workshop: Workshop, table: str) -> dict[str, Any]:
    return {file.file_path: day_of(file) for file in newest_files(Lake.open(workshop.settings).table(table))}


LATE = {
    "an SMS receipt 72 hours late": (text(1, "DELIVERED", timedelta(days=1, hours=72)), "first_delivered_at", 72),
    "a call's end 150 days late": (text(1, "COMPLETED", timedelta(days=151), "VOICE"), "first_delivered_at", 150 * 24),
    "a delivery of an e-mail 150 days late": (email(1, "Delivery", timedelta(days=151)), "first_delivered_at", 150 * 24),
    "an open of an e-mail 150 days late": (email(1, "Open", timedelta(days=151)), "first_opened_at", 150 * 24),
    "a WhatsApp receipt 72 hours late, which states no send time": (whatsapp(1, "read", timedelta(days=4)), "first_read_at", 72),
    "feedback 30 days late, which states no send time": (feedback(1, "RECEIVED", timedelta(days=31)), "feedback_at", 30 * 24),
}


@pytest.mark.parametrize("what", LATE)
def test_a_late_event_updates_the_day_of_its_message_and_touches_no_file_of_another(
    workshop: Workshop, week: Path, landing: Write, what: str
) -> None:
    payload, column, hours = LATE[what]
    messages, events = files(workshop, "messages"), files(workshop, "events")
    landing("late.json", [payload])
    run(workshop, week)
    moment = SENT + timedelta(days=1)
    (updated,) = [row for row in stored(Lake.open(workshop.settings), "messages") if row[column] is not None]
    assert (updated[column], updated["message_time"], updated["event_count"]) == (moment + timedelta(hours=hours), moment, 2)
    after = files(workshop, "messages")
    assert {(messages | after)[path] for path in messages.keys() ^ after.keys()} == {moment.date()}
    new = files(workshop, "events")
    assert events.items() <= new.items(), "no stored event is written again"
    assert [new[path] for path in new.keys() - events.keys()] == [(moment + timedelta(hours=hours)).date()]


def test_a_straggler_that_states_no_send_time_is_joined_to_its_message_by_maintain(workshop: Workshop, week: Path, landing: Write) -> None:
    landing("late.json", [whatsapp(1, "read", timedelta(days=151))])
    run(workshop, week)
    lake = Lake.open(workshop.settings)
    maintain(lake, NOW)
    (updated,) = [row for row in stored(lake, "messages") if row["first_read_at"] is not None]
    assert (updated["message_time"], updated["event_count"]) == (SENT + timedelta(days=1), 2)
    assert len(stored(lake, "messages")) == 4 * DAYS
