from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engagedb.errors import Rejected
from transforms.canonical import EVENTS, NOTICES
from transforms.fill import compile_fill, source_of
from transforms.identify import Identifiers
from transforms.people import People
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
COLUMNS = ("message_id", "recipient_id", "event_time", "channel", "provider_status", "parts", "message_price_usd", "tags")
VALUES: tuple[Any, ...] = ("m-1", "+4915107136475", NOON, "sms", "DELIVERED", 2, Decimal("0.01"), {"campaign": "spring"})


class Filled:
    """What the function of these columns makes of values."""

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        self.told: tuple[Any, ...] = ()
        self.columns = columns
        pseudonymiser = Pseudonymiser(derive_first(bytes(range(32))))
        people = People(pseudonymiser, ("customerId",), feedback_expected=False)
        self._fill = compile_fill("words", "1", EVENTS, columns, Scrubber(pseudonymiser), people)

    def fill(self, values: tuple[Any, ...], identifiers: Identifiers | None = None) -> dict[str, Any]:
        """The row, without what is null."""
        cells = self._fill(values, [], identifiers or Identifiers(), True, "e-1", None, NOON, "landing/a", 7, "111122223333", None, None)
        return {name: cell for name, cell in zip(EVENTS.names, cells, strict=True) if cell is not None}

    def put(self, column: str, value: Any) -> dict[str, Any]:
        """The row when that column has that value."""
        values = list(VALUES)
        values[self.columns.index(column)] = value
        return self.fill(tuple(values))


@pytest.fixture
def filled() -> Filled:
    return Filled()


def test_the_source_takes_each_column_and_returns_a_row_in_the_order_of_the_table() -> None:
    source = source_of(NOTICES, ("notice_type", "notice_time"))
    assert "notice_type, notice_time, = values" in source
    assert (
        source.splitlines()[-1]
        .strip()
        .startswith("return notice_id, notice_time, received_at, ingested_at, account_id, region, None, notice_type")
    )
    assert "people(" not in source


def test_a_dropped_column_is_null_in_the_source() -> None:
    assert ", subject, " in source_of(EVENTS, ("subject", "event_time")).splitlines()[-1]
    assert ", subject, " not in source_of(EVENTS, ("subject", "event_time"), frozenset({"subject"})).splitlines()[-1]


def test_values_that_fit_stand_in_the_row_and_persons_as_pseudonyms(filled: Filled) -> None:
    row = filled.fill(VALUES)
    assert row.pop("recipient_id").startswith("ph_")
    assert len(row.pop("message_key")) == 32
    assert row == {
        "event_id": "e-1",
        "message_id": "m-1",
        "event_time": NOON,
        "ingested_at": NOON,
        "account_id": "111122223333",
        "originator_type": "unknown",
        "recipient_country": "DE",
        "number_range": "+491510713",
        "channel": "sms",
        "direction": "outbound",
        "provider_status": "DELIVERED",
        "parts": 2,
        "message_price_usd": Decimal("0.01"),
        "tags": {"campaign": "spring"},
        "source": "words",
        "template_version": "1",
        "source_object": "landing/a",
        "source_offset": 7,
    }


def test_a_value_of_another_type_is_set_aside(filled: Filled) -> None:
    row = filled.put("parts", ["many"])
    assert "parts" not in row
    assert row["attributes"] == {"misfit.parts": "many"}
    assert "parts" not in filled.put("parts", 2**63)
    row = filled.put("provider_status", 7)
    assert row["provider_status"] == "7"
    assert "attributes" not in row


@pytest.mark.parametrize(("column", "value"), [("channel", "pigeon"), ("message_price_usd", Decimal(10**10)), ("channel", ["sms"])])
def test_a_word_or_an_amount_that_cannot_be_is_refused(filled: Filled, column: str, value: Any) -> None:
    with pytest.raises(Rejected, match=f"column {column}"):
        filled.put(column, value)


def test_what_the_record_states_wins_over_its_envelopes() -> None:
    filled = Filled(("event_time", "account_id"))
    assert filled.fill((NOON, "444455556666"))["account_id"] == "444455556666"
    assert filled.fill((NOON, None))["account_id"] == "111122223333"


def test_what_the_template_states_wins_over_what_is_known() -> None:
    filled = Filled(("event_time", "recipient_id", "recipient_country", "direction"))
    told = filled.fill((NOON, "+4915107136475", "AT", "inbound"))
    assert (told["recipient_country"], told["direction"]) == ("AT", "inbound")
    known = filled.fill((NOON, "+4915107136475", None, None))
    assert (known["recipient_country"], known["direction"]) == ("DE", "outbound")


def test_the_people_of_one_event_are_not_taken_out_of_another(filled: Filled) -> None:
    corwin = Identifiers()
    corwin.add_name("Corwin Delivered")
    values = ("m-1", None, NOON, "sms", "Corwin Delivered", 1, None, None)
    assert filled.fill(values, corwin)["provider_status"] == "[PERSON]"
    assert filled.fill(values)["provider_status"] == "Corwin Delivered"
    assert filled.fill(values, corwin)["provider_status"] == "[PERSON]"


def test_a_link_that_names_somebody_leaves_the_other_columns_alone() -> None:
    filled = Filled(("event_time", "provider_status", "link"))
    corwin = Identifiers()
    corwin.add_name("Corwin Delivered")
    link = "https://shop.example/for/corwin-delivered?utm_campaign=spring"
    for status, told in (("Clicked", "Clicked"), ("Corwin Delivered", "[PERSON]")):
        row = filled.fill((NOON, status, link), corwin)
        assert (row["provider_status"], row["link_domain"]) == (told, "shop.example")
        assert row["link"] == "https://shop.example/for/[PERSON]?utm_campaign=spring"
    assert filled.fill((NOON, "Clicked", link))["link"] == filled.fill((NOON, "Clicked", link), Identifiers())["link"]


def test_the_senders_own_id_of_a_person_leaves_the_tags(filled: Filled) -> None:
    row = filled.put("tags", {"customerId": "C-1", "campaign": "spring"})
    assert row["tags"] == {"campaign": "spring"}
    assert row["customer_id"].startswith("cu_")
    assert "tags" not in filled.put("tags", {"customerId": "C-1"})
