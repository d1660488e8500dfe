"""The user's rate card prices what providers do not, and never more than once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lake.fold_events import fold_events
from lake.query.relations import Relations
from lake.query.session import Session
from tests.canonical_rows import NOW, SQL, PlainFiles, events_table

SENT = {
    "message_id": "w1",
    "channel": "whatsapp",
    "stage": "delivered",
    "event_time": datetime(2026, 1, 5, 10, tzinfo=UTC),
    "billable": True,
}
HEADER = "channel,valid_from,recipient_country,pricing_category,message_price_usd,carrier_fee_usd"


def spend(folder: Path, rates: list[str], *events: dict[str, Any]) -> dict[str, Any]:
    shutil.copytree(SQL, folder / "sql")
    (folder / "sql" / "reference" / "rate_card.csv").write_text("\n".join([HEADER, *rates, ""]))
    stored = events_table(events)
    session = Session(PlainFiles(folder / "stored", {"events": stored, "messages": fold_events(stored)}), Relations(folder / "sql"), NOW)
    (row,) = session.mart("spend", by=[]).to_arrow_table().to_pylist()
    return row


def test_the_shipped_card_prices_nothing(tmp_path: Path) -> None:
    row = spend(tmp_path, [], SENT)
    assert (row["messages"], row["priced_count"], row["spend_usd"]) == (1, 0, None)


def test_the_nearest_row_wins_however_many_fit(tmp_path: Path) -> None:
    rates = [
        "whatsapp,2025-01-01,,,0.09,0.005",
        "whatsapp,2025-01-01,,marketing,0.08,0.005",
        "whatsapp,2025-01-01,BR,,0.07,0.005",
        "whatsapp,2025-01-01,BR,marketing,0.0625,0.005",
        "whatsapp,2025-01-01,BR,marketing,0.0625,0.005",
    ]
    row = spend(tmp_path, rates, SENT | {"recipient_country": "BR", "pricing_category": "marketing"})
    assert (row["messages"], row["spend_usd"]) == (1, Decimal("0.0675"))


@pytest.mark.parametrize(("day", "price"), [(4, "0.02"), (5, "0.03"), (31, "0.03")])
def test_a_rate_holds_from_its_day_until_the_next_one(day: int, price: str, tmp_path: Path) -> None:
    rates = ["whatsapp,2026-01-05,,,0.03,", "whatsapp,2026-01-01,,,0.02,"]
    row = spend(tmp_path, rates, SENT | {"event_time": datetime(2026, 1, day, tzinfo=UTC)})
    assert row["spend_usd"] == Decimal(price)


def test_a_message_before_every_rate_has_no_price(tmp_path: Path) -> None:
    assert spend(tmp_path, ["whatsapp,2026-01-06,,,0.03,"], SENT)["spend_usd"] is None


@pytest.mark.parametrize("told", [{"billable": False}, {"stage": "failed", "is_final": True}, {"stage": "sent"}])
def test_a_free_whatsapp_message_and_one_that_never_arrived_cost_their_fee_only(told: dict[str, Any], tmp_path: Path) -> None:
    row = spend(tmp_path, ["whatsapp,2026-01-01,,,0.03,0.005"], SENT | told)
    assert (row["price_usd"], row["fee_usd"], row["spend_usd"]) == (0, Decimal("0.005"), Decimal("0.005"))


def test_what_the_provider_states_is_never_replaced(tmp_path: Path) -> None:
    row = spend(tmp_path, ["sms,2026-01-01,,,0.50,0.50"], SENT | {"channel": "sms", "message_price_usd": "0.01"})
    assert (row["price_usd"], row["fee_usd"]) == (Decimal("0.01"), None)
