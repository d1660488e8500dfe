"""The overview page on real lakes: full, filtered, empty, missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import answers, cli
from tests.canonical_rows import lake_of

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
EVENTS = [
    *(
        {
            "message_id": f"s{n}",
            "stage": "delivered",
            "event_time": START + timedelta(days=n),
            "recipient_country": "BR",
            "message_price_usd": "0.02",
        }
        for n in range(10)
    ),
    {"message_id": "s10", "stage": "failed", "is_final": True, "event_time": START + timedelta(days=9), "recipient_country": "SG"},
    {
        "message_id": "e1",
        "stage": "delivered",
        "event_time": START + timedelta(days=9),
        "channel": "email",
        "recipient_id": "em_a_x",
        "source": "ses",
    },
]


def page(lake: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ENGAGEDB_LAKE", lake)
    answers.open_answers.clear()
    return AppTest.from_file(str(cli.PAGES), default_timeout=60).run()


def tiles(shown: AppTest) -> dict[str, str]:
    return {tile.label: tile.value for tile in shown.metric}


@pytest.fixture(scope="module")
def full_lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    return lake_of(tmp_path_factory.mktemp("overview") / "lake", EVENTS).lake


def test_the_page_counts_messages_and_names_its_days(full_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(full_lake, monkeypatch)
    assert not shown.exception
    assert shown.title[0].value == "12 messages sent, 5 to 14 January 2026"
    assert tiles(shown) | {"Exposure": ""} == {
        "Messages": "12",
        "Delivery rate": "91.7 %",
        "Pending": "0",
        "Feedback completion": "–",
        "Recommended to block": "0",
        "Exposure": "",
    }
    freshness, countries = (frame.value for frame in shown.dataframe)
    assert list(freshness["Source"]) == ["ses", "sms"]
    assert list(countries["country_name"]) == ["Brazil", "Singapore"]
    assert any("Too small to draw: Singapore. 1 messages state no country." in caption.value for caption in shown.caption)


def test_days_and_channels_filter_every_number(full_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(full_lake, monkeypatch)
    shown.button_group(key="period").set_value("Last 7 days").run()
    assert shown.title[0].value == "9 messages sent, 8 to 14 January 2026"
    shown.button_group(key="channels").set_value(["email"]).run()
    assert not shown.exception
    assert tiles(shown)["Messages"] == "1"
    assert any("None of these messages states a country" in note.value for note in shown.info)


def test_an_empty_lake_is_one_friendly_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(lake_of(tmp_path / "lake", []).lake, monkeypatch)
    assert not shown.exception
    assert "holds no sent messages yet" in shown.info[0].value
    assert not shown.metric


def test_a_missing_lake_is_one_friendly_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(str(tmp_path / "nowhere"), monkeypatch)
    assert not shown.exception
    assert "There is no lake at" in shown.info[0].value
    assert not shown.metric


def test_pages_hold_no_sql() -> None:
    for place in (cli.PAGES.parent / "pages").glob("*.py"):
        assert "SELECT " not in place.read_text(encoding="utf-8").upper()
