"""A payload believed to name nobody becomes what it becomes string by string."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.identify import collect
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


@settings(deadline=None, max_examples=300)
@given(_PAYLOADS)
def test_a_payload_becomes_what_its_strings_become_one_by_one(payload: dict[str, Any]) -> None:
    assert SCRUBBER.payload(payload, collect(payload)) == SCRUBBER.value(payload, ROOT, collect(payload), 0)


def test_which_key_names_a_value_is_told_by_each_mapping() -> None:
    for key, name in (("Subject", 5), (5, "To"), ("To", "Subject"), ("Subject", "To")):
        payload = {"key": key, "name": name, "value": "Ana"}
        assert SCRUBBER.payload(payload, collect(payload)) == SCRUBBER.value(payload, ROOT, collect(payload), 0)


def test_endless_keys_are_not_remembered() -> None:
    scrubber = Scrubber(Pseudonymiser(derive_first(b"p" * 32)))
    for number in range(3_000):
        scrubber.payload({f"+49151{number:08}": "x"}, collect({}))  # could be a value
        scrubber.payload({f"{'k' * (number % 60 + 1)}{number // 60}": "x"}, collect({}))
    assert len(scrubber._payloads._plans) <= 2_048
