"""A payload believed to name nobody becomes what it becomes string by string."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.identify import collect
from transforms.payload import OFTEN
from transforms.policy import shipped_policy
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber

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


@settings(deadline=None, max_examples=300)
@given(_PAYLOADS)
def test_a_payload_becomes_what_its_strings_become_one_by_one_however_often_it_comes(payload: dict[str, Any]) -> None:
    for _ in range(OFTEN + 2):
        assert orjson.dumps(SCRUBBER.payload(payload, collect(payload))) == one_by_one(payload)


@settings(deadline=None)
@given(st.lists(_PAYLOADS, max_size=12))
def test_payloads_that_came_before_change_nothing(payloads: list[dict[str, Any]]) -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    for payload in payloads * OFTEN:
        assert orjson.dumps(scrubber.payload(payload, collect(payload))) == one_by_one(payload)


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
