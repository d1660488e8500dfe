"""What the simulator writes has no field that the providers' documents and captures do not have."""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.simulate.landing import History, entries

OURS = re.compile(r"\.(context|tags|linkTags)\..*")  # the sender's own names


def paths(value: Any, at: str = "") -> set[str]:
    """Every path of a document; JSON within strings is opened."""
    if isinstance(value, str) and value[:1] == "{":
        try:
            value = json.loads(value)
        except ValueError:
            return {at}
    if isinstance(value, dict):
        return {OURS.sub(r".\1", path) for key, inner in value.items() for path in paths(inner, f"{at}.{key}")} or {at}
    if isinstance(value, list):
        return {path for inner in value for path in paths(inner, f"{at}[]")} or {at}
    return {at}


def corpus_paths(shared: Path, *folders: str) -> set[str]:
    found: set[str] = set()
    for folder in folders:
        for file in (shared / "formats" / "corpus" / folder).glob("*.json"):
            document = json.loads(file.read_text())
            found |= paths(document) | paths(document.get("detail", {}))
            for entry in document.get("entry", [document]):
                found |= paths(entry, ".whatsAppWebhookEntry")
    return found


@pytest.mark.parametrize(
    ("prefix", "folders"),
    [
        ("sms", ("sms", "mms", "voice", "rcs", "sms-inbound", "eventbridge")),
        ("ses", ("ses",)),
        ("whatsapp", ("whatsapp", "whatsapp-meta")),
        ("conversation", ("conversation",)),
        ("notices", ("eventbridge", "whatsapp")),
    ],
)
def test_every_field_is_one_that_the_provider_has(history: History, shared: Path, prefix: str, folders: tuple[str, ...]) -> None:
    known = corpus_paths(shared, *folders) | corpus_paths(shared, "sms-inbound") | {".control"}
    written: set[str] = set()
    for payload in history.payloads(prefix):
        if "kind" not in payload and "note" not in payload and "messageBody" not in payload:
            written |= paths(payload)
    assert len(written) > 8
    assert written - known == set()


def test_a_whatsapp_message_id_holds_the_number_of_the_customer(history: History) -> None:
    checked = 0
    for entry in entries(history):
        for change in entry["changes"]:
            for item in [*change["value"].get("statuses", ()), *change["value"].get("messages", ())]:
                number = item.get("recipient_id") or item["from"]
                assert number.encode() in base64.b64decode(item["id"].removeprefix("wamid."))
                checked += 1
    assert checked > 100


def test_inbound_texts_survive_three_layers_of_json(history: History) -> None:
    values = [change["value"] for entry in entries(history) for change in entry["changes"]]
    bodies = {message["text"]["body"] for value in values for message in value.get("messages", ()) if message["type"] == "text"}
    assert 'The box says "fragile" but the vase is broken :(' in bodies
    assert "I want to return the shoes\nsize 42 is too small" in bodies
    written = {p["messageBody"] for p in history.payloads("sms") if "messageBody" in p}
    assert "file C:\\new\\invoice.pdf does not open\tplease resend" in written


def test_a_scanner_clicks_within_seconds_of_the_delivery(history: History) -> None:
    delivered = {p["mail"]["messageId"]: p["delivery"]["timestamp"] for p in history.payloads("ses") if p.get("eventType") == "Delivery"}
    waits: dict[str, list[float]] = {"Likely": [], "Unlikely": []}
    for p in history.payloads("ses"):
        if p.get("eventType") == "Click" and len(p["mail"]["destination"]) == 1 and p["mail"]["messageId"] in delivered:
            wait = datetime.fromisoformat(p["click"]["timestamp"]) - datetime.fromisoformat(delivered[p["mail"]["messageId"]])
            waits[p["click"]["isBotEvent"]].append(wait.total_seconds())
    assert 1 < min(waits["Likely"]) <= max(waits["Likely"]) < 20
    assert sorted(waits["Unlikely"])[len(waits["Unlikely"]) // 2] > 40


def test_feedback_comes_in_the_log_form(history: History) -> None:
    records = [p for p in history.payloads("feedback") if "messageFeedback" in p]
    assert records
    for record in records:
        assert set(record["messageFeedback"]) == {"messageId", "status", "timestamp", "accountId"}
        assert record["messageFeedback"]["status"] in {"RECEIVED", "FAILED"}
