"""What envelopes state about a record's arrival, read so that nothing malformed ever gets in the way: it counts as unstated."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from transforms.record import Arrival

UNSTATED = Arrival()
"""What is known when no envelope says anything."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d", re.ASCII)
_MILLISECONDS_FROM = 1e11  # as seconds this would be the year 5138


def instant(value: Any) -> datetime | None:
    """The UTC time of an ISO text, or of Unix seconds or milliseconds as number or text; None when it is none of these."""
    try:
        if isinstance(value, str) and not value.isdecimal():
            stated = datetime.fromisoformat(value)
            return stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated.astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def account(value: Any) -> str | None:
    """The account id, None unless it is twelve digits."""
    return value if isinstance(value, str) and _ACCOUNT.fullmatch(value) else None


def region(value: Any) -> str | None:
    """The region's name, None unless it looks like one."""
    return value if isinstance(value, str) and _REGION.fullmatch(value) else None


def delivery_ids(value: Any) -> tuple[str, ...]:
    """The envelope's own id, none unless it is a text."""
    return (value,) if isinstance(value, str) and value else ()


def from_arn(arn: Any) -> Arrival:
    """Account and region of an ARN."""
    return _of_arn(arn) if isinstance(arn, str) else UNSTATED


@lru_cache(maxsize=1024)
def _of_arn(arn: str) -> Arrival:
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return UNSTATED
    return Arrival(account_id=account(parts[4]), region=region(parts[3]))


def inside(outer: Arrival, inner: Arrival) -> Arrival:
    """What both state together; the inner envelope wins."""
    if outer is UNSTATED:
        return inner
    if inner is UNSTATED:
        return outer
    return Arrival(
        stated_at=inner.stated_at or outer.stated_at,
        received_at=inner.received_at or outer.received_at,
        account_id=inner.account_id or outer.account_id,
        region=inner.region or outer.region,
        detail_type=inner.detail_type or outer.detail_type,
        resources=inner.resources or outer.resources,
        delivery_ids=outer.delivery_ids + inner.delivery_ids,
    )
