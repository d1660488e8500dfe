"""Reads landing bodies through the real reader, envelopes, templates and redaction."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from engagedb.errors import Rejected
from engagedb.settings import data_folder
from ingest.reading import records
from ingest.templates import load_templates
from transforms.compile import CompiledTemplate
from transforms.normalize import Normalizer, Options
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.record import Control, RawRecord
from transforms.scrub import Scrubber

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Made:
    """One thing that a body gave: an event, a notice or a dead letter."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None


@pytest.fixture(scope="session")
def templates() -> list[CompiledTemplate]:
    return load_templates(str(data_folder("templates")))


@pytest.fixture(scope="session")
def pseudonymiser() -> Pseudonymiser:
    return Pseudonymiser(derive_first(bytes(range(32))))


@pytest.fixture(scope="session")
def normalizer(templates: list[CompiledTemplate], pseudonymiser: Pseudonymiser) -> Normalizer:
    return Normalizer(templates, Scrubber(pseudonymiser), pseudonymiser, Options())


@pytest.fixture(scope="session")
def make(normalizer: Normalizer) -> Callable[[Any], list[Made]]:
    """Everything that a landing body, or a payload alone, gives in order; envelope housekeeping gives nothing."""

    def everything(body: Any) -> list[Made]:
        made: list[Made] = []
        for opened in records(
            io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode()), "landing/object", 16 * 1024 * 1024
        ):
            if isinstance(opened, RawRecord):
                try:
                    made += [Made(row.kind, row.values) for row in normalizer.rows(opened, NOON)]
                except Rejected as refusal:
                    made.append(Made("dead_letter", {"source": refusal.source}, str(refusal.reason)))
            elif not isinstance(opened, Control):
                made.append(Made("dead_letter", reason=str(opened.reason)))
        return made

    return everything


@pytest.fixture(scope="session")
def make_one(make: Callable[[Any], list[Made]]) -> Callable[[Any], dict[str, Any]]:
    """The columns of the only row that a payload gives."""

    def only(body: Any) -> dict[str, Any]:
        (made,) = make(body)
        assert made.kind in ("event", "notice"), made
        return made.values

    return only


@pytest.fixture(scope="session")
def refuse(make: Callable[[Any], list[Made]]) -> Callable[[Any], str | None]:
    """The reason of the only dead letter that a payload gives."""

    def only(body: Any) -> str | None:
        (made,) = make(body)
        assert made.kind == "dead_letter", made
        return made.reason

    return only
