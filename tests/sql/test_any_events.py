"""Whatever events come, in whatever order and however often: no check fails, and the answers are the same."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lake.query.checks import Severity, run_checks
from lake.query.relations import Kind
from lake.query.session import Session
from tests.canonical_rows import session_of
from transforms.vocabulary import Channel, Stage

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
EVENT_TYPES = ["TEXT_CARRIER_BLOCKED", "TEXT_PROTECT_BLOCKED", "TEXT_DELIVERED", "Bounce", "Reject", None]
STATUSES = ["Permanent/General", "Transient/General", "CARRIER_BLOCKED", None]


def any_events(seed: int) -> list[dict[str, Any]]:
    """Events of about sixty messages without any sense: every stage may follow every other, and values contradict each other."""
    dice = random.Random(seed)
    events = []
    for number in range(500):
        message = dice.randrange(60)
        inbound = message % 7 == 0
        requested = BEGIN + timedelta(minutes=97 * message)
        events.append(
            {
                "event_id": f"e{number}",
                "message_id": f"m{message // 2 if message % 5 == 0 else message}",
                "message_key": f"k{message}",
                "channel": list(Channel)[message % len(Channel)],
                "direction": "inbound" if inbound else "outbound",
                "stage": Stage.RECEIVED if inbound else dice.choice([stage for stage in Stage if stage != Stage.RECEIVED]),
                "event_type": dice.choice(EVENT_TYPES),
                "provider_status": dice.choice(STATUSES),
                "is_final": dice.choice([True, False, None]),
                "is_bot": dice.choice([True, False, None]),
                "requested_at": dice.choice([requested, None]),
                "event_time": requested + timedelta(seconds=dice.choice([-5, 0, 1, 3599, 3600, 3601, 90_000, 400_000])),
                "originator": dice.choice(["ACME", "+12065550100"]),
                "originator_type": dice.choice(["sender_id", "long_code", None]),
                "recipient_id": dice.choice([f"ph_a_{message % 9}", f"ph_a_{message % 9}", None]),
                "customer_id": dice.choice(["cu_a_1", "cu_a_2", None, None]),
                "recipient_country": dice.choice(["US", "DE", "BR", None]),
                "number_range": dice.choice(["+120655501", "+120655502", "+49151001", None]),
                "carrier": dice.choice(["Blue", "Red", None]),
                "use_case": dice.choice(["otp", "news", None]),
                "tags": dice.choice([{"category": "returns"}, {}, None]),
                "attributes": dice.choice([{"source": "bot"}, {"source": "agent"}, {}, None]),
                "feedback_status": dice.choice(["received", "failed", None, None]),
                "feedback_expected": dice.choice([True, None]),
                "protect_configuration_id": dice.choice(["protect-1", None]),
                "protect_recommendation": dice.choice(["allow", "block", None]),
                "message_price_usd": dice.choice(["0.05", "0", None]),
                "carrier_fee_usd": dice.choice(["0.003", None]),
                "pricing_category": dice.choice(["marketing", "utility", None]),
                "billable": dice.choice([True, False, None]),
            }
        )
    return events


def answers(session: Session) -> dict[str, list[dict[str, Any]]]:
    named = [*(r.name for r in session.relations.values() if r.kind is Kind.MART), "recipients"]
    return {name: sorted(session.mart(name).to_arrow_table().to_pylist(), key=str) for name in named}


@pytest.mark.parametrize("seed", range(4))
def test_no_check_fails(seed: int, tmp_path: Path) -> None:
    session = session_of(tmp_path, any_events(seed), BEGIN + timedelta(days=9))
    results = [result for relation in session.relations.values() for result in run_checks(session, relation)]
    assert [(r.check.relation, r.check.rule) for r in results if r.check.severity is Severity.FAIL and not r.is_passed] == []


def test_order_and_repetition_change_no_answer(tmp_path: Path) -> None:
    events = any_events(99)
    now = BEGIN + timedelta(days=9)
    expected = answers(session_of(tmp_path / "once", events, now))
    shuffled = random.Random(5).sample(events, len(events))
    assert answers(session_of(tmp_path / "shuffled", shuffled, now)) == expected
    assert sum(len(rows) for rows in expected.values()) > 50
