"""Each way in which the published AWS sample loses or damages an event, shown not to happen here.

The sample writes values into JSON text by string templates: a quote, a backslash or a newline breaks the record, a
comma after a letter beyond ASCII is taken for syntax, and a missing time becomes the partition `NaN`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

One = Callable[[Any], dict[str, Any]]
Refuse = Callable[[Any], str | None]


def send(subject: Any = "Hello", **mail: Any) -> dict[str, Any]:
    """An SES Send event of ours."""
    return {
        "eventType": "Send",
        "mail": {
            "timestamp": "2026-03-04T10:20:28.000Z",
            "source": "orders@shop.example.com",
            "messageId": "0102019b3c5d7e8f-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-000000",
            "destination": ["ana@example.com"],
            "commonHeaders": {"subject": subject},
            "tags": {"ses:configuration-set": ["orders"]},
            **mail,
        },
        "send": {},
    }


def text(**fields: Any) -> dict[str, Any]:
    """An SMS event of ours."""
    return {
        "eventType": "TEXT_DELIVERED",
        "eventTimestamp": 1772619630123,
        "isFinal": True,
        "originationPhoneNumber": "+12065550100",
        "destinationPhoneNumber": "+12065550123",
        "isoCountryCode": "US",
        "messageId": "5c1f6a8e-0d5b-4f57-9f2a-6b1f0a3c7d11",
        "messageStatus": "DELIVERED",
        "totalMessagePrice": 0.00581,
        "context": {"campaign": "spring"},
        **fields,
    }


def untouched(row: dict[str, Any]) -> bool:
    """The fields beside the hostile one are as they should be."""
    return (row["stage"], row["channel"], row["message_id"][:8], row["configuration_set"]) == ("sent", "email", "0102019b", "orders")


def test_a_subject_with_a_quote_stays_as_it_is(make_one: One) -> None:
    row = make_one(send('He said "yes" and "no"'))
    assert row["subject"] == 'He said "yes" and "no"'
    assert untouched(row)


def test_a_backslash_in_a_subject_is_no_escape(make_one: One) -> None:
    row = make_one(send("Saved to C:\\new\\table"))
    assert row["subject"] == "Saved to C:\\new\\table"
    assert untouched(row)


def test_a_comma_after_a_letter_beyond_ascii_stays(make_one: One) -> None:
    row = make_one(send("Hola, ¿qué, tal?"))
    assert row["subject"] == "Hola, ¿qué, tal?"
    assert untouched(row)


def test_newlines_and_tabs_in_a_subject_stay(make_one: One) -> None:
    row = make_one(send("first\nsecond\r\n\tthird"))
    assert row["subject"] == "first\nsecond\r\n\tthird"
    assert untouched(row)


@pytest.mark.parametrize("wrong", ["yesterday", "", "NaN", "0001-01-01T00:00:00Z", "99999-01-01T00:00:00Z", 0, -1, 10**30, True, {}, []])
def test_a_time_that_is_none_makes_a_dead_letter_and_no_partition(wrong: Any, refuse: Refuse) -> None:
    assert refuse(send(timestamp=wrong)) == "bad_timestamp"


def test_a_missing_time_makes_a_dead_letter_and_no_partition(refuse: Refuse) -> None:
    assert refuse(send(timestamp=None)) == "bad_timestamp"
    payload = send()
    del payload["mail"]["timestamp"]
    assert refuse(payload) == "bad_timestamp"


@pytest.mark.parametrize(
    "hostile",
    ['", "stage": "read', '{"stage": "read"}', "{{ stage }}", "{% raw %}", "${jndi:x}", "\\u0022", "'; DROP TABLE events; --", "\x00"],
)
def test_a_value_that_tries_to_be_syntax_alters_no_other_field(hostile: str, make_one: One) -> None:
    row = make_one(send(hostile))
    assert untouched(row)
    told = make_one(text(messageStatusDescription=hostile, context={"campaign": hostile, "note": hostile}))
    assert (told["stage"], told["provider_status"], told["recipient_country"], told["message_id"]) == (
        "delivered",
        "DELIVERED",
        "US",
        "5c1f6a8e-0d5b-4f57-9f2a-6b1f0a3c7d11",
    )
    assert told["campaign"] == hostile


@pytest.mark.parametrize(
    "field",
    [
        "isFinal",
        "originationPhoneNumber",
        "destinationPhoneNumber",
        "isoCountryCode",
        "messageId",
        "messageStatus",
        "totalMessagePrice",
        "context",
    ],
)
@pytest.mark.parametrize("is_null", [True, False])
def test_a_missing_key_and_a_null_change_nothing_else(field: str, is_null: bool, make_one: One) -> None:
    payload = text(**{field: None})
    if not is_null:
        del payload[field]
    whole, row = make_one(text()), make_one(payload)
    depends = {
        "isFinal": set(),  # the event type tells it then
        "originationPhoneNumber": {"originator", "originator_type"},
        "destinationPhoneNumber": {"recipient_id", "number_range"},
        "isoCountryCode": set(),  # the number tells it then
        "messageId": {"message_id", "message_key", "event_id"},
        "messageStatus": {"provider_status", "event_id"},
        "totalMessagePrice": {"message_price_usd"},
        "context": {"tags", "campaign"},
    }[field]
    assert {name for name in whole if row.get(name) != whole[name]} == depends


def test_a_missing_key_and_a_null_are_the_same_event(make_one: One) -> None:
    without = text()
    del without["context"]
    assert make_one(without)["event_id"] == make_one(text(context=None))["event_id"]


@pytest.mark.parametrize(
    ("field", "written", "column", "value"),
    [
        ("isFinal", "true", "is_final", True),
        ("totalMessageParts", "3", "parts", 3),
        ("totalMessageParts", {"n": 3}, "parts", None),
        ("eventTimestamp", "1772619630123", "stage", "delivered"),
        ("mcc", 310, "mcc", "310"),
        ("totalMessagePrice", "0.00581", "carrier_fee_usd", None),
        ("isoCountryCode", 7, "recipient_country", "US"),
        ("messageEncoding", 1, "encoding", None),
    ],
)
def test_a_value_of_another_type_is_read_or_left_out(field: str, written: Any, column: str, value: Any, make_one: One) -> None:
    row = make_one(text(**{field: written}))
    assert row.get(column) == value
    assert row["stage"] == "delivered"


def test_a_price_that_is_no_amount_makes_a_dead_letter(refuse: Refuse) -> None:
    assert refuse(text(totalMessagePrice="about a cent")) == "schema_violation"
