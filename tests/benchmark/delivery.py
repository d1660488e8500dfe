"""Canonical events of a steady delivery, drawn with a seed and without the transform: for lakes of any size in little time.

Each message is sent, accepted and delivered within seconds; every third tells feedback within the hour, which does not
state the send time; of every twentieth the receipt comes up to some days late. Text columns are as wide as real ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.canonical import EVENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVENTS_A_MESSAGE: Final = 10 / 3
DAY_S: Final = 86_400
_SECOND: Final = 1_000_000
_STAGES: Final = ("sent", "accepted", "delivered", "feedback")
_COUNTRIES: Final = ("US", "CA", "DE", "IN", "BR", "GB")


def deliver(messages: int, start: datetime, span: timedelta, late_days: float, seed: int) -> pa.Table:
    """All events of that many messages sent evenly over the span, in order of arrival, which is `ingested_at`."""
    draw = np.random.default_rng(seed)
    sent = int(start.timestamp() * _SECOND) + np.sort(draw.integers(0, int(span.total_seconds()) * _SECOND, messages))
    message = np.concatenate([np.arange(messages)] * 3 + [np.flatnonzero(draw.random(messages) < 1 / 3)])
    stage = np.concatenate([np.full(messages, number) for number in range(3)] + [np.full(len(message) - 3 * messages, 3)])
    delay = np.choose(stage, [0, 1, 1 + draw.exponential(5, len(stage)), draw.uniform(5, 3_600, len(stage))])
    is_late = (stage == 2) & (draw.random(len(stage)) < 1 / 20)
    delay = np.where(is_late, draw.uniform(0, late_days * DAY_S, len(stage)), delay)
    times = sent[message] + (delay * _SECOND).astype(np.int64)
    order = np.argsort(times, kind="stable")
    return _events(draw, message[order], stage[order], sent[message[order]], times[order], messages)


def _events(
    draw: np.random.Generator,
    message: NDArray[np.int64],
    stage: NDArray[np.int64],
    sent: NDArray[np.int64],
    times: NDArray[np.int64],
    messages: int,
) -> pa.Table:
    rows = len(message)
    is_feedback = pa.array(stage == 3)

    def of_message(values: pa.Array) -> pa.Array:
        return values.take(pa.array(message))

    def unless_feedback(values: pa.Array) -> pa.Array:
        return pc.if_else(is_feedback, pa.scalar(None, values.type), values)

    def same(text: str) -> pa.Array:
        return pa.repeat(text, rows)

    countries = of_message(pa.array(_COUNTRIES).take(pa.array(draw.integers(0, len(_COUNTRIES), messages))))
    stages = pa.array(_STAGES).take(pa.array(stage))
    given = {
        "event_id": _words(draw, rows),
        "message_id": of_message(_words(draw, messages)),
        "message_key": of_message(_words(draw, messages)),
        "event_time": pa.array(times).cast(EVENTS.column("event_time").type),
        "requested_at": unless_feedback(pa.array(sent).cast(EVENTS.column("requested_at").type)),
        "received_at": pa.array(times + _SECOND).cast(EVENTS.column("received_at").type),
        "ingested_at": pa.array(times + 30 * _SECOND).cast(EVENTS.column("ingested_at").type),
        "account_id": same("123456789012"),
        "region": same("us-east-1"),
        "configuration_set": unless_feedback(same("transactional")),
        "originator": unless_feedback(same("pool-one")),
        "originator_type": unless_feedback(same("long_code")),
        "recipient_id": unless_feedback(of_message(_words(draw, messages))),
        "recipient_country": unless_feedback(countries),
        "number_range": unless_feedback(of_message(pa.array(draw.integers(0, 20_000, messages)).cast(pa.string()))),
        "carrier": unless_feedback(same("Carrier A")),
        "channel": unless_feedback(same("sms")),
        "direction": same("outbound"),
        "stage": stages,
        "event_type": stages,
        "provider_status": unless_feedback(stages),
        "is_final": pa.array(stage == 2),
        "message_type": unless_feedback(same("TRANSACTIONAL")),
        "body": unless_feedback(of_message(_words(draw, messages))),
        "parts": pa.array(np.ones(rows, np.int64)),
        "protect_mode": unless_feedback(same("monitor")),
        "feedback_status": pc.if_else(is_feedback, same("received"), pa.scalar(None, pa.string())),
        "message_price_usd": unless_feedback(pa.repeat(pa.scalar(Decimal("0.00645"), EVENTS.column("message_price_usd").type), rows)),
        "source": pc.if_else(is_feedback, same("feedback"), same("sms")),
        "template_version": same("0123456789abcdef"),
        "source_object": pc.binary_join_element_wise(same("landing/2026/01/05"), pa.array(np.arange(rows) // 250).cast(pa.string()), "/"),
        "source_offset": pa.array(np.arange(rows) % 250 * 900),
    }
    columns = [given[field.name].cast(field.type) if field.name in given else pa.nulls(rows, field.type) for field in EVENTS.schema]
    return pa.Table.from_arrays(columns, schema=EVENTS.schema)


def _words(draw: np.random.Generator, count: int) -> pa.Array:
    """That many different words of 32 letters, as the digests of the program are."""
    letters = draw.integers(ord("a"), ord("q"), count * 32, np.uint8)
    return pa.Array.from_buffers(
        pa.string(), count, [None, pa.py_buffer(np.arange(0, 32 * count + 1, 32, np.int32)), pa.py_buffer(letters)]
    )
