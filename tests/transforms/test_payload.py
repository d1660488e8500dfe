"""A payload believed to name nobody becomes what it becomes string by string."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.mutations import MAIL, MUTATIONS, Mutation, mutated
from transforms.identify import Identifiers, collect
from transforms.leaves import Leaves, Paths
from transforms.payload import OFTEN
from transforms.policy import shipped_policy
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.redact_shape import source_of
from transforms.scrub import Scrubber
from transforms.shape import Member, Shape

SCRUBBER = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
ROOT = shipped_policy().root

_KEYS = st.sampled_from(["name", "Name", "key", "value", "Value", "to", "email", "id", "status", "link", "ipAddress", "mail", "9001 ana"])
_STRINGS = st.sampled_from(
    [
        "", "To", "From", "Subject", "ana", "Ana Lima <ana.lima@example.com>", "ana.lima@example.com", "for ana.lima now", "DELIVERED",
        "+4915107136475", "0151 0713 6475", "2026-01-05T00:04:08.687Z", "https://shop.example/?to=ana.lima", "203.0.113.25", "call me",
        '{"to": "ana.lima@example.com"}', "x" * 600,
    ]
)  # fmt: skip
_LEAVES = _STRINGS | st.none() | st.booleans() | st.integers(0, 10**13) | st.just(4915107136475) | st.floats(-200, 200)
_PAYLOADS = st.dictionaries(
    _KEYS, st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12)
)


def one_by_one(payload: dict[str, Any]) -> bytes:
    """The payload as it is written when each of its strings is redacted for itself."""
    return orjson.dumps(SCRUBBER.value(payload, ROOT, collect(payload), 0))


def walked(scrubber: Scrubber, leaves: Leaves, payload: dict[str, Any]) -> tuple[list[Any], Identifiers, bytes]:
    """The leaves of a payload, its people, and the payload redacted, as one walk gives all of them."""
    people = scrubber.collector()
    found, clean = scrubber.leaves_and_payload(leaves, payload, (), people, people.found)
    people.found.decided.clear()
    return [(place.keys, value) for place, value in found], people.found, orjson.dumps(clean)


def by_another_walk(scrubber: Scrubber, leaves: Leaves, payload: dict[str, Any]) -> list[Any]:
    return [(place.keys, value) for place, value in leaves.of(payload, (), scrubber.collector())]


@settings(deadline=None, max_examples=300)
@given(_PAYLOADS)
def test_a_payload_becomes_what_its_strings_become_one_by_one_however_often_it_comes(payload: dict[str, Any]) -> None:
    for _ in range(OFTEN + 2):
        assert orjson.dumps(SCRUBBER.payload(payload, collect(payload))) == one_by_one(payload)


@settings(deadline=None, max_examples=300)
@given(st.lists(_PAYLOADS, max_size=6), st.sampled_from([frozenset(), frozenset({("to",), ("mail", "**"), ("name", "*")})]))
def test_a_walk_that_redacts_finds_what_others_find_and_gives_what_strings_become_one_by_one(
    payloads: list[dict[str, Any]], reads: Paths
) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    leaves, other = scrubber.leaves(reads, is_whole=True), scrubber.leaves(reads)
    for payload in payloads * 3:
        assert walked(scrubber, leaves, payload) == (by_another_walk(scrubber, other, payload), collect(payload), one_by_one(payload))


@settings(deadline=None)
@given(st.lists(MUTATIONS, min_size=1, max_size=4))
def test_what_a_walk_that_redacts_finds_otherwise_than_it_was_is_redacted_too(mutations: list[list[Mutation]]) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    leaves, other = scrubber.leaves(frozenset(), is_whole=True), scrubber.leaves(frozenset())
    for payload in [MAIL] + [mutated(MAIL, some) for some in mutations] * (OFTEN + 1) + [MAIL]:
        assert walked(scrubber, leaves, payload) == (by_another_walk(scrubber, other, payload), collect(payload), one_by_one(payload))


@settings(deadline=None)
@given(st.lists(_PAYLOADS, max_size=12))
def test_payloads_that_came_before_change_nothing(payloads: list[dict[str, Any]]) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    for payload in payloads * OFTEN:
        assert orjson.dumps(scrubber.payload(payload, collect(payload))) == one_by_one(payload)


@settings(deadline=None)
@given(st.lists(MUTATIONS, min_size=1, max_size=4))
def test_what_is_nested_may_be_otherwise_than_it_was(mutations: list[list[Mutation]]) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    for payload in [MAIL] * OFTEN + [mutated(MAIL, some) for some in mutations] * 2 + [MAIL]:
        assert orjson.dumps(scrubber.payload(payload, collect(payload))) == one_by_one(payload)


@pytest.mark.parametrize(
    "other",
    [
        {"mail": {**MAIL["mail"], "size": "+4915107136475"}},
        {"mail": {**MAIL["mail"], "headers": [*MAIL["mail"]["headers"], {"name": "Cc", "value": "bob@example.com"}]}},
        {"mail": {**MAIL["mail"], "headers": [*reversed(MAIL["mail"]["headers"])]}},
        {"mail": {**MAIL["mail"], "headers": ["bob@example.com", {"name": "To", "value": "Bob Stone <bob@example.com>"}]}},
        {"mail": {**MAIL["mail"], "tags": {"plan": ["bob@example.com"], "tier": ["gold"]}}},
        {"mail": {**MAIL["mail"], "tags": {"+4915107136475": ["basic"], "tier": ["gold"]}}},
        {"mail": dict(reversed(MAIL["mail"].items()))},
        {"mail": {}},
        {"statuses": [{"status": "bob@example.com", "pricing": {"category": "+4915107136475"}}]},
        {"statuses": [{"status": "sent", "pricing": {"bob@example.com": "utility"}}]},
        {"statuses": []},
    ],
)
def test_whoever_stands_where_nobody_was_expected_is_redacted(other: dict[str, Any]) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    for _ in range(OFTEN + 1):
        scrubber.payload(MAIL, collect(MAIL))
    payload = MAIL | other
    leaves = scrubber.leaves(frozenset(), is_whole=True)
    walked(scrubber, leaves, MAIL)
    for clean in (orjson.dumps(scrubber.payload(payload, collect(payload))), walked(scrubber, leaves, payload)[2]):
        assert clean == one_by_one(payload)
        assert not any(value in clean for value in (b"bob@", b"4915107136475", b"Bob Stone"))


@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.parametrize("levels", [16, 17, 60, 99])
def test_a_payload_deeper_than_a_function_can_be_is_redacted_to_its_end(levels: int, is_listed: bool) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    payload: dict[str, Any] = {"note": "call +4915107136475", "to": "ana.lima@example.com"}
    for _ in range(levels):
        payload = {"inner": [payload] if is_listed else payload, "note": "for ana.lima now"}
    leaves = scrubber.leaves(frozenset(), is_whole=True)
    for _ in range(OFTEN * 8):
        for clean in (orjson.dumps(scrubber.payload(payload, collect(payload))), walked(scrubber, leaves, payload)[2]):
            assert clean == one_by_one(payload)
            assert b"ana.lima" not in clean
            assert b"4915107136475" not in clean


def test_a_payload_that_comes_often_becomes_straight_python() -> None:
    headers = ROOT.child("headers")
    header = [Member("m5", "name", headers.child("name"), str), Member("m6", "value", headers.child("To"), str)]
    shape = Shape(
        "mapping",
        [
            Member("m0", "isFinal", ROOT.child("isFinal"), bool),
            Member("m1", "context", ROOT.child("context"), dict, [Shape("m1", [Member("m3", "campaign", ROOT.child("campaign"), str)])]),
            Member("m2", "headers", headers, list, [Shape("m4", header, ("name", "To"))]),
        ],
    )
    source, names = source_of(shape, 1, SCRUBBER._payloads)
    assert names["keys_m1"] == ["campaign"]
    assert names["name_m5"] == "To"
    assert [line.strip() for line in source.splitlines()[1:]] == [
        "strings = belief[6]",
        "m0, m1, m2, = mapping.values()",
        "if is_m1 := [*m1] == keys_m1:",
        "m3, = m1.values()",
        "if is_m1 := type(m3) is str:",
        "strings += m3,",
        "if is_m2 := len(m2) == 1:",
        "m4, = m2",
        "if is_m4 := type(m4) is dict and [*m4] == keys_m4:",
        "m5, m6, = m4.values()",
        "if is_m4 := m5 == name_m5 and type(m6) is str:",
        "strings += m5,",
        "keep, keep_id, keep_public, truncate_ip, redact_link, redact_text, strings, numbers, keys, identifiers = belief",
        "has_names = identifiers.name_words",
        "if has_names: keys += mapping",
        "if is_m1:",
        "if has_names: keys += m1",
        "m1 = {'campaign': keep_public[m3] or doubted(m3, field_m3, belief, 2)}",
        "else: m1 = (shapes_m1.get((*m1, *map(type, m1.values()))) or unknown_m1)(m1, belief)",
        "if is_m2:",
        "if is_m4:",
        "if has_names: keys += m4",
        "m4 = {'name': keep[m5] or doubted(m5, field_m5, belief, 3), "
        "'value': person(*who) if (who := certain_m6[m6]) else leaf(m6, field_m6, identifiers, 3)}",
        "else: m4 = value_m2(m4, belief)",
        "m2 = [m4]",
        "else: m2 = members_m2(m2, belief)",
        "return {'isFinal': m0, 'context': m1, 'headers': m2}",
    ]


def test_nobody_is_hidden_by_what_is_learned_while_a_payload_is_read() -> None:
    named = {"to": "+4915107136475", "campaign": "4915107136475", "inner": {"campaign": "for 4915107136475"}}
    for before in range(OFTEN):
        scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
        for inner in [{}] * OFTEN + [{"campaign": "spring"}] * before:
            scrubber.payload({"to": "ana@example.com", "campaign": "spring", "inner": inner}, collect({}))
        assert orjson.dumps(scrubber.payload(named, collect(named))) == one_by_one(named)


def test_which_key_names_a_value_is_told_by_each_mapping() -> None:
    for key, name in (("Subject", 5), (5, "To"), ("To", "Subject"), ("Subject", "To")):
        payload = {"key": key, "name": name, "value": "Ana"}
        for _ in range(OFTEN + 2):
            assert orjson.dumps(SCRUBBER.payload(payload, collect(payload))) == one_by_one(payload)


def test_endless_keys_are_not_remembered() -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    for number in range(3_000):
        scrubber.payload({f"+49151{number:08}": "x"}, collect({}))  # could be a value
        scrubber.payload({f"{'k' * (number % 60 + 1)}{number // 60}": "x"}, collect({}))
    assert scrubber._payloads._shapes <= 2_048
    assert sum(len(place._seen) for place in scrubber._payloads._places.values()) <= 2_048


def test_a_person_is_met_each_time_a_payload_names_them() -> None:
    met: list[str] = []
    pseudonymiser = Pseudonymiser(derive_first(b"p" * 32))
    known = pseudonymiser.person
    pseudonymiser.person = lambda value, kind=None: met.append(value) or known(value, kind)  # type: ignore[func-returns-value]
    scrubber = Scrubber(pseudonymiser)
    payload = {"to": ["ana@example.com"], "phone": "+4915107136475", "customerId": "C-17"}
    for _ in range(OFTEN + 2):
        met.clear()
        scrubber.payload(payload, collect(payload))
        assert met == ["ana@example.com", "+4915107136475", "C-17"]
