"""What a scenario does to an ordinary history. Times are Unix milliseconds; an end is exclusive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The history that a scenario is put into; `sms_per_day` is what an average day has without it."""

    start_ms: int
    days: int
    sms_per_day: int


@dataclass(frozen=True, slots=True)
class Surge:
    """Extra SMS messages to one country.

    `number_range` (E.164 without the last four digits) None means ordinary customers of the country; `sequential`
    counts up through the range. `delivered`, `feedback` and `flagged` are shares: messages that arrive, codes that
    are entered, messages that the AIT model recommends to block.
    """

    starts_at: int
    ends_at: int
    messages: int
    country: str
    is_attack: bool
    number_range: str | None = None
    sequential: bool = False
    use_case: str = "otp"
    delivered: float = 0.9
    feedback: float = 0.0
    flagged: float = 0.6


@dataclass(frozen=True, slots=True)
class Outage:
    """A carrier (by name) that is down: this share of its country's messages fails, the rest arrives late."""

    starts_at: int
    ends_at: int
    country: str
    carrier: str
    failed: float = 0.7


@dataclass(frozen=True, slots=True)
class Silence:
    """The application reports no message feedback for messages sent in this time."""

    starts_at: int
    ends_at: int


Effect = Surge | Outage | Silence
