"""A simulated landing folder as the real readers see it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.decompress import decompress
from ingest.documents import Document, read_documents
from ingest.envelope import open_document
from ingest.sources import list_objects, open_object
from transforms.record import RawRecord


@dataclass(frozen=True)
class Read:
    """One record as read: `payload` is None when the readers could make nothing of it."""

    prefix: str
    payload: dict[str, Any] | None
    stated_at: Any


@dataclass(frozen=True)
class History:
    folder: Path
    truth: dict[str, Any]
    records: list[Read]

    def payloads(self, prefix: str) -> list[dict[str, Any]]:
        """The distinct payloads below that prefix, in order of key and offset."""
        found = {repr(r.payload): r.payload for r in self.records if r.prefix == prefix and r.payload is not None}
        return list(found.values())


def read_landing(folder: Path) -> list[Read]:
    """Every record of a landing folder."""
    records = []
    for landing_object in list_objects([str(folder)]):
        prefix = Path(landing_object.uri).relative_to(folder).parts[0]
        with open_object(landing_object) as stream:
            for document in read_documents(decompress(stream), max_record_bytes=1 << 24):
                if isinstance(document, Document):
                    for opened in open_document(document, landing_object.uri):
                        payload = opened.payload if isinstance(opened, RawRecord) else {"control": type(opened).__name__}
                        records.append(Read(prefix, payload, opened.arrival.stated_at if isinstance(opened, RawRecord) else None))
                else:
                    records.append(Read(prefix, None, None))
    return records


def sms_messages(history: History) -> dict[str, list[dict[str, Any]]]:
    """The distinct text events of each message."""
    messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for payload in history.payloads("sms"):
        if str(payload.get("eventType", "")).startswith("TEXT_") and isinstance(payload["eventTimestamp"], int):
            messages[payload["messageId"]].append(payload)
    return messages


def entries(history: History) -> list[dict[str, Any]]:
    """The distinct WhatsApp entries."""
    return [json.loads(p["whatsAppWebhookEntry"]) for p in history.payloads("whatsapp") if "whatsAppWebhookEntry" in p]
