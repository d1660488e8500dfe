"""One message's life, found by the id in clear or by its pseudonym."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from lake.query.trace import elapsed, print_trace, trace
from tests.canonical_rows import session_of
from transforms.pseudonyms import Pseudonymiser, derive_first

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
PSEUDONYMISER = Pseudonymiser(derive_first(b"k" * 32))
WAMID = "wamid.HBgLMTU1NTAxMDAwMDEVAgARGBI="


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


EVENTS = [
    {
        "message_id": "sms-1",
        "stage": "delivered",
        "event_time": at(4.5),
        "event_type": "TEXT_DELIVERED",
        "provider_status": "DELIVERED",
        "message_price_usd": "0.00581",
        "carrier": "Example Mobile",
    },
    {"message_id": "sms-1", "stage": "sent", "event_time": at(0), "requested_at": at(0), "event_type": "TEXT_SENT"},
    {
        "message_id": "sms-1",
        "stage": "feedback",
        "event_time": at(65),
        "channel": None,
        "feedback_status": "received",
        "event_type": "PutMessageFeedback",
    },
    {"message_id": "sms-2", "stage": "sent", "event_time": at(1)},
    {"message_id": PSEUDONYMISER.opaque_id(WAMID), "stage": "read", "event_time": at(2), "channel": "whatsapp"},
    {"message_id": "mail-1", "stage": "delivered", "event_time": at(3), "channel": "email", "recipient_id": "em_a_x"},
    {
        "message_id": "mail-1",
        "stage": "failed",
        "event_time": at(2),
        "channel": "email",
        "recipient_id": "em_a_y",
        "provider_status": "Permanent/NoEmail",
    },
    {"message_id": "mail-1", "stage": "opened", "event_time": at(9), "channel": "email", "message_key": None},
]


def printed(found: object) -> str:
    out = io.StringIO()
    print_trace(found, Console(file=out, width=200))  # type: ignore[arg-type]
    return out.getvalue()


def test_events_come_in_the_order_of_their_own_time(tmp_path: Path) -> None:
    found = trace(session_of(tmp_path, EVENTS), "sms-1", None)
    assert found is not None
    assert [(step["stage"], step["elapsed_s"]) for step in found.steps] == [("sent", 0), ("delivered", 4.5), ("feedback", 65)]
    assert [message["outcome"] for message in found.messages] == ["delivered"]


def test_time_runs_from_the_send_request_where_it_is_stated(tmp_path: Path) -> None:
    late = {"message_id": "m", "stage": "delivered", "event_time": at(9), "requested_at": at(0)}
    found = trace(session_of(tmp_path, [late]), "m", None)
    assert found is not None
    assert [step["elapsed_s"] for step in found.steps] == [9]


def test_the_timeline_shows_words_price_and_feedback(tmp_path: Path) -> None:
    text = printed(trace(session_of(tmp_path, EVENTS), "sms-1", None))
    for part in (
        "Message sms-1",
        "outcome delivered",
        "feedback state received",
        "+4.5 s",
        "+1 min 5 s",
        "TEXT_DELIVERED DELIVERED",
        "0.00581 USD",
        "carrier Example Mobile",
        "feedback status received",
    ):
        assert part in text, part


def test_an_id_that_embeds_a_number_is_found_by_its_clear_form_with_the_key(tmp_path: Path) -> None:
    session = session_of(tmp_path, EVENTS)
    assert trace(session, WAMID, None) is None
    found = trace(session, WAMID, PSEUDONYMISER)
    assert found is not None
    assert found.message_id.startswith("mid_")
    assert WAMID not in printed(found)
    assert trace(session, found.message_id, None) == found


def test_an_email_shows_each_recipient_and_events_that_name_none(tmp_path: Path) -> None:
    found = trace(session_of(tmp_path, EVENTS), "mail-1", None)
    assert found is not None
    assert sorted(message["outcome"] for message in found.messages) == ["delivered", "failed"]
    assert [step["stage"] for step in found.steps] == ["failed", "delivered", "opened"]
    assert "recipient em_a_y" in printed(found)


def test_an_unknown_id_gives_nothing_and_a_quote_in_it_breaks_nothing(tmp_path: Path) -> None:
    session = session_of(tmp_path, EVENTS)
    assert trace(session, "sms-3", PSEUDONYMISER) is None
    assert trace(session, "' OR '1'='1", PSEUDONYMISER) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "+0 s"), (3.25, "+3.25 s"), (59.99, "+60 s"), (60, "+1 min"), (310, "+5 min 10 s"), (7500, "+2 h 5 min"), (90000, "+1 d 1 h")],
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text
