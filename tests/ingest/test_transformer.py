"""Templates in use: changed ones are taken up between batches, broken ones are refused, identities stay."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engagedb.errors import ConfigurationError
from engagedb.settings import data_folder
from ingest.cli import app
from ingest.transformer import Transformer
from lake.catalog import Lake
from lake.template_versions import template_versions
from tests.ingest.conftest import Workshop, text_event

Write = Callable[..., Path]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    shutil.copytree(data_folder("templates"), folder)
    return folder


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "sms" / "template.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def used(transformer: Transformer) -> dict[str, str]:
    return {version.source: version.version for version in transformer.versions}


def test_a_changed_template_is_used_after_a_refresh(workshop: Workshop, templates: Path) -> None:
    transformer = Transformer(workshop.settings.model_copy(update={"templates": str(templates)}), workshop.keyring)
    before = used(transformer)
    change(templates, "lookups:", "# another comment\nlookups:")
    transformer.refresh()
    assert used(transformer)["sms"] != before["sms"]
    assert used(transformer)["ses"] == before["ses"]


def test_a_broken_template_is_told_once_and_the_old_one_goes_on(
    workshop: Workshop, templates: Path, caplog: pytest.LogCaptureFixture
) -> None:
    transformer = Transformer(workshop.settings.model_copy(update={"templates": str(templates)}), workshop.keyring)
    before = used(transformer)
    change(templates, "| timestamp", "| timestmp")
    with caplog.at_level(logging.WARNING):
        transformer.refresh()
        transformer.refresh()
    assert used(transformer) == before
    (told,) = caplog.messages
    assert "templates/sms/template.yaml:" in told
    assert "Did you mean timestamp?" in told


def test_the_lake_remembers_only_the_versions_that_made_rows(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("a.json", [text_event()]))
    known = template_versions(Lake.open(workshop.settings))
    assert list(known) == ["sms"]
    assert workshop.rows("SELECT template_version FROM events") == [{"template_version": known["sms"][0].version}]


def test_another_identity_for_stored_events_is_refused(workshop: Workshop, landing: Write, templates: Path) -> None:
    workshop.ingest(landing("a.json", [text_event()]))
    change(templates, "identity: [messageId", "identity: [messageId, carrierName")
    with pytest.raises(ConfigurationError, match="the lake holds events of sms that were made with another identity"):
        workshop.ingest(landing("b.json", [text_event()]), templates=str(templates))


def test_after_a_change_of_the_time_rule_the_same_event_is_still_recognised(workshop: Workshop, landing: Write, templates: Path) -> None:
    workshop.ingest(landing("a.json", [text_event(messageRequestTimestamp=1772420829000)]))
    path = templates / "sms" / "template.yaml"
    lines = [
        '  event_time: "{{ messageRequestTimestamp | timestamp }}"' if line.startswith("  event_time:") else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")
    tally = workshop.ingest(landing("b.json", [text_event(messageRequestTimestamp=1772420829000)]), templates=str(templates))
    assert tally.fates["duplicate"] == 1
    assert workshop.rows("SELECT count(*) AS n FROM events") == [{"n": 1}]


def test_a_reply_that_comes_again_in_an_envelope_of_another_day_is_one_event(workshop: Workshop, landing: Write) -> None:
    def envelope(day: int) -> dict[str, str]:
        reply = (
            '{"originationNumber": "+12065550123", "destinationNumber": "+18005550199", "messageBody": "yes", "inboundMessageId": "in-1"}'
        )
        arn = "arn:aws:sns:eu-west-1:111122223333:replies"
        return {
            "Type": "Notification",
            "MessageId": f"m-{day}",
            "TopicArn": arn,
            "Message": reply,
            "Timestamp": f"2026-03-0{day}T10:20:30.456Z",
        }

    workshop.ingest(landing("a.json", [envelope(1)]))
    tally = workshop.ingest(landing("b.json", [envelope(4)]))
    assert tally.fates["duplicate"] == 1
    assert workshop.rows("SELECT count(*) AS n FROM events") == [{"n": 1}]


def test_a_check_against_a_lake_names_what_would_repeat_or_move_its_events(workshop: Workshop, landing: Write, templates: Path) -> None:
    workshop.ingest(landing("a.json", [text_event()]))
    words = ["templates", "check", "--templates", str(templates), "--lake", workshop.settings.lake]
    change(templates, 'event_time: "{{', 'event_time: "{{ carrierName or')
    moved = CliRunner().invoke(app, words)
    assert "sms: the lake holds events whose time came from another rule; run engagedb backfill" in moved.output
    change(templates, "identity: [messageId", "identity: [messageId, carrierName")
    assert isinstance(CliRunner().invoke(app, words).exception, ConfigurationError)
