"""Dead letters become events after a template fix, once, and keep everything until then."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engagedb.errors import LakeError
from engagedb.settings import data_folder
from ingest.replay import Replayed, replay
from lake.catalog import Lake
from lake.dead_letters import find_dead_letters, set_status
from tests.ingest.conftest import NOW, Workshop, text_event
from transforms.pseudonyms import derive_first
from transforms.vocabulary import DeadLetterStatus

Write = Callable[..., Path]


def again(workshop: Workshop, **changes: str) -> Replayed:
    settings = workshop.settings.model_copy(update=changes)
    lake = Lake.open(settings)
    letters = find_dead_letters(lake, status=DeadLetterStatus.OPEN)
    return replay(lake, workshop.keyring, settings, letters, clock=lambda: NOW)


@pytest.fixture
def fixed_templates(tmp_path: Path) -> str:
    """The shipped templates and one more, which knows what was unknown."""
    folder = tmp_path / "templates"
    shutil.copytree(data_folder("templates"), folder)
    (folder / "pigeon").mkdir()
    (folder / "pigeon" / "template.yaml").write_text(
        """
source: pigeon
match: "pigeon is defined"
identity: [pigeon]
event:
  channel: sms
  message_id: "{{ pigeon }}"
  event_time: "{{ landed | default(arrival.stated_at) | timestamp }}"
  stage: delivered
  recipient_id: "{{ to }}"
"""
    )
    return str(folder)


def test_a_replay_after_a_template_fix_makes_events_and_does_so_once(workshop: Workshop, landing: Write, fixed_templates: str) -> None:
    inside = '{"pigeon": "p-2", "to": "+12065550123"}'
    envelope = {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:birds", "Message": inside,
                "Timestamp": "2026-03-04T10:20:30.456Z"}  # fmt: skip
    tally = workshop.ingest(
        landing("a.json", [{"pigeon": "p-1", "landed": 1772620829, "to": "+12065550123"}, envelope, {"still": "unknown"}])
    )
    assert tally.fates["dead_letter"] == 3

    first = again(workshop, templates=fixed_templates)
    assert (first.tried, first.refused, first.tally.rows["events"]) == (3, 1, 2)
    rows = workshop.rows("SELECT message_id, account_id, region, event_time FROM events ORDER BY message_id")
    assert [row["message_id"] for row in rows] == ["p-1", "p-2"]
    assert (rows[1]["account_id"], rows[1]["region"]) == ("111122223333", "eu-west-1"), "the envelope's words survive the dead letter"

    second = again(workshop, templates=fixed_templates)
    assert (second.tried, second.refused, second.tally.rows["events"]) == (1, 1, 0)
    assert workshop.rows("SELECT count(*) AS n FROM events") == [{"n": 2}]
    assert workshop.rows("SELECT status, count(*) AS n FROM dead_letters GROUP BY ALL ORDER BY 1") == [
        {"status": "open", "n": 1},
        {"status": "replayed", "n": 2},
    ]


def test_a_stop_between_events_and_status_is_healed_by_the_next_replay(
    workshop: Workshop, landing: Write, fixed_templates: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.ingest(landing("a.json", [{"pigeon": "p-1", "landed": 1772620829, "to": "+12065550123"}]))
    import ingest.replay as module

    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "set_status", stopped)
    with pytest.raises(KeyboardInterrupt):
        again(workshop, templates=fixed_templates)
    monkeypatch.setattr(module, "set_status", set_status)
    healed = again(workshop, templates=fixed_templates)
    assert (healed.refused, healed.tally.rows["events"]) == (0, 0)
    assert workshop.rows("SELECT count(*) AS n FROM events") == [{"n": 1}]


def test_a_replay_gives_the_very_row_that_ingest_would_have_given(
    workshop: Workshop, landing: Write, fixed_templates: str, tmp_path: Path
) -> None:
    path = landing("a.json", [{"pigeon": "p-1", "landed": 1772620829, "to": "+12065550123", "note": "call +12065550124"}])
    workshop.ingest(path)
    again(workshop, templates=fixed_templates)
    other = Workshop(workshop.settings.model_copy(update={"lake": str(tmp_path / "other")}), workshop.keyring)
    Lake.create(other.settings, other.keyring)
    other.ingest(path, templates=fixed_templates)
    assert workshop.rows("SELECT * FROM events") == other.rows("SELECT * FROM events")


def test_bytes_that_were_cut_off_stay_open(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("a", b'{"eventType": "TEXT_DEL'))
    assert (again(workshop).tried, again(workshop).refused) == (1, 1)


def test_a_discarded_letter_is_not_tried(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("a", b"garbage"))
    lake = Lake.open(workshop.settings)
    set_status(lake, find_dead_letters(lake)["dead_letter_id"].to_pylist(), DeadLetterStatus.DISCARDED, NOW)
    assert again(workshop).tried == 0


def test_the_sealed_record_opens_only_with_the_key(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("a.json", [text_event(eventTimestamp=None)]))
    with pytest.raises(LakeError, match="does not belong"):
        again(Workshop(workshop.settings, derive_first(b"\x01" * 32)))


def test_the_fates_of_replayed_and_refused_letters_add_up(workshop: Workshop, landing: Write) -> None:
    confirmation = {"Type": "SubscriptionConfirmation", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:topic", "Token": "t" * 80}
    path = landing("a.json", [text_event("a"), text_event("a"), confirmation, {"what": "is this", "and": "x" * 80}])
    assert workshop.ingest(path, max_record_bytes=70).fates["dead_letter"] == 4
    done = again(workshop)
    assert (done.tried, done.refused, dict(done.tally.fates)) == (3, 1, {"event": 1, "control": 1})
