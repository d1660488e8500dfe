from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from transforms.identify import Identifiers
from transforms.leaves import Leaves, Unread
from transforms.policy import shipped_policy
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber
from transforms.walk_shape import source_of

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


def test_a_shape_that_was_seen_becomes_straight_python() -> None:
    root = Unread(shipped_policy().root, frozenset({("messageId",)}), SCRUBBER.memory)
    kinds = {"messageId": str, "destinationPhoneNumber": str, "remark": str, "tags": list, "more": dict, "parts": int, "gone": type(None)}
    source = source_of([(root.child(key, key, root.field.child(key)), kind) for key, kind in kinds.items()])
    assert source.splitlines() == [
        "def walk(value, chosen, found, people):",
        "    m0, m1, m2, m3, m4, m5, m6, = value.values()",
        "    if m0[:1] in begins or '@' in m0: people.string(m0, field0)",
        "    people.string(m1, field1)",
        "    if found is not None: found.append((leaf1, m1))",
        "    if m2[:1] in begins or '@' in m2: people.string(m2, field2)",
        "    if found is not None: found.append((leaf2, m2))",
        "    if len(m3) == 1 and type(m3[0]) is str:",
        "        m3 = m3[0]",
        "        if m3[:1] in begins or '@' in m3: people.string(m3, field3)",
        "        if found is not None: found.append((leaf3, m3))",
        "    else: walk_any(m3, at3, chosen, found, people)",
        "    walk_mapping(m4, at4, chosen, found, people)",
        "    if found is not None: found.append((leaf5, m5))",
        "    return True",
    ]
