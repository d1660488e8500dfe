"""The string leaves of a document, also of JSON inside its strings and of JSON in base64, each with what the policy says of it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transforms.policy import Field, Operator, shipped_policy


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place where a value can be planted; `is_key` where it becomes the key (and the value) of a further member."""

    path: tuple[str, ...]
    operator: Operator
    is_key: bool = False


def replaced(document: Any, plant: Callable[[Leaf, str], str]) -> Any:
    """The document with each string leaf as `plant` gives it, and with a further member in each mapping where it gives a key.

    `plant` is asked for the key with an empty text; an empty answer adds nothing."""
    return _walked(document, (), shipped_policy().root, plant)


def _walked(value: Any, path: tuple[str, ...], place: Field, plant: Callable[[Leaf, str], str]) -> Any:
    if isinstance(value, dict):
        named = place.policy.pair(value)
        members = {}
        for key, member in value.items():
            field = place.child(value[named[0]]) if named and key == named[1] else place.child(key)
            members[key] = _walked(member, (*path, key), field, plant)
        if key := plant(Leaf((*path, "{}"), place.policy.default.operator, is_key=True), ""):
            members[key] = key
        return members
    if isinstance(value, list):
        return [_walked(member, (*path, f"[{at}]"), place, plant) for at, member in enumerate(value)]
    if not isinstance(value, str):
        return value
    if (inner := _json(value)) is not None:
        return json.dumps(_walked(inner, (*path, "json"), place, plant))
    if (inner := _json_in_base64(value)) is not None:
        root = shipped_policy().root
        return base64.b64encode(json.dumps(_walked(inner, (*path, "base64"), root, plant)).encode()).decode()
    return plant(Leaf(path, place.treatment.operator), value)


def _json(text: str) -> Any:
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _json_in_base64(text: str) -> Any:
    if len(text) < 16:
        return None
    try:
        return _json(base64.b64decode(text, validate=True).decode())
    except (binascii.Error, ValueError):
        return None
