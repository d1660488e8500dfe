"""One's own rules of privacy, from the file to the rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engagedb.errors import ConfigurationError
from tests.ingest.conftest import Workshop, text_event

POLICY = """
keys:
  drop: [internal notes]
  handle: [loyalty id]
sources:
  sms:
    columns:
      drop: [number_range]
"""


def test_own_rules_reach_every_row_and_raw_event(workshop: Workshop, landing: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    notes = {"email": "ana@example.com", "mood": "content"}
    event = text_event(
        destinationPhoneNumber="+14255550156", internalNotes=notes, context={"loyaltyId": "L-100-200", "internalNotes": "tall"}
    )
    workshop.ingest(landing("a.json", [event]), policy=tmp_path / "policy.yaml", raw_event=True)
    (row,) = workshop.rows("SELECT number_range, recipient_country, tags, attributes, raw_event FROM events")
    assert (row["number_range"], row["recipient_country"]) == (None, "US")
    told = str(row)
    assert "internalNotes" not in told
    assert "mood" not in told
    assert dict(row["tags"])["loyaltyId"].startswith("cu_")


def test_without_own_rules_the_same_fields_are_kept_redacted(workshop: Workshop, landing: Callable[..., Path]) -> None:
    workshop.ingest(landing("a.json", [text_event(destinationPhoneNumber="+14255550156", internalNotes={"mood": "content"})]))
    (row,) = workshop.rows("SELECT number_range, attributes FROM events")
    assert (row["number_range"], dict(row["attributes"])["internalNotes.mood"]) == ("+1425555", "content")


def test_a_source_that_no_template_has_is_refused(workshop: Workshop, landing: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("sources: {sns: {keys: {drop: [a]}}}")
    with pytest.raises(ConfigurationError, match="names the source sns, and no template has it"):
        workshop.ingest(landing("a.json", [text_event()]), policy=tmp_path / "policy.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        workshop.ingest(landing("a.json", [text_event()]), policy=tmp_path / "missing.yaml")
