"""Late records are counted per ingest: behind the newest event of their source and account by more than is allowed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from ingest.cli_ingest import print_summary
from ingest.run import Run, ingest
from ingest.sources import list_objects
from lake.catalog import Lake
from lake.datafiles import stage_change, write_rows
from lake.ingest_log import log_objects
from tests.canonical_rows import canonical_table
from tests.ingest.conftest import NOW, Workshop, text_event
from tests.lake.lifecycles import log_row, stored
from transforms.canonical import INGEST_LOG

Write = Callable[..., Path]
AT = 1772620829000  # a day before NOW
HOUR = 3600 * 1000


def told(name: str, hours: float = 0, **changes: Any) -> dict[str, Any]:
    return text_event(name, eventTimestamp=AT + int(hours * HOUR), **changes)


def late_counts(workshop: Workshop) -> dict[str, int]:
    return {Path(row["object"]).name: row["late_count"] for row in stored(Lake.open(workshop.settings), "ingest_log")}


def test_a_record_long_behind_an_object_before_it_is_late(workshop: Workshop, landing: Write) -> None:
    landing("1", [told("a")])
    landing("2", [told("b", -0.99), told("c", -1.01), told("d", -70), {"nobody": "knows this"}])
    tally = workshop.ingest(landing("3", [told("e", -0.5)]).parent)
    assert (tally.late, tally.late_share, tally.fates["event"]) == (2, 0.4, 5)
    assert {key: tally.as_json()[key] for key in ("late", "late_share")} == {"late": 2, "late_share": 0.4}
    assert late_counts(workshop) == {"1": 0, "2": 2, "3": 0}
    asked = workshop.rows("SELECT sum(late_count) AS late, sum(event_count) AS events FROM ingest_log")
    assert [(row["late"], row["events"]) for row in asked] == [(2, 5)]


def test_the_summary_for_people_tells_the_share_and_says_nothing_when_none_is_late(
    workshop: Workshop, landing: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    print_summary(workshop.ingest(landing("1", [told("a")])))
    assert "Late" not in capsys.readouterr().out
    print_summary(workshop.ingest(landing("2", [told("b", -5), told("c"), told("d"), told("e")])))
    assert "Late: 1 event (25.0%)" in capsys.readouterr().out


def test_an_object_is_not_judged_against_itself(workshop: Workshop, landing: Write) -> None:
    assert workshop.ingest(landing("1", [told("a"), told("b", -48)])).late == 0


def test_each_source_and_account_has_a_watermark_of_its_own(workshop: Workshop, landing: Write) -> None:
    landing("1", [told("a")])
    elsewhere = {"source": "aws.sms-voice", "account": "999988887777", "region": "eu-west-1", "time": "2026-03-04T00:00:00Z"}
    landing("2", [{"eventType": "VOICE_COMPLETED", "messageId": "v", "eventTimestamp": AT - 9 * HOUR}])
    landing("3", [{"version": "0", "id": "x", "detail-type": "Text Message Delivery Status Updated", "resources": [], **elsewhere,
                   "detail": told("b", -9)}])  # fmt: skip
    workshop.ingest(landing("4", [told("c", -9)]).parent)
    assert late_counts(workshop) == {"1": 0, "2": 0, "3": 0, "4": 1}


def test_what_the_lake_held_before_counts(workshop: Workshop, landing: Write) -> None:
    workshop.ingest(landing("1", [told("a"), told("old", -24 * 40)]))
    assert workshop.ingest(landing("2", [told("b", -3), told("c", -24 * 40), told("d", -24 * 90)])).late == 3


def test_how_much_is_allowed_is_a_setting(workshop: Workshop, landing: Write) -> None:
    landing("1", [told("a")])
    assert workshop.ingest(landing("2", [told("b", -70), told("c", -80)]).parent, allowed_lateness_s=72 * 3600).late == 1


def test_an_event_ahead_of_the_clock_makes_nothing_late(workshop: Workshop, landing: Write) -> None:
    landing("1", [told("wrong year", 24 * 365 * 50)])
    assert workshop.ingest(landing("2", [told("a")]).parent).late == 0
    assert workshop.ingest(landing("3", [told("b")])).late == 0


def test_a_late_duplicate_is_a_duplicate(workshop: Workshop, landing: Write) -> None:
    landing("1", [told("a"), told("b", -9)])
    tally = workshop.ingest(landing("2", [told("b", -9)]).parent)
    assert (tally.late, tally.fates["duplicate"]) == (0, 1)


class Stop(BaseException):
    """A stop that no handler of the program under test catches."""


@pytest.mark.parametrize(
    ("point", "occurrence"),
    [("never", 1), ("read", 2), ("events_committed", 1), ("events_committed", 2), ("published", 3), ("logged", 2), ("compacted", 1)],
)
def test_a_run_that_was_stopped_and_runs_again_counts_what_an_undisturbed_one_counts(
    workshop: Workshop, landing: Write, point: str, occurrence: int
) -> None:
    landing("1", [told("a", -30), told("b", -31)])
    landing("2", [told("c"), told("d", -30), told("e", -40), told("f", -2)])  # read in several batches
    landing("3", [told("g", -5), told("a", -30)])
    folder = landing("4", [told("h", -0.5), told("i", -200)]).parent
    seen = 0

    def stop(reached: str) -> None:
        nonlocal seen
        seen += reached == point
        if reached == point and seen == occurrence:
            raise Stop

    settings = workshop.settings.model_copy(update={"batch_records": 3})
    with nullcontext() if point == "never" else pytest.raises(Stop):
        ingest(
            Lake.open(settings), workshop.keyring, [str(folder)], settings, clock=lambda: NOW, progress=lambda _: lambda *_: None,
            checkpoint=stop,
        )  # fmt: skip
    workshop.ingest(folder, batch_records=3)
    assert late_counts(workshop) == {"1": 0, "2": 1, "3": 1, "4": 1}


def test_a_batch_that_was_abandoned_makes_nothing_late(workshop: Workshop, landing: Write) -> None:
    folder = landing("1", [told("a"), told("b", -9)]).parent
    run = Run(Lake.open(workshop.settings), workshop.keyring, workshop.settings, lambda: NOW)
    for attempt in range(2):
        found = list(list_objects([str(folder)]))
        run.expect(found)
        for landing_object in found:
            run.read(landing_object, lambda *_: None)
        if attempt == 0:
            run.abandon()
    run.commit()
    assert run.total.late == 0


def test_a_log_of_an_earlier_version_is_read_and_gets_the_column_with_the_next_ingest(workshop: Workshop, landing: Write) -> None:
    lake = Lake.open(workshop.settings)
    with lake.table("ingest_log").update_schema(allow_incompatible_changes=True) as change:
        change.delete_column("late_count")
    table = lake.table("ingest_log")
    stage_change(table, write_rows(table, INGEST_LOG, canonical_table(INGEST_LOG, [log_row("before")]))).commit_transaction()
    ask = "SELECT object, late_count FROM ingest_log ORDER BY ALL"
    assert workshop.rows(ask) == [{"object": "before", "late_count": None}]
    workshop.ingest(landing("1", [told("a")]))
    assert [row["late_count"] for row in workshop.rows(ask)] == [0, None]
    log_objects(lake, canonical_table(INGEST_LOG, [log_row("after") | {"late_count": 7}]))
    assert [row["late_count"] for row in workshop.rows(ask)] == [0, 7, None]
