"""Dead letters are found by what is asked for, and only their status changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engagedb.errors import Reason
from lake.catalog import Lake
from lake.commit import commit
from lake.dead_letters import find_dead_letters, set_status
from lake.snapshot import Published
from tests.lake.lifecycles import NOW, batch, dead_letter, new_lake, stored
from transforms.vocabulary import DeadLetterStatus

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = new_lake(tmp_path / "lake")
    commit(made, batch(dead_letters=[dead_letter("a"), dead_letter("b", reason="bad_timestamp", source="sms", ingested_at=LATER)]), NOW)
    commit(made, batch(dead_letters=[dead_letter("c", source="ses", source_offset=1)]), NOW)
    return made


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["c", "a", "b"]),
        ({"ids": ["b", "zz"]}, ["b"]),
        ({"ids": []}, []),
        ({"reason": Reason.BAD_TIMESTAMP}, ["b"]),
        ({"source": "ses"}, ["c"]),
        ({"since": LATER}, ["b"]),
        ({"until": LATER}, ["c", "a"]),
        ({"status": DeadLetterStatus.OPEN, "source": "sms"}, ["b"]),
        ({"status": DeadLetterStatus.REPLAYED}, []),
    ],
)
def test_dead_letters_are_found_by_each_condition(lake: Lake, conditions: dict[str, Any], expected: list[str]) -> None:
    assert find_dead_letters(lake, **conditions).column("dead_letter_id").to_pylist() == expected


def test_sealed_records_come_only_when_asked_for(lake: Lake) -> None:
    assert "sealed_record" not in find_dead_letters(lake).column_names
    assert find_dead_letters(lake, ids=["b"], with_records=True).column("sealed_record").to_pylist() == [b"sealed b"]


def test_a_status_changes_for_these_rows_and_nothing_else(lake: Lake) -> None:
    before = stored(lake, "dead_letters")
    files = Published(lake).files("dead_letters")
    assert set_status(lake, ["a", "zz"], DeadLetterStatus.REPLAYED, LATER) == 1
    changed = {"status": "replayed", "status_at": LATER}
    assert stored(lake, "dead_letters") == [row | changed if row["dead_letter_id"] == "a" else row for row in before]
    assert len(set(files) & set(Published(lake).files("dead_letters"))) == 1


def test_changing_a_status_again_changes_nothing(lake: Lake) -> None:
    assert set_status(lake, ["a"], DeadLetterStatus.DISCARDED, LATER) == 1
    snapshot = lake.table("dead_letters").current_snapshot()
    assert set_status(lake, ["a"], DeadLetterStatus.DISCARDED, LATER + timedelta(hours=1)) == 0
    assert set_status(lake, [], DeadLetterStatus.OPEN, LATER) == 0
    assert lake.table("dead_letters").current_snapshot() == snapshot


def test_a_replayed_record_that_is_delivered_again_stays_replayed(lake: Lake) -> None:
    set_status(lake, ["a"], DeadLetterStatus.REPLAYED, LATER)
    assert commit(lake, batch(dead_letters=[dead_letter("a", source_object="again")]), NOW).dead_letters.tolist() == [2]
    assert find_dead_letters(lake, ids=["a"]).column("status").to_pylist() == ["replayed"]
