"""Templates tried on their own examples: each example document must give exactly the rows that stand in `expected`.

An example is a document as it lands, envelopes included. What is expected are the template's raw columns, before
redaction, or `{"dead_letter": reason}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from engagedb.errors import Rejected
from transforms.compile import CompiledTemplate
from transforms.normalize import Normalizer
from transforms.record import Control, Opened, RawRecord


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not become what is expected, and the first difference."""

    example: str
    difference: str


def records_of(path: Path, max_record_bytes: int) -> Iterator[Opened]:
    """The records of a file as ingest would read them. Raises Rejected for bytes that are no document."""
    from ingest.reading import records

    with path.open("rb") as stream:
        yield from records(stream, path.name, max_record_bytes)


def check_examples(folder: Path, normalizer: Normalizer, max_record_bytes: int) -> tuple[int, list[Failure]]:
    """How many examples below a folder of templates were tried, and those that failed."""
    examples = sorted(folder.glob("*/examples/*.json"))
    failures = []
    for example in examples:
        expected_path = example.parent.parent / "expected" / example.name
        name = f"{example.parent.parent.name}/{example.name}"
        if not expected_path.is_file():
            failures.append(Failure(name, f"{expected_path.name} is missing in expected/"))
            continue
        difference = _difference(orjson.loads(expected_path.read_bytes()), rows_of(example, normalizer, max_record_bytes))
        if difference:
            failures.append(Failure(name, difference))
    return len(examples), failures


def rows_of(example: Path, normalizer: Normalizer, max_record_bytes: int) -> Any:
    """The raw columns of an example's rows, or its dead letter."""
    rows: list[dict[str, Any]] = []
    for opened in records_of(example, max_record_bytes):
        if isinstance(opened, Control):
            continue
        if not isinstance(opened, RawRecord):
            return {"dead_letter": str(opened.reason)}
        try:
            for template, evaluated in normalizer.evaluated(opened):
                rows += [_as_expected(template, row) for row in evaluated]
        except Rejected as refusal:
            return {"dead_letter": str(refusal.reason)}
    return rows


def _as_expected(template: CompiledTemplate, row: Any) -> dict[str, Any]:
    values, _, has_message, _ = row
    columns = {name: _plain(value) for name, value in zip(template.columns, values, strict=True) if value is not None}
    return {"kind": template.template.kind, **columns, "has_message": has_message}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value


def _difference(expected: Any, found: Any) -> str | None:
    if isinstance(expected, dict) or isinstance(found, dict):
        return None if expected == found else f"expected {_short(expected)}, got {_short(found)}"
    if len(expected) != len(found):
        return f"expected {len(expected)} rows, got {len(found)}"
    for position, (wanted, row) in enumerate(zip(expected, found, strict=True)):
        full = {"kind": "event", "has_message": True, **wanted}
        for column in sorted(set(full) | set(row)):
            if _comparable(full.get(column)) != _comparable(row.get(column)):
                return f"row {position} column {column}: expected {full.get(column)!r}, got {row.get(column)!r}"
    return None


def _comparable(value: Any) -> Any:
    """Times and amounts in one spelling."""
    if isinstance(value, str) and value.endswith("Z") and len(value) >= 20:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _short(value: Any) -> str:
    return str(value) if isinstance(value, dict) else f"{len(value)} rows"
