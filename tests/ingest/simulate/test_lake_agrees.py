"""A lake made from the simulated landing folder answers exactly as the truth file says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import SecretStr

from engagedb.settings import Settings
from ingest.run import ingest
from ingest.tally import Tally
from lake.catalog import Lake
from lake.keyring import require_keyring
from lake.query.session import Session
from tests.ingest.simulate.landing import History


def ignore(done_bytes: int, records: int) -> None:
    """No progress bar."""


@pytest.fixture(scope="module")
def ingested(history: History, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Tally]]:
    settings = Settings(lake=str(tmp_path_factory.mktemp("lake") / "lake"), pseudonym_key=SecretStr("5a" * 32))
    keyring = require_keyring(settings, settings.lake)
    lake = Lake.create(settings, keyring)
    tally = ingest(lake, keyring, [str(history.folder)], settings, clock=lambda: datetime.now(UTC), progress=lambda size: ignore)
    session = Session.open(settings, datetime.fromisoformat(history.truth["as_of"]))
    yield session, tally
    session.close()


def rows(session: Session, query: str) -> list[tuple[object, ...]]:
    return list(session.sql(query).fetchall())


def test_every_record_meets_the_fate_that_was_meant_for_it(history: History, ingested: tuple[Session, Tally]) -> None:
    _, tally = ingested
    assert {str(fate): count for fate, count in tally.fates.items() if count} == history.truth["fates"]
    assert {str(reason): count for reason, count in tally.reasons.items() if count} == history.truth["reasons"]


def test_messages_by_channel_and_direction(history: History, ingested: tuple[Session, Tally]) -> None:
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    query = "SELECT coalesce(channel, 'none') AS channel, direction, count(*) AS messages FROM messages GROUP BY ALL"
    for channel, direction, count in rows(ingested[0], query):
        counted[str(channel)][str(direction)] = int(str(count))
    assert counted == history.truth["messages"]


def test_outcomes_and_spend_of_text_messages_by_country(history: History, ingested: tuple[Session, Tally]) -> None:
    outcomes: dict[str, dict[str, int]] = defaultdict(dict)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    query = """
        SELECT recipient_country, outcome, count(*) AS messages, sum(message_price_usd) AS usd
        FROM messages WHERE channel = 'sms' AND direction = 'outbound' GROUP BY ALL
    """
    for country, outcome, count, usd in rows(ingested[0], query):
        outcomes[str(country)][str(outcome)] = int(str(count))
        spent[str(country)] += Decimal(str(usd))
    truth = history.truth["sms"]["countries"]
    assert outcomes == {country: entry["outcomes"] for country, entry in truth.items()}
    assert spent == {country: Decimal(entry.get("message_price_usd", "0")) for country, entry in truth.items()}


def test_feedback_states_and_recommendations(history: History, ingested: tuple[Session, Tally]) -> None:
    truth: Counter[str] = Counter()
    for entry in history.truth["sms"]["countries"].values():
        truth.update(entry.get("feedback", {}))
        truth["flagged"] += entry.get("recommended_to_block", 0)
    query = "SELECT feedback_state, count(*) AS messages FROM messages WHERE feedback_expected GROUP BY ALL"
    states = {str(state): count for state, count in rows(ingested[0], query)}
    assert states == {state: truth[state] for state in ("received", "failed", "silent", "pending") if truth[state]}
    assert rows(ingested[0], "SELECT count(*) AS n FROM messages WHERE protect_recommendation = 'block'") == [(truth["flagged"],)]


@pytest.mark.parametrize("channel", ["email", "whatsapp", "rcs", "mms", "voice"])
def test_outcomes_of_the_other_channels(history: History, ingested: tuple[Session, Tally], channel: str) -> None:
    query = f"SELECT outcome, count(*) AS messages FROM messages WHERE channel = '{channel}' AND direction = 'outbound' GROUP BY ALL"
    assert {str(outcome): count for outcome, count in rows(ingested[0], query)} == history.truth[channel]["outcomes"]


def test_opens_and_clicks_of_people_and_scanners(history: History, ingested: tuple[Session, Tally]) -> None:
    query = "SELECT stage, is_bot, count(*) AS events FROM events WHERE channel = 'email' AND stage IN ('opened', 'clicked') GROUP BY ALL"
    counted = {(stage, is_bot): count for stage, is_bot, count in rows(ingested[0], query)}
    opens, clicks = history.truth["email"]["opens"], history.truth["email"]["clicks"]
    assert counted == {
        ("opened", False): opens["people"], ("opened", True): opens["bots"],
        ("clicked", False): clicks["people"], ("clicked", True): clicks["bots"],
    }  # fmt: skip


def test_the_pumped_range_stands_out_by_the_labelled_number(history: History, ingested: tuple[Session, Tally]) -> None:
    (attack,) = history.truth["scenarios"]["pumping"]
    query = f"""
        SELECT count(*) AS messages FROM messages
        WHERE number_range = '{attack["number_range"]}' AND message_time >= TIMESTAMPTZ '{attack["starts_at"]}'
          AND message_time < TIMESTAMPTZ '{attack["ends_at"]}'
    """
    ((counted,),) = rows(ingested[0], query)
    assert attack["messages"] <= int(str(counted)) <= attack["messages"] + 3
