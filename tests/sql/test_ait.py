"""What makes a cell suspect, on a small country with ten ordinary days: each test changes one thing of the same attack."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lake.fold_events import fold_events
from lake.query.checks import run_checks
from lake.query.relations import Relations
from lake.query.session import Session
from tests.canonical_rows import SQL, PlainFiles, events_table

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 10
ATTACK = FIRST + timedelta(days=DAYS, hours=3)
NOW = FIRST + timedelta(days=DAYS + 2)
RANGE = "+9471000"
Rows = list[dict[str, Any]]


def message(name: str, at: datetime, number_range: str, person: str, *, received: bool = True, **told: Any) -> Rows:
    """A delivered message that expects feedback, under a protect configuration; its feedback comes a minute later."""
    row = {
        "message_id": name,
        "requested_at": at,
        "event_time": at,
        "recipient_id": person,
        "recipient_country": "LK",
        "number_range": number_range,
        "originator": "ACME",
        "stage": "delivered",
        "feedback_expected": True,
        "protect_configuration_id": "protect-1",
        "protect_mode": "monitor",
        "protect_recommendation": "allow",
        "message_price_usd": "0.1",
        "carrier_fee_usd": "0.02",
    }
    feedback = {"message_id": name, "stage": "feedback", "feedback_status": "received", "event_time": at + timedelta(minutes=1)}
    return [row | told, *([feedback] if received else [])]


def ordinary(days: Iterable[int] = range(DAYS + 1), **told: Any) -> Rows:
    """Forty messages a day to eight ranges, half of them to people who are known, nine of ten confirmed."""
    return [
        row
        for day in days
        for n in range(40)
        for row in message(
            f"o{day}-{n}",
            FIRST + timedelta(days=day, hours=8 + n // 4, minutes=n),
            f"+947{1000 + 37 * (n % 8)}",
            f"known {n}" if n % 2 else f"new {day} {n}",
            received=n % 10 != 9,
            **told,
        )
    ]


def attack(messages: int = 20, at: datetime = ATTACK, every: timedelta = timedelta(minutes=2), flagged: int = 12, **told: Any) -> Rows:
    """Codes for numbers of one range that nobody knew and nobody enters."""
    rows: Rows = []
    for n in range(messages):
        where = told.get("number_range", RANGE)
        row: dict[str, Any] = {"number_range": where, "person": f"bot {at:%d} {where} {n}", "received": False} | _flag(n < flagged)
        rows += message(f"a{at:%d}-{where}-{n}", at + n * every, **(row | told))
    return rows


def _flag(is_flagged: bool) -> dict[str, str]:
    return {"protect_recommendation": "block" if is_flagged else "allow"}


def without(rows: Rows, *, feedback: bool, protect: bool) -> Rows:
    """The rows as an application without message feedback or without Protect would have them."""
    kept = [row for row in rows if feedback or row["stage"] != "feedback"]
    hidden = ({} if feedback else {"feedback_expected": None}) | (
        {} if protect else {"protect_configuration_id": None, "protect_mode": None, "protect_recommendation": None}
    )
    return [row | (hidden if row["stage"] != "feedback" else {}) for row in kept]


def session(folder: Path, rows: Rows, now: datetime = NOW, references: Mapping[str, str] | None = None) -> Session:
    shutil.copytree(SQL, folder / "sql")
    for name, text in (references or {}).items():
        (folder / "sql" / "reference" / f"{name}.csv").write_text(text)
    stored = events_table(rows)
    return Session(PlainFiles(folder / "stored", {"events": stored, "messages": fold_events(stored)}), Relations(folder / "sql"), now)


def scores(folder: Path, rows: Rows, now: datetime = NOW, references: Mapping[str, str] | None = None, **asked: Any) -> Rows:
    found: Rows = session(folder, rows, now, references).mart("ait_scores", **asked).to_arrow_table().to_pylist()
    return found


def suspects(rows: Rows) -> Rows:
    return [row for row in rows if row["is_suspect"]]


@pytest.mark.parametrize("protect", [True, False], ids=["with Protect", "without Protect"])
@pytest.mark.parametrize("feedback", [True, False], ids=["with feedback", "without feedback"])
def test_an_attack_is_found_with_whatever_data_there_is(feedback: bool, protect: bool, tmp_path: Path) -> None:
    (row,) = suspects(scores(tmp_path, without(ordinary() + attack(), feedback=feedback, protect=protect)))
    assert (row["hour"], row["number_range"], row["messages"], row["scale"]) == (ATTACK, RANGE, 20, "hour")
    assert row["exposure_usd"] == Decimal("2.4")
    assert {"volume", "concentration", "new_recipients", "cost"} <= set(row["reasons"])
    assert ("feedback" in row["reasons"], "recommendation" in row["reasons"]) == (feedback, protect)
    assert (row["completion_ratio"] is None, row["recommended_rate"] is None) == (not feedback, not protect)
    assert row["score"] == 1


def test_ordinary_days_hold_no_suspect(tmp_path: Path) -> None:
    assert suspects(scores(tmp_path, ordinary())) == []


def test_codes_that_are_entered_and_that_protect_allows_are_a_launch_and_no_attack(tmp_path: Path) -> None:
    rows = ordinary()
    for n in range(8):
        rows += attack(15, number_range=f"+947{1000 + 37 * n}", received=True, flagged=0)
    (first, *_) = [row for row in scores(tmp_path, rows) if row["hour"] == ATTACK]
    assert first["volume_ratio"] > first["volume_ratio_threshold"]
    assert first["concentration_ratio"] < 2
    assert not first["is_suspect"]


def test_retries_of_what_failed_on_the_way_do_not_speak_against_a_range(tmp_path: Path) -> None:
    failing = {"stage": "failed", "is_final": True, "protect_recommendation": "allow"}
    rows = [
        row
        for n in range(18)
        for row in message(f"r{n}", ATTACK + timedelta(minutes=n), RANGE, f"known {n % 6 * 8 + 1}", received=False, **failing)
    ]
    (row,) = [row for row in scores(tmp_path, ordinary() + rows) if row["hour"] == ATTACK]
    assert (row["completion_rate"], row["is_suspect"]) == (None, False)


def test_a_slow_drip_is_suspect_by_the_day_and_each_of_its_hours_says_so(tmp_path: Path) -> None:
    drip = attack(24, ATTACK.replace(hour=0), timedelta(hours=1), flagged=14)
    found = suspects(scores(tmp_path, ordinary() + drip))
    assert {row["scale"] for row in found} == {"day"}
    assert len(found) == 24
    assert all(row["messages"] < 10 <= row["scale_messages"] and "slow_drip" in row["reasons"] for row in found)
    assert sum(row["exposure_usd"] for row in found) == Decimal("0.12") * sum(row["messages"] for row in found)


def test_a_burst_does_not_make_the_rest_of_its_day_suspect(tmp_path: Path) -> None:
    assert [row["hour"] for row in suspects(scores(tmp_path, ordinary() + attack(60, every=timedelta(seconds=50))))] == [ATTACK]


def test_neighbouring_ranges_are_a_reason_of_their_own(tmp_path: Path) -> None:
    rows = ordinary()
    for n in range(4):
        rows += attack(12, number_range=f"+947{2000 + n}")
    found = suspects(scores(tmp_path, rows))
    assert {(row["number_range"], row["sequential_ranges"], "sequential" in row["reasons"]) for row in found} == {
        (f"+947{2000 + n}", 4, True) for n in range(4)
    }


@pytest.mark.parametrize("feedback", [True, False], ids=["with feedback", "without feedback"])
def test_baselines_do_not_learn_from_an_attack(feedback: bool, tmp_path: Path) -> None:
    rows = ordinary(range(DAYS + 6))
    for day in range(6):
        rows += attack(20, ATTACK + timedelta(days=day))
    found = suspects(scores(tmp_path, without(rows, feedback=feedback, protect=False), NOW + timedelta(days=6)))
    assert [row["hour"] for row in found] == [ATTACK + timedelta(days=day) for day in range(6)]
    assert found[-1]["volume_ratio"] > 0.5 * found[0]["volume_ratio"]


def test_baselines_learn_from_what_is_confirmed(tmp_path: Path) -> None:
    rows = ordinary(range(DAYS + 6))
    for day in range(6):
        rows += attack(20, ATTACK + timedelta(days=day), received=True, flagged=0)
    found = [row for row in scores(tmp_path, rows, NOW + timedelta(days=6)) if row["number_range"] == RANGE and row["messages"] == 20]
    assert found[-1]["volume_ratio"] < 0.2 * found[0]["volume_ratio"]


def test_a_day_without_any_feedback_says_nothing_about_a_range(tmp_path: Path) -> None:
    rows = [row for row in ordinary() if row["stage"] != "feedback" or row["event_time"] < ATTACK.replace(hour=0)]
    found = scores(tmp_path, rows, since=ATTACK.date())
    assert {row["completion_rate"] for row in found} == {None}


@pytest.mark.parametrize("cells", ["LK,,,", f",{RANGE},,", ",,protect-1,", ",,,ACME", f"LK,{RANGE},protect-1,ACME"])
def test_the_allow_list_takes_what_all_its_filled_cells_fit(cells: str, tmp_path: Path) -> None:
    listed = {"ait_allow_list": f"recipient_country,number_range,protect_configuration_id,originator\n{cells}\n"}
    assert suspects(scores(tmp_path, ordinary() + attack(), references=listed)) == []


@pytest.mark.parametrize("cells", ["DE,,,", f"DE,{RANGE},,", ",,,", ",,protect-2,"])
def test_the_allow_list_takes_nothing_else(cells: str, tmp_path: Path) -> None:
    listed = {"ait_allow_list": f"recipient_country,number_range,protect_configuration_id,originator\n{cells}\n"}
    assert len(suspects(scores(tmp_path, ordinary() + attack(), references=listed))) == 1


def thresholds(**changed: str) -> dict[str, str]:
    """The shipped table and a row for one country."""
    shipped = (SQL / "reference" / "ait_thresholds.csv").read_text()
    names = shipped.splitlines()[0].split(",")
    return {"ait_thresholds": shipped + ",".join(changed.get(name, "") for name in names) + "\n"}


def test_a_country_has_thresholds_of_its_own_and_the_general_ones_where_it_states_none(tmp_path: Path) -> None:
    mine = thresholds(recipient_country="LK", least_messages="21")
    (row,) = [row for row in scores(tmp_path, ordinary() + attack(), references=mine) if row["hour"] == ATTACK]
    assert (row["least_messages_threshold"], row["volume_ratio_threshold"], row["is_suspect"]) == (21, 10, False)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"recipient_country": "LK", "volume_ratio": "often"}, "holds numbers"),
        ({"recipient_country": "LK", "volume_ratio": "1"}, "holds numbers"),
        ({"recipient_country": "LK", "completion_ratio": "1"}, "holds numbers"),
        ({"recipient_country": "LK", "suspect_score": "1.5"}, "holds numbers"),
        ({"recipient_country": "LK", "least_messages": "-3"}, "holds numbers"),
        ({"recipient_country": "XX"}, "names countries"),
        ({"recipient_country": "", "volume_ratio": "3"}, "names a country once"),
    ],
)
def test_a_bad_threshold_fails_a_check_and_changes_no_other_answer(changed: dict[str, str], rule: str, tmp_path: Path) -> None:
    opened = session(tmp_path, ordinary() + attack(), references=thresholds(**changed))
    broken = [result.check.rule for result in run_checks(opened, opened.relations["ait_scores_v1"]) if not result.is_passed]
    assert any(rule in one for one in broken)
    rows = opened.mart("ait_scores").to_arrow_table().to_pylist()
    assert len(rows) == len({(row["hour"], row["number_range"]) for row in rows})


def test_a_window_and_a_country_give_the_same_rows_as_all_history(tmp_path: Path) -> None:
    other = [row | {"recipient_country": "DE"} if "recipient_country" in row else row for row in ordinary(range(DAYS + 25))]
    other = [row | {"message_id": f"de {row['message_id']}"} for row in other]
    rows = ordinary(range(DAYS + 25)) + attack() + attack(at=ATTACK + timedelta(days=20)) + other
    opened = session(tmp_path, rows, NOW + timedelta(days=30))
    first, last = (ATTACK + timedelta(days=19)).date(), (ATTACK + timedelta(days=21)).date()
    for name in ("ait_scores", "ait_signals"):
        everything = opened.mart(name).to_arrow_table().to_pylist()
        wanted = [row for row in everything if row["recipient_country"] == "LK" and first <= row["hour"].date() <= last]
        assert opened.mart(name, since=first, until=last, country="LK").to_arrow_table().to_pylist() == wanted
        assert len(wanted) > 20


def test_what_comes_later_changes_no_earlier_hour(tmp_path: Path) -> None:
    until = ATTACK.date() - timedelta(days=1)
    before = scores(tmp_path / "before", ordinary(range(DAYS)), until=until)
    after = scores(tmp_path / "after", ordinary() + attack(), until=until)
    assert before == after


def test_rates_never_exceed_one(tmp_path: Path) -> None:
    opened = session(tmp_path, ordinary() + attack() + attack(20, date_of(ATTACK)))
    for name in ("ait_scores_v1", "ait_signals_v1"):
        assert [result.check.rule for result in run_checks(opened, opened.relations[name]) if not result.is_passed] == []


def date_of(moment: datetime) -> datetime:
    day: date = moment.date()
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
