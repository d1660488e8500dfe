"""A lake with its key file, in which persons are met before and after a rotation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engagedb.settings import Settings
from ingest.begin import begin_lake
from ingest.run import ingest
from lake.catalog import Lake
from lake.keyring import key_path, load_key_file
from lake.query.session import Session
from lake.rotation import rotate
from tests.ingest.conftest import text_event
from transforms.pseudonyms import Keyring, Pseudonymiser

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
ANN, BEN, CYD = "+12065550123", "+12065550124", "+12065550125"
HISTORY = """
SELECT coalesce(person_id, recipient_id) AS person, count(*) AS events
FROM events LEFT JOIN same_person ON pseudonym = recipient_id
GROUP BY 1
"""


class Office:
    """A lake with its key file, and landing objects that name persons."""

    def __init__(self, place: Path) -> None:
        self.landing = place / "landing"
        self.landing.mkdir()
        self.settings = Settings(lake=str(place / "lake"))
        begin_lake(self.settings)
        self.path = key_path(self.settings, self.settings.lake)
        self._written = 0

    @property
    def keyring(self) -> Keyring:
        return load_key_file(self.path)

    @property
    def lake(self) -> Lake:
        return Lake.open(self.settings)

    def land(self, *numbers: str, **changes: Any) -> Path:
        path = self.landing / f"{self._written}.json"
        path.write_text("".join(json.dumps(self.event(number, **changes)) + "\n" for number in numbers))
        return path

    def event(self, number: str, **changes: Any) -> dict[str, Any]:
        self._written += 1
        return text_event(f"{self._written:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11", destinationPhoneNumber=number, **changes)

    def ingest(self, *numbers: str, keyring: Keyring | None = None, **changes: Any) -> None:
        path = self.land(*numbers, **changes)
        ingest(self.lake, keyring or self.keyring, [str(path)], self.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)

    def rotate(self, letter: str, **options: Any) -> Any:
        return rotate(self.lake, self.path, letter.encode() * 32, **options)

    def ask(self, query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = Session.open(self.settings, NOW, self.keyring).sql(query).to_arrow_table().to_pylist()
        return rows

    def history(self) -> dict[str, int]:
        return {row["person"]: row["events"] for row in self.ask(HISTORY)}

    def id_of(self, number: str) -> str:
        return Pseudonymiser(self.keyring).person(number)
