"""Rows without the persons that are gone: what is counted stays, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.fold_events import fold_events
from tests.lake.lifecycles import SENT, event, lifecycles, row
from transforms.canonical import EVENTS, MESSAGES, NOTICES, Table
from transforms.forget import AttentivePseudonymiser, Digests, Forgetter, Forgotten, Tombstones, forget
from transforms.pseudonyms import PersonKind, Pseudonymiser, derive_first
from transforms.subjects import INDEX, Erased

KEYRING = derive_first(b"f" * 32)
MAKER = Pseudonymiser(KEYRING)
JO, MO, CUSTOMER = MAKER.person("+12065550123"), MAKER.person("+12065550124"), MAKER.person("c-7", PersonKind.CUSTOMER)
EVER = datetime(9999, 1, 1, tzinfo=UTC)


def without(
    rows: list[dict[str, Any]], *gone: str, table: Table = EVENTS, until: datetime = EVER, messages: tuple[str, ...] = ()
) -> Forgotten:
    return forget(table, pa.Table.from_pylist(rows, schema=table.schema), dict.fromkeys(gone, until).get, messages, MAKER.opaque_id)


def full(event_id: str, recipient: str | None = JO, **values: Any) -> dict[str, Any]:
    given = {
        name: f"a {name}"
        for name in ("body", "subject", "status_reason", "conversation_id", "in_reply_to", "link", "raw_event", "number_range")
    }
    given |= {
        "recipient_domain": "example.com",
        "recipient_country": "US",
        "carrier": "A carrier",
        "campaign": "spring",
        "link_domain": "example.com",
    }
    given |= {"recipient_id": recipient, "customer_id": CUSTOMER, "tags": [("k", "v")], "attributes": [("a", "b")]}
    return event(event_id, **(given | values))


def test_a_row_about_the_person_keeps_what_is_counted_only() -> None:
    before = full("e1", message_price_usd=None)
    (after,) = without([before], JO).rows.to_pylist()
    changed = {name for name in EVENTS.names if after[name] != before[name]}
    assert changed == {name for name, treatment in INDEX["events"].items() if treatment is not Erased.STAYS}
    assert {name for name in changed if after[name] is not None} == {"message_id"}
    assert after["message_id"] == MAKER.opaque_id("m")
    assert (after["event_id"], after["message_key"], after["recipient_country"]) == ("e1", "m", "US")


def test_other_rows_stay_as_they_are() -> None:
    before = [full("e1", MO, customer_id=None), full("e2", None, customer_id=None)]
    found = without(before, JO)
    assert not found.changed
    assert found.rows.to_pylist() == pa.Table.from_pylist(before, schema=EVENTS.schema).to_pylist()


def test_a_person_is_found_by_the_senders_own_id_too() -> None:
    found = without([full("e1", MO), full("e2", MO, customer_id=None)], CUSTOMER)
    assert found.own.tolist() == [True, False]


def test_an_event_of_the_persons_message_that_names_nobody_is_about_the_person() -> None:
    rows = [
        full("e1", JO),
        full("e2", None, customer_id=None),
        full("e3", MO, customer_id=None),
        full("e4", None, key="other", customer_id=None),
    ]
    assert without(rows, JO, messages=("m",)).own.tolist() == [True, True, False, False]


def test_another_persons_row_loses_only_the_name() -> None:
    tags, attributes = [("to", f"{JO}, {MO}"), (JO, "x")], [("mail.headers[]", f"for {JO};")]
    found = without([full("e1", MO, customer_id=None, tags=tags, attributes=attributes, raw_event=f'{{"to":"{JO}"}}')], JO)
    (after,) = found.rows.to_pylist()
    assert (found.own.tolist(), found.naming.tolist()) == ([False], [True])
    assert after["tags"] == [("to", f"[ERASED], {MO}"), ("[ERASED]", "x")]
    assert after["attributes"] == [("mail.headers[]", "for [ERASED];")]
    assert after["raw_event"] == '{"to":"[ERASED]"}'
    assert (after["recipient_id"], after["body"], after["message_id"]) == (MO, "a body", "m")


def test_a_notice_loses_the_name_only() -> None:
    notice = row(NOTICES, notice_id="n", notice_time=SENT, ingested_at=SENT, notice_type="x", attributes=[("who", JO)], source="s")
    (after,) = without([notice], JO, table=NOTICES).rows.to_pylist()
    assert after["attributes"] == [("who", "[ERASED]")]


@pytest.mark.parametrize(
    ("times", "is_gone"),
    [
        ({}, True),
        ({"event_time": SENT + timedelta(days=2)}, True),  # the send was before
        ({"event_time": SENT + timedelta(days=2), "requested_at": None}, False),
        ({"event_time": SENT + timedelta(days=2), "requested_at": None, "received_at": SENT + timedelta(days=1)}, True),
        (
            {"event_time": SENT + timedelta(days=2), "requested_at": SENT + timedelta(days=2), "received_at": SENT + timedelta(days=3)},
            False,
        ),
    ],
)
def test_only_what_was_there_by_then_is_forgotten(times: dict[str, Any], is_gone: bool) -> None:
    found = without([full("e1") | times], JO, until=SENT + timedelta(days=1))
    assert found.own.tolist() == [is_gone]


def test_parts_of_a_table_are_forgotten_as_the_whole_is() -> None:
    rows = [full(f"e{n}", MO, customer_id=None, attributes=[("a", JO if n == 5 else MO), ("b", "c")]) for n in range(8)]
    table = pa.Table.from_pylist(rows, schema=EVENTS.schema)
    chunks = pa.concat_tables([table.slice(0, 3), table.slice(3, 2), table.slice(5)]).slice(2)
    found = forget(EVENTS, chunks, {JO: EVER}.get, (), MAKER.opaque_id)
    assert found.naming.tolist() == [False, False, False, True, False, False]
    assert found.rows["attributes"].to_pylist()[3] == [("a", "[ERASED]"), ("b", "c")]


@given(lifecycles(), st.sets(st.integers(0, 2)))
@settings(max_examples=60, deadline=None)
def test_erasing_then_folding_gives_what_folding_then_erasing_gives(rows: list[dict[str, Any]], erased: set[int]) -> None:
    people = {f"m{number}": MAKER.person(f"+1206555010{number}") for number in range(3)}
    told = [
        found
        | {"recipient_id": None if found["stage"] == "feedback" else people[found["message_key"]]}
        | {"body": f"text of {found['event_id']}", "status_reason": "why", "conversation_id": "c"}
        for found in rows
    ]
    events = pa.Table.from_pylist(told, schema=EVENTS.schema)
    gone = {people[f"m{number}"]: EVER for number in erased}
    known = [found["message_key"] for found in told if found["recipient_id"] in gone]
    first = forget(EVENTS, events, gone.get, known, MAKER.opaque_id).rows
    last = forget(MESSAGES, fold_events(events), gone.get, known, MAKER.opaque_id).rows
    order = [("message_key", "ascending")]
    assert fold_events(first).sort_by(order).to_pylist() == last.sort_by(order).to_pylist()
    again = forget(EVENTS, first, gone.get, known, MAKER.opaque_id).rows
    assert again.to_pylist() == first.to_pylist()


def test_a_person_is_known_under_a_key_that_came_after_the_erasure() -> None:
    forgetter = Forgetter(KEYRING)
    forgetter.tombstones = Tombstones({Digests(KEYRING).person("+12065550123", PersonKind.PHONE): EVER})
    later = derive_first(b"g" * 32).pseudonym_keys
    maker = AttentivePseudonymiser(replace(KEYRING, pseudonym_keys=later), forgetter)
    assert forgetter.gone(maker.person("12065550123")) == EVER
    assert forgetter.gone(maker.person("12065550124")) is None
    assert forgetter.gone(JO) is None, "nobody stated this pseudonym, and the person was not met under it"


def test_a_pseudonym_is_known_without_its_person() -> None:
    forgetter = Forgetter(KEYRING)
    forgetter.tombstones = Tombstones({Digests(KEYRING).pseudonym(JO): EVER})
    assert (forgetter.gone(JO), forgetter.gone(MO)) == (EVER, None)
