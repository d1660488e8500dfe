"""The leak judge over everything that an ingest of planted events writes: nothing personal in clear, nothing as a plain hash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.conftest import Workshop


@pytest.mark.parametrize("raw_event", [False, True])
def test_no_planted_value_stands_anywhere_in_the_lake(workshop: Workshop, shared: Path, tmp_path: Path, raw_event: bool) -> None:
    planted = shared / "pii" / "dev"
    tally = workshop.ingest(planted / "events_planted.jsonl", raw_event=raw_event)
    kinds = [json.loads(line)["kind"] for line in (planted / "events_planted.meta.jsonl").read_text().splitlines()]
    unknown = sum(kind in ("lex", "dialog", "turns", "batch", "Received") for kind in kinds)
    assert (tally.records, tally.reasons["unknown_source"]) == (len(kinds), unknown)

    verdict = tmp_path / "verdict.json"
    judge = [sys.executable, shared / "pii" / "eval_leak.py", workshop.settings.lake, planted / "planted_values.txt"]
    told = subprocess.run([*judge, "--keep", planted / "keep_values.txt", "--json", verdict], capture_output=True, text=True, check=False)
    print(f"\nraw_event {'on' if raw_event else 'off'}\n{told.stdout}")
    assert told.returncode == 0, told.stdout + told.stderr
    found = json.loads(verdict.read_text())
    assert (found["leaks"], found["hashes"], found["planted"]) == (0, 0, 442)
    assert found["kept"] / found["keep"] >= (0.97 if raw_event else 0.9)
