from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from transforms.identify import Identifiers
from transforms.leaves import Leaves
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber

SCRUBBER = Scrubber(Pseudonymiser(derive_first(bytes(range(32)))))
READS = frozenset({("messageId",), ("mail", "subject"), ("mail", "headers", "**"), ("tags", "*")})

TEXTS = st.sampled_from(
    [
        "",
        "DELIVERED",
        "+4915107136475",
        "ana.lopez@example.com",
        "Ana Lopez <ana@example.com>",
        '{"phone": "+12065550147"}',
        "Ana Lopez",
        "7",
    ]
)
KEYS = st.sampled_from(["messageId", "mail", "subject", "headers", "tags", "name", "value", "to", "phoneNumber", "+12065550199", "source"])
LEAVES = TEXTS | st.none() | st.booleans() | st.sampled_from([7, 12065550147, 0.5])
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=8)
PAYLOADS = st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=2, max_size=6)


def seen(leaves: Leaves, payload: dict[str, Any]) -> tuple[list[tuple[tuple[str, ...], Any]], Identifiers]:
    """The leaves of a payload by their keys, and its people."""
    collector = SCRUBBER.collector()
    return [(place.keys, value) for place, value in leaves.of(payload, (), collector)], collector.found


@given(PAYLOADS)
def test_payloads_seen_before_change_nothing(payloads: list[dict[str, Any]]) -> None:
    experienced = SCRUBBER.leaves(READS)
    for payload in [*payloads, *payloads]:
        assert seen(experienced, payload) == seen(SCRUBBER.leaves(READS), payload)


@given(PAYLOADS)
def test_the_people_of_a_payload_are_those_that_are_collected_without_a_template(payloads: list[dict[str, Any]]) -> None:
    leaves = SCRUBBER.leaves(READS)
    for payload in [*payloads, *payloads]:
        assert seen(leaves, payload)[1] == SCRUBBER.collect(payload)


def test_a_value_that_begins_to_look_like_a_person_is_seen_in_a_known_shape() -> None:
    leaves = SCRUBBER.leaves(READS)
    for text in ("DELIVERED", "DELIVERED", "+4915107136475"):
        found = seen(leaves, {"messageId": "m-1", "note": text})[1]
    assert found.phones == {"07136475": "4915107136475"}


def test_the_name_beside_a_value_tells_its_place_each_time() -> None:
    leaves = SCRUBBER.leaves(frozenset())
    for _ in range(3):
        assert not seen(leaves, {"list": [{"name": "topic", "value": "Ana Lopez"}]})[1].names
        assert seen(leaves, {"list": [{"name": "customerName", "value": "Ana Lopez"}]})[1].names
