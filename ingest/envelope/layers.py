"""What an envelope is once recognised: its members, what it says about their arrival, how to wrap one of them alone."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from ingest.envelope.stated import UNSTATED
from transforms.record import Arrival

Json = dict[str, Any]


class Encoding(Enum):
    """How a member's content is written inside its envelope."""

    VALUE = "value"  # JSON in JSON
    TEXT = "text"  # JSON documents in a string
    BASE64 = "base64"  # JSON documents, perhaps gzip-compressed, in base64


class Member(NamedTuple):
    """One thing inside an envelope. `wrap` gives the envelope with other content in the member's place, and no other member."""

    content: Any
    encoding: Encoding
    wrap: Callable[[Any], Any]
    arrival: Arrival = UNSTATED


class Layer(NamedTuple):
    """An envelope. No members and a `control` word: housekeeping. A `record` is the payload itself and is opened no further."""

    arrival: Arrival
    members: tuple[Member, ...] = ()
    control: str | None = None
    is_record: bool = False


def around(envelope: Json, key: str) -> Callable[[Any], Json]:
    """Wraps content as the value of `key`."""
    return lambda content: {**envelope, key: content}


def around_one(envelope: Json, key: str) -> Callable[[Any], Json]:
    """Wraps content as the only member of the list `key`."""
    return lambda content: {**envelope, key: [content]}
