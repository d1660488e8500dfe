from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.mutations import KEYS, MAIL, MUTATIONS, VALUES, Mutation, mutated
from transforms.identify import Identifiers
from transforms.leaves import Leaves, Unread
from transforms.policy import shipped_policy
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber
from transforms.shape import Member, Shape
from transforms.walk_shape import may_tell, source_of

SCRUBBER = Scrubber(Pseudonymiser(derive_first(bytes(range(32)))))
READS = frozenset({("messageId",), ("mail", "subject"), ("mail", "headers", "**"), ("tags", "*")})

PAYLOADS = st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=2, max_size=6)


MAIL_READS = frozenset({("note",), ("mail", "headers", "**"), ("mail", "tags", "**"), ("statuses", "*", "status")})


def _with(payload: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The payload with other values under some keys."""
    return payload | {
        key: _with(payload[key], value) if isinstance(value, dict) and isinstance(payload.get(key), dict) else value
        for key, value in other.items()
    }


def seen(
    leaves: Leaves, payload: dict[str, Any], loops: Sequence[tuple[Any, Any]] = ()
) -> tuple[list[tuple[tuple[str, ...], Any]], Identifiers]:
    """The leaves of a payload by their keys, and its people."""
    collector = SCRUBBER.collector()
    return [(place.keys, value) for place, value in leaves.of(payload, loops, collector)], collector.found


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


@given(st.lists(MUTATIONS, min_size=1, max_size=6), st.integers(0, 2))
def test_a_payload_that_is_not_as_the_last_ones_is_seen_as_if_it_were_the_first(mutations: list[list[Mutation]], row: int) -> None:
    experienced, by_member = SCRUBBER.leaves(MAIL_READS), Leaves(shipped_policy().root, MAIL_READS, SCRUBBER.memory, shapes=0)
    for payload in (MAIL, *(mutated(MAIL, some) for some in mutations), MAIL):
        statuses = payload.get("statuses")
        loops = ((statuses, statuses[row % len(statuses)]),) if isinstance(statuses, list) and statuses else ()
        assert seen(experienced, payload, loops) == seen(by_member, payload, loops)
        assert seen(experienced, payload, loops)[1] == SCRUBBER.collect(payload)


@pytest.mark.parametrize(
    "other",
    [
        {"mail": {"tags": {"plan": ["+4915107136475"]}}},
        {"mail": {"tags": {"plan": ["basic", "+4915107136475"]}}},
        {"mail": {"tags": {"plan": [{"phone": "4915107136475"}]}}},
        {"mail": {"tags": {"plan": ['{"phone": "4915107136475"}']}}},
        {"mail": {"tags": {"plan": "+4915107136475"}}},
        {"mail": {"tags": {"phone": ["4915107136475"]}}},
        {"mail": {"source": '{"phone": "4915107136475"}'}},
        {"mail": {"destination": [4915107136475]}},
        {"mail": {"reference": "+4915107136475"}},
        {"mail": {"headers": [{"name": "Subject", "value": "hello\n"}, {"name": "X-Phone", "value": "4915107136475"}]}},
        {"mail": {"headers": [{"name": "Subject", "value": "+4915107136475"}, {"name": "To", "value": "ana@example.com"}]}},
        {"mail": {"headers": [{"value": "4915107136475", "name": "X-Phone"}, {"name": "To", "value": "ana@example.com"}]}},
        {"mail": {"headers": [{"name": "Subject", "value": {"phone": "4915107136475"}}, {"name": "To", "value": "ana@example.com"}]}},
        {"mail": {"headers": ["+4915107136475", {"name": "To", "value": "ana@example.com"}]}},
        {"mail": {"headers": [{"name": "X-Phone", "value": "4915107136475"}]}},
        {"mail": "+4915107136475"},
        {"statuses": [{"status": "sent", "pricing": {"category": "+4915107136475"}}]},
        {"statuses": [{"status": "sent", "pricing": {"category": "utility"}}, {"status": "sent", "recipient_id": "4915107136475"}]},
        {"statuses": [["+4915107136475"]]},
        {"statuses": {"recipient_id": "4915107136475"}},
        {"note": base64.b64encode(b'{"phone": "4915107136475"}').decode()},
    ],
)
def test_whoever_stands_where_nobody_was_expected_is_found(other: dict[str, Any]) -> None:
    leaves = SCRUBBER.leaves(MAIL_READS)
    seen(leaves, MAIL)
    assert seen(leaves, _with(MAIL, other))[1].phones == {"07136475": "4915107136475"}


@pytest.mark.parametrize("lists", [(["a"], ["a", "b"]), (["a", "b"], ["a", "b"])])
def test_the_members_of_a_list_that_belong_to_other_rows_stay_out(lists: tuple[list[str], ...]) -> None:
    leaves = SCRUBBER.leaves(frozenset())
    for names in lists:
        members = [{"name": name} for name in names]
        found = leaves.of({"outer": [{"members": members}]}, ((members, members[-1]),))
        assert [value for _, value in found] == names[-1:]


@given(
    VALUES.filter(lambda value: isinstance(value, (dict, list))),
    st.sampled_from([0, orjson.OPT_INDENT_2]),
    st.sampled_from(["", " ", "\n"]),
)
def test_json_may_tell_of_somebody_also_in_base64(value: Any, option: int, before: str) -> None:
    document = orjson.dumps(value, option=option)
    opened = document[:1] + before.encode() + document[1:]
    assert all(map(may_tell, (document.decode(), base64.b64encode(opened).decode(), base64.urlsafe_b64encode(opened).decode())))


def test_a_payload_deeper_than_a_function_can_be_is_walked_to_its_end() -> None:
    payload: dict[str, Any] = {"phone": "+4915107136475"}
    for level in range(60):
        payload = {"deeper": [payload]} if level % 2 else {"deeper": payload}
    leaves = SCRUBBER.leaves(frozenset())
    for _ in range(3):
        (((path, value),), people) = seen(leaves, payload)
        assert (path[-1], value, people.phones) == ("phone", "+4915107136475", {"07136475": "4915107136475"})


def test_a_shape_that_was_seen_becomes_straight_python() -> None:
    root = Unread(shipped_policy().root, frozenset({("messageId",)}), SCRUBBER.memory)
    note = Shape("m4", [Member("m8", "note", _below(root, "more", "note"), str)])
    shape = Shape(
        "value",
        [
            Member("m0", "messageId", _below(root, "messageId"), str),
            Member("m1", "destinationPhoneNumber", _below(root, "destinationPhoneNumber"), str),
            Member("m2", "originationPhoneNumber", _below(root, "originationPhoneNumber"), str),
            Member("m3", "tags", _below(root, "tags"), list),
            Member("m4", "more", _below(root, "more"), dict, [note]),
            Member("m5", "reference", _below(root, "reference"), str, is_asked=True),
            Member("m6", "parts", _below(root, "parts"), int),
            Member("m7", "gone", _below(root, "gone"), type(None)),
        ],
    )
    assert source_of(shape)[0].splitlines() == [
        "def walk(value, loops, found, people, belief):",
        "    strings = ['']",
        "    m0, m1, m2, m3, m4, m5, m6, m7, = value.values()",
        "    strings += m0,",
        "    if is_m3 := len(m3) == 1 and type(m3[0]) is str: m3, = m3; strings += m3,",
        "    if is_m4 := [*m4] == keys_m4:",
        "        m8, = m4.values()",
        "        if is_m4 := type(m8) is str:",
        "            strings += m8,",
        "    tell = people is not deaf and one_may_tell(strings)",
        "    if tell and may_tell(m0): people.string(m0, field_m0)",
        "    people.string(m1, field_m1)",
        "    if found is not None: found.append((leaf_m1, m1))",
        "    if m2[:1] in begins_json: people.string(m2, field_m2)",
        "    if found is not None: found.append((leaf_m2, m2))",
        "    if is_m3:",
        "        if tell and may_tell(m3): people.string(m3, field_m3)",
        "        if found is not None: found.append((leaf_m3, m3))",
        "    else: walk_any(m3, at_m3, loops, found, people)",
        "    if is_m4:",
        "        if tell and may_tell(m8): people.string(m8, field_m8)",
        "        if found is not None: found.append((leaf_m8, m8))",
        "    else: walk_mapping(m4, at_m4, loops, found, people)",
        "    if may_tell(m5): people.string(m5, field_m5)",
        "    if found is not None: found.append((leaf_m5, m5))",
        "    if found is not None: found.append((leaf_m6, m6))",
    ]


def test_mappings_in_a_list_are_expected_under_the_names_that_they_had() -> None:
    root = Unread(shipped_policy().root, frozenset({("headers", "**")}), SCRUBBER.memory)
    headers = _below(root, "headers")
    member = headers.member
    header = [Member("m2", "name", _below(member, "name"), str), Member("m3", "value", _below(member, "to"), str)]
    source, names = source_of(Shape("value", [Member("m0", "headers", headers, list, [Shape("m1", header, ("name", "To"))])]))
    assert source.splitlines() == [
        "def walk(value, loops, found, people, belief):",
        "    strings = ['']",
        "    m0, = value.values()",
        "    if is_m0 := len(m0) == 1:",
        "        m1, = m0",
        "        if is_m1 := type(m1) is dict and [*m1] == keys_m1:",
        "            m2, m3, = m1.values()",
        "            if is_m1 := m2 == name_m2 and type(m3) is str:",
        "                strings += m2,",
        "    tell = people is not deaf and one_may_tell(strings)",
        "    if is_m0:",
        "        if is_m1:",
        "            if tell and may_tell(m2): people.string(m2, field_m2)",
        "            people.string(m3, field_m3)",
        "        else: walk_any(m1, leaf_m0, loops, None, people)",
        "    else: walk_any(m0, at_m0, loops, None, people)",
    ]
    assert (names["keys_m1"], names["name_m2"]) == (["name", "value"], "To")


def test_a_walk_that_redacts_goes_on_when_the_people_are_known() -> None:
    root = Unread(shipped_policy().root, frozenset(), SCRUBBER.memory)
    members = [
        Member("m0", "eventType", _below(root, "eventType"), str),
        Member("m1", "originationPhoneNumber", _below(root, "originationPhoneNumber"), str),
        Member("m2", "tags", _below(root, "tags"), list),
    ]
    source = source_of(Shape("value", members), SCRUBBER._payloads.redacting)[0]
    assert [line.strip() for line in source.splitlines()] == [
        "def walk(value, loops, found, people, belief):",
        "strings = belief[6] if belief else ['']",
        "m0, m1, m2, = value.values()",
        "strings += m0,",
        "if is_m2 := len(m2) == 1 and type(m2[0]) is str: m2, = m2; strings += m2,",
        "tell = people is not deaf and one_may_tell(strings)",
        "if tell and may_tell(m0): people.string(m0, field_m0)",
        "if found is not None: found.append((leaf_m0, m0))",
        "if m1[:1] in begins_json: people.string(m1, field_m1)",
        "if found is not None: found.append((leaf_m1, m1))",
        "if is_m2:",
        "if tell and may_tell(m2): people.string(m2, field_m2)",
        "if found is not None: found.append((leaf_m2, m2))",
        "else: walk_any(m2, at_m2, loops, found, people)",
        "if not belief: return None",
        "keep, keep_id, keep_public, truncate_ip, redact_link, redact_text, strings, numbers, keys, identifiers = belief",
        "has_names = identifiers.name_words",
        "if has_names: keys += value",
        "strings += m1,",
        "if is_m2:",
        "m2 = [redact_text.get(m2) or doubted(m2, field_m2, belief, 2)]",
        "else: m2 = members_m2(m2, belief)",
        "return {'eventType': keep[m0] or doubted(m0, field_m0, belief, 1), "
        "'originationPhoneNumber': keep_public[m1] or doubted(m1, field_m1, belief, 1), 'tags': m2}",
    ]


def _below(place: Unread, *keys: str) -> Unread:
    for key in keys:
        place = place.child(key, key, place.field.child(key))
    return place
