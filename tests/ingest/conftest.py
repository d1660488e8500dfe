"""A fresh lake, and payloads of our own, for tests of the whole way of a record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engagedb.settings import Settings
from ingest.run import ingest
from ingest.tally import Tally
from lake.catalog import Lake
from lake.query.session import Session
from transforms.pseudonyms import Keyring, derive_first

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Workshop:
    """A lake with its key, and the verbs that the tests use."""

    settings: Settings
    keyring: Keyring

    def ingest(self, *sources: Path | str, **changes: Any) -> Tally:
        settings = self.settings.model_copy(update=changes)
        lake = Lake.open(settings)
        return ingest(lake, self.keyring, [str(s) for s in sources], settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = Session.open(self.settings, NOW).sql(sql).to_arrow_table().to_pylist()
        return rows


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    settings = Settings(lake=str(tmp_path / "lake"))
    keyring = derive_first(bytes(range(32)))
    Lake.create(settings, keyring)
    return Workshop(settings, keyring)


def text_event(message_id: str = "5c1f6a8e-0d5b-4f57-9f2a-6b1f0a3c7d11", **changes: Any) -> dict[str, Any]:
    """An SMS event of our own making; the number is from a range kept for fiction."""
    return {
        "eventType": "TEXT_DELIVERED",
        "eventVersion": "1.0",
        "eventTimestamp": 1772620829000,
        "isFinal": True,
        "originationPhoneNumber": "+18005550199",
        "destinationPhoneNumber": "+12065550123",
        "isoCountryCode": "US",
        "messageId": message_id,
        "messageRequestTimestamp": 1772620828000,
        "messageStatus": "DELIVERED",
        "messageStatusDescription": "Message has been accepted by phone",
        "totalMessageParts": 1,
        "totalMessagePrice": 0.00645,
        "totalCarrierFee": 0.003,
    } | changes


@pytest.fixture
def landing(tmp_path: Path) -> Callable[..., Path]:
    """Writes events as NDJSON (or bytes as they are) into the landing folder; gives the file."""
    folder = tmp_path / "landing"
    folder.mkdir()

    def write(name: str, content: bytes | list[Any]) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else "".join(json.dumps(event) + "\n" for event in content).encode())
        return path

    return write
