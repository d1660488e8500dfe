"""Days are rebuilt from landing: once, without a gap, and nothing is lost that cannot be rebuilt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from engagedb.cli import mounted
from engagedb.errors import ConfigurationError
from engagedb.settings import data_folder
from ingest.backfill import Backfilled, backfill
from lake.catalog import Lake
from lake.snapshot import Published
from lake.tables import NAMESPACE
from tests.ingest.conftest import NOW, Workshop, text_event
from tests.lake.lifecycles import stored
from tests.lake.test_commit import assert_pair_agrees

Write = Callable[..., Path]
DAY = date(2026, 3, 4)
LATER = datetime(2026, 3, 20, tzinfo=UTC)
AT = 1772620829000  # on DAY
DAY_MS = 24 * 3600 * 1000


def again(workshop: Workshop, *sources: Path, first: date = DAY, last: date = DAY, **options: Any) -> Backfilled:
    settings = workshop.settings.model_copy(update=options.pop("changes", {}))
    lake = Lake.open(settings)
    options = {"reason": "a test", "may_keep": False} | options
    return backfill(
        lake, workshop.keyring, [str(source) for source in sources], settings, first, last, clock=lambda: LATER,
        progress=lambda _: lambda *_: None, **options,
    )  # fmt: skip


def rows(workshop: Workshop, name: str, *without: str) -> list[dict[str, Any]]:
    found = stored(Lake.open(workshop.settings), name)
    return [{key: value for key, value in row.items() if key not in without} for row in found]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    shutil.copytree(data_folder("templates"), folder)
    return folder


def edit(templates: Path, before: str, after: str) -> dict[str, str]:
    place = templates / "sms" / "template.yaml"
    text = place.read_text()
    assert before in text
    place.write_text(text.replace(before, after, 1))
    return {"templates": str(templates)}


@pytest.fixture
def three_days(landing: Write) -> Path:
    """Two messages on DAY, one of them told twice in two objects, and others on the days beside it."""
    first = [text_event("a"), text_event("b", eventTimestamp=AT + 1)]
    landing("1.json", first)
    landing("2.json", [text_event("a"), text_event("before", eventTimestamp=AT - DAY_MS), {"what": "is this"}])
    return landing("3.json", [text_event("after", eventTimestamp=AT + DAY_MS)]).parent


def test_unchanged_templates_change_nothing_but_the_time_of_reading(workshop: Workshop, three_days: Path) -> None:
    workshop.ingest(three_days / "2.json")  # so that the stored copy of `a` is not the first one of the landing folder
    workshop.ingest(three_days)
    before = {name: rows(workshop, name) for name in ("events", "messages", "dead_letters", "notices", "ingest_log")}
    done = again(workshop, three_days)
    assert (done.records, done.refused, done.events.before, done.events.after, done.events.rebuilt) == (6, 1, 2, 2, 2)
    assert (done.events.added, done.events.moved, done.events.withdrawn, done.events.kept) == (0, 0, 0, 0)
    after = {name: rows(workshop, name) for name in before}
    times = [row.pop("ingested_at") for row in after["events"]]
    assert sorted(times) == [NOW, NOW, LATER, LATER]
    assert after["events"] == [{k: v for k, v in row.items() if k != "ingested_at"} for row in before["events"]]
    assert {name: after[name] for name in after if name != "events"} == {name: before[name] for name in before if name != "events"}
    assert_pair_agrees(Lake.open(workshop.settings))


def test_a_changed_template_changes_its_column_on_these_days_only(workshop: Workshop, three_days: Path, templates: Path) -> None:
    workshop.ingest(three_days)
    changes = edit(templates, "{{ carrierName }}", "A carrier")
    done = again(workshop, three_days, changes=changes)
    assert done.events.rebuilt == 2
    found = rows(workshop, "events")
    assert [row["carrier"] for row in found if row["event_time"].date() == DAY] == ["A carrier"] * 2
    assert [row["carrier"] for row in found if row["event_time"].date() != DAY] == [None] * 2
    assert len({row["template_version"] for row in found}) == 2
    once = {name: rows(workshop, name) for name in ("events", "messages")}
    again(workshop, three_days, changes=changes)
    assert {name: rows(workshop, name) for name in once} == once
    assert workshop.ingest(three_days, **changes).rows["events"] == 0
    assert_pair_agrees(Lake.open(workshop.settings))


def test_an_event_that_moves_to_another_day_stands_there_only(workshop: Workshop, landing: Write, templates: Path) -> None:
    sent = AT - 3 * DAY_MS
    source = landing(
        "1.json", [text_event("a", messageRequestTimestamp=sent), text_event("b", eventTimestamp=AT + DAY_MS, messageRequestTimestamp=AT)]
    )
    workshop.ingest(source)
    changes = edit(templates, "{{ eventTimestamp | default", "{{ messageRequestTimestamp | default")
    done = again(workshop, source, changes=changes)
    assert (done.events.before, done.events.after, done.events.rebuilt, done.events.moved) == (1, 1, 2, 2)
    times = {row["message_id"]: row["event_time"].date() for row in rows(workshop, "events")}
    assert times == {"a": DAY - timedelta(days=3), "b": DAY}
    assert_pair_agrees(Lake.open(workshop.settings))


def test_a_record_that_was_refused_becomes_an_event(workshop: Workshop, landing: Write, templates: Path) -> None:
    source = landing("1.json", [text_event("a"), text_event("b") | {"eventType": "PIGEON_LANDED"}])
    changes = edit(templates, 'match: "', "match: \"eventType == 'PIGEON_LANDED' or ")
    workshop.ingest(source)
    done = again(workshop, source, changes=changes)
    assert (done.events.added, done.events.after) == (1, 2)


def test_an_event_that_the_templates_make_no_more_is_withdrawn(workshop: Workshop, landing: Write, templates: Path) -> None:
    edit(templates, "identity: [", "identity: [item, ")
    changes = edit(templates, "\nevent:\n", '\nfor_each: "{{ codes }}"\nevent:\n')
    source = landing("1.json", [text_event(name, codes=["one", "two"]) for name in ("a", "b")])
    workshop.ingest(source, **changes)
    assert len(rows(workshop, "events")) == 4
    edit(templates, "\nevent:\n", "\nwhen: \"{{ item == 'one' }}\"\nevent:\n")
    done = again(workshop, source, changes=changes)
    assert (done.events.rebuilt, done.events.withdrawn, done.events.after) == (2, 2, 2)
    assert len(rows(workshop, "events")) == 2
    assert_pair_agrees(Lake.open(workshop.settings))


def test_events_whose_objects_are_gone_stay_and_are_told(workshop: Workshop, landing: Write, templates: Path) -> None:
    gone, held = landing("1.json", [text_event("a")]), landing("2.json", [text_event("b")])
    workshop.ingest(gone.parent)
    gone.unlink()
    before = rows(workshop, "events")
    with pytest.raises(ConfigurationError, match="1 events of these days come from 1 landing objects"):
        again(workshop, held)
    assert rows(workshop, "events") == before
    assert rows(workshop, "backfills") == []
    done = again(workshop, held, may_keep=True, changes=edit(templates, "{{ carrierName }}", "A carrier"))
    assert (done.events.rebuilt, done.events.kept, done.events.after) == (1, 1, 2)
    assert {row["message_id"]: row["carrier"] for row in rows(workshop, "events")} == {"a": None, "b": "A carrier"}


def test_an_event_that_the_templates_refuse_now_stays(workshop: Workshop, landing: Write, templates: Path) -> None:
    source = landing("1.json", [text_event("a"), text_event("b")])
    workshop.ingest(source)
    done = again(workshop, source, changes=edit(templates, 'match: "', "match: \"messageId == 'a' and "))
    assert (done.refused, done.events.rebuilt, done.events.kept, done.events.after) == (1, 1, 1, 2)


def test_without_a_reason_or_with_days_exchanged_it_is_refused(workshop: Workshop, landing: Write) -> None:
    source = landing("1.json", [text_event("a")])
    with pytest.raises(ConfigurationError, match="reason"):
        again(workshop, source, reason="  ")
    with pytest.raises(ConfigurationError, match="wrong order"):
        again(workshop, source, first=DAY + timedelta(days=1))


def test_it_is_recorded_with_its_reason_redacted(workshop: Workshop, three_days: Path) -> None:
    workshop.ingest(three_days)
    done = again(workshop, three_days, reason="asked by jane.roe@example.com")
    (row,) = workshop.rows("SELECT * FROM backfills")
    assert (row["reason"], row["events_before_count"], row["events_after_count"]) == ("asked by [EMAIL]", 2, 2)
    assert (row["first_day"], row["last_day"], dict(row["template_versions"])) == (DAY, DAY, done.templates)
    assert row["finished_at"] == LATER


class Stop(BaseException):
    """A stop that no handler of the program under test catches."""


@pytest.mark.parametrize("point", ["rebuilt_written", "rebuilt_committed", "tagged", "folded", "messages_written", "published", "recorded"])
def test_readers_see_no_gap_and_a_stop_heals_at_the_next_run(workshop: Workshop, three_days: Path, templates: Path, point: str) -> None:
    workshop.ingest(three_days)
    changes = edit(templates, "{{ carrierName }}", "A carrier")
    lake = Lake.open(workshop.settings)

    def stop(reached: str) -> None:
        assert_pair_agrees(lake)
        files = Published(lake).files("events")
        carriers = [name for path in files for name in pq.read_table(path, columns=["carrier"]).column(0).to_pylist()]
        assert sorted(carriers, key=str) in ([None] * 4, ["A carrier", "A carrier", None, None])
        if reached == point:
            raise Stop

    with pytest.raises(Stop):
        again(workshop, three_days, changes=changes, checkpoint=stop)
    again(workshop, three_days, changes=changes)
    assert [row["carrier"] for row in rows(workshop, "events") if row["event_time"].date() == DAY] == ["A carrier"] * 2
    assert len(rows(workshop, "events")) == 4
    assert len([row for row in rows(workshop, "backfills") if row["finished_at"]]) == (2 if point == "recorded" else 1)
    assert_pair_agrees(lake)


def test_a_lake_that_was_made_before_the_table_existed_reads_and_gets_it(workshop: Workshop, three_days: Path) -> None:
    workshop.ingest(three_days)
    Lake.open(workshop.settings).catalog.drop_table((NAMESPACE, "backfills"))
    assert workshop.rows("SELECT count(*) AS backfills FROM backfills") == [{"backfills": 0}]
    again(workshop, three_days)
    assert workshop.rows("SELECT count(*) AS backfills FROM backfills") == [{"backfills": 1}]


def test_the_command_rebuilds(workshop: Workshop, three_days: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_PSEUDONYM_KEY", bytes(range(32)).hex())
    workshop.ingest(three_days)
    words = ["backfill", "--lake", workshop.settings.lake, "--from", str(DAY), "--to", str(DAY), str(three_days)]
    assert CliRunner().invoke(mounted(), words).exit_code == 2
    result = CliRunner().invoke(mounted(), [*words, "--reason", "a test"])
    assert result.exit_code == 0, result.output
    assert "2 events before, 2 after: 2 rebuilt" in result.output
