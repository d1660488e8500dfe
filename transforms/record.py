"""A raw record: what remains when all envelopes are off, with what the envelopes said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from engagedb.errors import Reason


class Arrival(NamedTuple):
    """What the envelopes stated; inner envelopes win over outer ones. Times are UTC-aware."""

    stated_at: datetime | None = None  # SNS Timestamp, EventBridge time, CloudTrail eventTime
    received_at: datetime | None = None  # arrival at AWS: Firehose or Kinesis arrival, SQS SentTimestamp, else stated_at
    account_id: str | None = None
    region: str | None = None
    detail_type: str | None = None  # EventBridge detail-type, CloudTrail eventName
    resources: tuple[str, ...] = ()  # EventBridge resources
    delivery_ids: tuple[str, ...] = ()  # what the envelopes call themselves, outermost first: Firehose recordId, SNS MessageId, ...


class Place(NamedTuple):
    """Where a record stood: the landing object, the byte offset of its document in the decompressed body,
    and its position among the records of that document."""

    source_object: str
    offset: int
    ordinal: int = 0


class RawRecord(NamedTuple):
    """One record. `outermost` are the bytes to keep if it fails: opened again they give the same record."""

    payload: dict[str, Any]
    arrival: Arrival
    place: Place
    outermost: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no record: they become a dead letter as they are."""

    reason: Reason
    detail: str  # holds no value of the bytes
    place: Place
    outermost: bytes
    arrival: Arrival = field(default_factory=Arrival)


@dataclass(frozen=True, slots=True)
class Control:
    """Envelope housekeeping (a subscription confirmation, an API call that is no event): counted, not kept."""

    kind: str
    place: Place


Opened = RawRecord | Unreadable | Control
