from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engagedb.errors import Rejected
from transforms.canonical import EVENTS, NOTICES
from transforms.fill import compile_fill, source_of
from transforms.identify import Identifiers
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
COLUMNS = ("message_id", "recipient_id", "event_time", "channel", "provider_status", "parts", "message_price_usd", "tags")
VALUES: tuple[Any, ...] = ("m-1", "+4915107136475", NOON, "sms", "DELIVERED", 2, Decimal("0.01"), {"campaign": "spring"})


class Filled:
    """What the function of these columns makes of values."""

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        self.told: tuple[Any, ...] = ()
        self.misfits: dict[str, Any] = {}
        self.row: dict[str, Any] = {}
        self.columns = columns
        self._fill = compile_fill(
            EVENTS, columns, Scrubber(Pseudonymiser(derive_first(bytes(range(32))))), self._add_people, ("customerId",)
        )

    def _add_people(self, row: dict[str, Any], *told: Any) -> None:
        self.told = told

    def fill(self, values: tuple[Any, ...], identifiers: Identifiers | None = None) -> bool:
        self.row, self.misfits = {}, {}
        return self._fill(self.row, values, self.misfits, [], identifiers or Identifiers(), "111122223333", None, True)

    def put(self, column: str, value: Any) -> dict[str, Any]:
        """The row when that column has that value."""
        values = list(VALUES)
        values[self.columns.index(column)] = value
        self.fill(tuple(values))
        return self.row


@pytest.fixture
def filled() -> Filled:
    return Filled()


def test_the_source_names_each_column_and_writes_it_once() -> None:
    source = source_of(NOTICES, ("notice_type", "notice_time"))
    assert source.startswith("def fill(row, values, misfits, leaves, identifiers, account_id, region, has_message):")
    assert "notice_type, notice_time, = values" in source
    assert source.count("row['notice_time'] = notice_time") == 1
    assert "add_people" not in source


def test_values_that_fit_stand_in_the_row_and_persons_do_not(filled: Filled) -> None:
    assert filled.fill(VALUES) is False
    assert filled.row == {
        "message_id": "m-1",
        "event_time": NOON,
        "channel": "sms",
        "provider_status": "DELIVERED",
        "parts": 2,
        "message_price_usd": Decimal("0.01"),
        "tags": {"campaign": "spring"},
        "account_id": "111122223333",
    }
    assert filled.told == (True, "+4915107136475", None, "m-1", "sms", None, None, None, {"campaign": "spring"})


def test_a_value_of_another_type_is_set_aside(filled: Filled) -> None:
    assert "parts" not in filled.put("parts", ["many"])
    assert filled.misfits == {"misfit.parts": ["many"]}
    assert "parts" not in filled.put("parts", 2**63)
    assert filled.put("provider_status", 7)["provider_status"] == "7"
    assert filled.misfits == {}


@pytest.mark.parametrize(("column", "value"), [("channel", "pigeon"), ("message_price_usd", Decimal(10**10)), ("channel", ["sms"])])
def test_a_word_or_an_amount_that_cannot_be_is_refused(filled: Filled, column: str, value: Any) -> None:
    with pytest.raises(Rejected, match=f"column {column}"):
        filled.put(column, value)


def test_what_the_record_states_wins_over_its_envelopes() -> None:
    filled = Filled(("event_time", "account_id"))
    filled.fill((NOON, "444455556666"))
    assert filled.row["account_id"] == "444455556666"
    filled.fill((NOON, None))
    assert filled.row["account_id"] == "111122223333"


def test_the_people_of_one_event_are_not_taken_out_of_another(filled: Filled) -> None:
    corwin = Identifiers()
    corwin.add_name("Corwin Delivered")
    assert filled.fill(("m-1", None, NOON, "sms", "Corwin Delivered", 1, None, None), corwin) is True
    assert filled.row["provider_status"] == "[PERSON]"
    filled.fill(("m-1", None, NOON, "sms", "Corwin Delivered", 1, None, None))
    assert filled.row["provider_status"] == "Corwin Delivered"
    filled.fill(("m-1", None, NOON, "sms", "Corwin Delivered", 1, None, None), corwin)
    assert filled.row["provider_status"] == "[PERSON]"


def test_the_senders_own_id_of_a_person_leaves_the_tags(filled: Filled) -> None:
    assert filled.put("tags", {"customerId": "C-1", "campaign": "spring"})["tags"] == {"campaign": "spring"}
    assert filled.told[-1] == {"customerId": "C-1", "campaign": "spring"}
    assert filled.put("tags", {"customerId": "C-1"})["tags"] is None
