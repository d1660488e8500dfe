"""The fold gives one row per message, whatever the order and however often the events come."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.commit import commit
from lake.datafiles import newest_files, read_files
from lake.fold import FILE_ROWS, divide
from lake.fold_events import READ, fold_events
from lake.maintenance.maintain import join_messages
from tests.lake.lifecycles import NOW, SENT, batch, event, lifecycles, new_lake, stored
from transforms.canonical import EVENTS, MESSAGES, TIMESTAMP
from transforms.vocabulary import Stage


def folded(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = fold_events(pa.Table.from_pylist(events, schema=EVENTS.schema).select(READ)).to_pylist()
    return sorted(rows, key=lambda found: found["message_key"])


def fold_one(*events: dict[str, Any]) -> dict[str, Any]:
    (found,) = folded(list(events))
    return found


@given(lifecycles(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_any_order_and_any_duplication_gives_the_same_rows(events: list[dict[str, Any]], chance: random.Random) -> None:
    again = [*events, *chance.choices(events, k=5)]
    chance.shuffle(again)
    assert folded(again) == folded(events)


@given(lifecycles(), st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_committing_the_events_in_any_pieces_stores_what_folding_all_at_once_gives(
    tmp_path_factory: Any, events: list[dict[str, Any]], chance: random.Random
) -> None:
    lake = new_lake(tmp_path_factory.mktemp("lake") / "lake")
    pieces = [*events, *chance.choices(events, k=2)]
    chance.shuffle(pieces)
    while pieces:
        size = chance.randint(1, 4)
        commit(lake, batch(pieces[:size]), NOW)
        pieces = pieces[size:]
    assert stored(lake, "messages") == folded(events)


def test_the_row_has_exactly_the_canonical_columns() -> None:
    assert fold_events(pa.Table.from_pylist([event("a")], schema=EVENTS.schema).select(READ)).schema.equals(MESSAGES.schema)


def test_events_without_a_message_give_no_row() -> None:
    assert folded([event("a", key=None)]) == []


def test_a_message_stands_on_its_send_time_and_names_the_days_of_its_events() -> None:
    found = fold_one(event("a"), event("b", stage="delivered", after=timedelta(days=150)))
    assert found["message_time"] == SENT
    assert found["event_days"] == [date(2026, 1, 10), date(2026, 6, 9)]
    assert found["last_event_at"] == found["first_delivered_at"] == SENT + timedelta(days=150)
    assert found["delivered_latency_s"] == 150 * 86400


def test_a_message_without_a_stated_send_time_stands_on_its_earliest_event() -> None:
    found = fold_one(event("b", after=timedelta(hours=2), requested_at=None), event("a", after=timedelta(hours=1), requested_at=None))
    assert found["message_time"] == SENT + timedelta(hours=1)
    assert found["delivered_latency_s"] is None


def test_price_is_the_last_known_and_counted_once() -> None:
    prices = [Decimal("0.00100000"), Decimal("0.00200000"), None]
    found = fold_one(*(event(f"e{n}", after=timedelta(minutes=n), message_price_usd=price) for n, price in enumerate(prices)))
    assert found["message_price_usd"] == Decimal("0.00200000")


def test_events_of_the_same_instant_are_ordered_by_stage() -> None:
    found = fold_one(event("b", stage="sent", carrier="early"), event("a", stage="delivered", carrier="late"))
    assert found["carrier"] == "late"


def test_the_status_is_that_of_the_latest_event_that_is_not_feedback_open_or_click() -> None:
    found = fold_one(
        event("a", stage="delivered", event_type="TEXT_DELIVERED", provider_status=None, after=timedelta(minutes=1)),
        event("b", stage="sent", event_type="TEXT_SENT", provider_status="SENT"),
        event("c", stage="feedback", event_type="FEEDBACK", provider_status="RECEIVED", after=timedelta(minutes=9)),
    )
    assert (found["event_type"], found["provider_status"]) == ("TEXT_DELIVERED", None)


def test_latest_feedback_wins_and_makes_the_message_expect_it() -> None:
    found = fold_one(
        event("a", feedback_expected=False),
        event("b", stage="feedback", feedback_status="failed", after=timedelta(minutes=1)),
        event("c", stage="feedback", feedback_status="received", after=timedelta(minutes=2)),
    )
    assert (found["feedback_status"], found["feedback_at"]) == ("received", SENT + timedelta(minutes=2))
    assert found["feedback_expected"] is True


def test_feedback_does_not_turn_an_inbound_message_into_an_outbound_one() -> None:
    late = timedelta(minutes=5)
    found = fold_one(event("a", stage="received", direction="inbound"), event("b", stage="feedback", direction="outbound", after=late))
    assert found["direction"] == "inbound"


def test_people_and_scanners_are_counted_apart() -> None:
    verdicts = enumerate([True, False, None])
    opens = [event(f"o{n}", channel="email", stage="opened", is_bot=bot, after=timedelta(minutes=n)) for n, bot in verdicts]
    found = fold_one(*opens, event("c", channel="email", stage="clicked", is_bot=True, after=timedelta(minutes=9)))
    assert (found["open_count"], found["bot_open_count"], found["click_count"], found["bot_click_count"]) == (2, 1, 0, 1)
    assert found["opened_latency_s"] == 60


def test_only_a_permanent_bounce_or_a_final_failure_is_permanent() -> None:
    transient = event("a", channel="email", stage="failed", provider_status="Transient/General", is_final=True)
    permanent = event("b", channel="email", stage="failed", provider_status="Permanent/General", after=timedelta(minutes=1))
    assert fold_one(transient)["permanent_failure_at"] is None
    assert fold_one(transient, permanent)["permanent_failure_at"] == SENT + timedelta(minutes=1)
    assert fold_one(event("c", stage="failed", is_final=False))["permanent_failure_at"] is None
    assert fold_one(event("d", stage="failed", is_final=True))["permanent_failure_at"] == SENT


def test_every_stage_has_its_first_and_last_time() -> None:
    for stage in Stage:
        found = fold_one(event("a", stage=stage, after=timedelta(hours=1)), event("b", stage=stage))
        assert (found[f"first_{stage}_at"], found[f"last_{stage}_at"]) == (SENT, SENT + timedelta(hours=1))


def test_a_straggler_updates_the_day_of_its_message_and_no_other(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a"), event("x", key="other", requested_at=SENT + timedelta(days=1))]), NOW)
    before = set(_paths(lake))
    commit(lake, batch([event("b", stage="delivered", after=timedelta(days=150))]), NOW)
    changed = before.symmetric_difference(_paths(lake))
    assert len(changed) == 2
    assert all("message_time_day=2026-01-10" in path for path in changed)
    assert [found["event_count"] for found in stored(lake, "messages")] == [2, 1]


def test_feedback_that_comes_before_its_message_is_moved_to_the_day_of_the_send(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("f", stage="feedback", feedback_status="received", requested_at=None, after=timedelta(days=20))]), NOW)
    commit(lake, batch([event("a")]), NOW)
    (found,) = stored(lake, "messages")
    assert (found["message_time"], found["feedback_status"]) == (SENT, "received")


def _paths(lake: Any) -> list[str]:
    from lake.snapshot import Published

    return Published(lake).files("messages")


def test_a_read_receipt_that_states_no_price_leaves_the_price_of_the_message() -> None:
    delivered = event("a", stage="delivered", after=timedelta(seconds=1), message_price_usd=Decimal("0.007"))
    read = event("b", stage="read", after=timedelta(minutes=1), message_price_usd=Decimal(0))
    assert fold_one(delivered, read)["message_price_usd"] == Decimal("0.007")
    assert fold_one(read)["message_price_usd"] == 0


@pytest.mark.parametrize(("rows", "parts"), [(0, 1), (1, 1), (2 * FILE_ROWS - 1, 1), (2 * FILE_ROWS, 2), (5 * FILE_ROWS + 7, 5)])
def test_a_day_is_divided_into_stretches_of_time(rows: int, parts: int) -> None:
    times = list(range(rows))
    random.Random(1).shuffle(times)
    messages = pa.table(
        {
            "message_key": [str(time % 100) for time in times],
            "channel": [random.Random(time).choice(["sms", "email", None]) for time in times],
            "message_time": pa.array(times, TIMESTAMP),
        }
    )
    divided = list(divide(messages, FILE_ROWS))
    assert all(part.sort_by([(name, "ascending") for name in MESSAGES.sort_by]).equals(part) for part in divided)
    found = [part.column("message_time").cast(pa.int64()).to_pylist() for part in divided]
    assert len(found) == parts
    assert sorted(time for part in found for time in part) == sorted(times)
    assert all(max(before) < min(after) for before, after in pairwise(found))
    assert all(FILE_ROWS <= len(part) < 2 * FILE_ROWS for part in found) or parts == 1


def test_a_late_event_rewrites_the_stretch_of_its_message_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.fold.FILE_ROWS", 4)
    lake = new_lake(tmp_path / "lake")
    minutes = [timedelta(minutes=number) for number in range(20)]
    sent = [event(f"e{number:02}", key=f"m{number:02}", after=after, requested_at=SENT + after) for number, after in enumerate(minutes)]
    commit(lake, batch(sent), SENT)
    before = {file.file_path for file in newest_files(lake.table("messages"))}
    commit(lake, batch([event("late", key="m07", stage="delivered", after=timedelta(hours=9), requested_at=SENT + minutes[7])]), SENT)
    after = {file.file_path for file in newest_files(lake.table("messages"))}
    assert (len(before), len(before & after), len(after)) == (5, 4, 5)
    assert [row["event_count"] for row in stored(lake, "messages")] == [2 if number == 7 else 1 for number in range(20)]


def test_a_large_day_is_made_anew_in_parts_whose_files_stay_stretches_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.fold.FILE_ROWS", 4)
    monkeypatch.setattr("lake.compact.FILE_ROWS", 4)
    monkeypatch.setattr("lake.fold.PART_ROWS", 8)
    together: list[int] = []

    def counted(messages: pa.Table, rows: int) -> Any:
        together.append(messages.num_rows)
        return divide(messages, rows)

    monkeypatch.setattr("lake.fold.divide", counted)
    lake = new_lake(tmp_path / "lake")
    minutes = [timedelta(minutes=number) for number in range(64)]
    sent = [event(f"e{number:02}", key=f"m{number:02}", after=after, requested_at=SENT + after) for number, after in enumerate(minutes)]
    again = [{**row, "event_id": f"late {row['event_id']}", "stage": "delivered"} for row in sent]
    for piece in (sent[::2], sent[1::2], again[::5]):  # each among the messages of the whole day
        together.clear()
        commit(lake, batch(piece), SENT)
    assert stored(lake, "messages") == folded([*sent, *again[::5]])
    assert len(together) > 4
    assert max(together) < 32
    times = [read_files(lake, MESSAGES, [file])["message_time"].to_pylist() for file in newest_files(lake.table("messages"))]
    assert max(max(found) - min(found) for found in times) < timedelta(minutes=20)


def test_a_day_that_is_made_when_its_receipts_are_in_is_one_file_until_a_late_event_divides_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.fold.FILE_ROWS", 2)
    files = []
    for waited in (4, 5):
        lake = new_lake(tmp_path / f"lake after {waited} days")
        now = SENT + timedelta(days=waited)
        commit(lake, batch([event(f"e{number}", key=f"m{number}") for number in range(4)]), now)
        files.append(len(newest_files(lake.table("messages"))))
    assert files == [2, 1]
    commit(lake, batch([event("late", key="m1", stage="delivered", after=timedelta(days=5))]), now)
    assert len(newest_files(lake.table("messages"))) == 2


def test_an_event_without_a_send_time_finds_its_message_near_and_far(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a", key="m"), event("b", key="n"), event("c", key="o")]), NOW)
    told = {"stage": "feedback", "requested_at": None, "feedback_status": "received"}
    near = event("d", key="m", after=timedelta(hours=1), **told)
    far = event("e", key="n", after=timedelta(days=34), **told)
    farther = event("f", key="o", after=timedelta(days=36), **told)
    for told_event in (near, far, farther):
        commit(lake, batch([told_event]), NOW)
    assert [(row["message_key"], row["event_count"]) for row in stored(lake, "messages")] == [("m", 2), ("n", 2), ("o", 1), ("o", 1)]


def test_many_messages_are_folded_in_stretches_to_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.fold.KEYS_AT_ONCE", 3)
    lake = new_lake(tmp_path / "lake")
    starts = [SENT + timedelta(hours=5 * number) for number in range(20)]
    sent = [event(f"e{n:02}", key=f"m{n:02}", after=start - SENT, requested_at=start) for n, start in enumerate(starts)]
    late = [
        event(f"f{n:02}", key=f"m{n:02}", stage="feedback", after=timedelta(days=9 + n), requested_at=None, feedback_status="received")
        for n in range(0, 20, 2)
    ]
    commit(lake, batch([*sent[:15], *late[:3]]), NOW)
    commit(lake, batch([*sent[10:], *late]), NOW)
    assert stored(lake, "messages") == folded([*sent, *late])


def test_what_comes_too_far_from_its_message_stands_beside_it_with_its_own_events_only(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a")]), NOW)
    feedback = event("b", stage="feedback", after=timedelta(days=60), requested_at=None, feedback_status="received")
    straggler = event("c", key="other", stage="delivered", after=timedelta(hours=1), requested_at=SENT - timedelta(days=10))
    commit(lake, batch([feedback, straggler]), NOW)  # which brings the fold to the day of the message
    assert [(row["message_key"], row["event_count"]) for row in stored(lake, "messages")] == [("m", 1), ("m", 1), ("other", 1)]
    assert join_messages(lake, NOW) == 1
    assert [(row["message_key"], row["event_count"]) for row in stored(lake, "messages")] == [("m", 2), ("other", 1)]
