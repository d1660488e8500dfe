"""Payloads that are not as the last ones were."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

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

MAIL = {
    "note": "hello",
    "mail": {
        "source": "shop@example.com",
        "destination": ["ana@example.com"],
        "headers": [{"name": "Subject", "value": "hello"}, {"name": "To", "value": "Ana Lopez <ana@example.com>"}],
        "tags": {"plan": ["basic"], "tier": ["gold"]},
        "size": 7,
        "reference": "<1@mail.example.com>",
    },
    "statuses": [{"status": "sent", "pricing": {"category": "utility"}}],
}
Mutation = tuple[int, Any]
MUTATIONS = st.lists(st.tuples(st.integers(0, 40), VALUES | st.sampled_from(["gone", "twice", "behind"])), max_size=3)


def mutated(payload: dict[str, Any], mutations: list[Mutation]) -> dict[str, Any]:
    """The payload where some values are another, "gone", in a list "twice", or "behind" all others of their mapping."""
    payload = deepcopy(payload)
    for number, value in mutations:
        places = list(_places(payload))
        holder, key = places[number % len(places)]
        if value == "gone":
            del holder[key]
        elif value == "twice":
            holder[key] = [holder[key], deepcopy(holder[key])]
        elif value == "behind" and isinstance(holder, dict):
            holder[key] = holder.pop(key)
        else:
            holder[key] = deepcopy(value)
        if not payload:
            break
    return payload


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key
        yield from _places(member)
