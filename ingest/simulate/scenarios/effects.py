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

    `number_range` (E.164 without the last four digits) None means ordinary customers of the country, or with
    `new_people` ones who never heard from the company; of one `carrier` only when it is named. Otherwise the messages go
    to `ranges` neighbouring ranges from that one on, to so many different `numbers` of each; `sequential` counts them up.
    Each number gets `tries` messages in a row. `delivered`, `feedback` and `flagged` are shares: messages that arrive,
    codes that are entered, messages that the AIT model recommends to block.
    """

    starts_at: int
    ends_at: int
    messages: int
    country: str
    is_attack: bool
    number_range: str | None = None
    ranges: int = 1
    numbers: int = 10_000
    sequential: bool = False
    new_people: bool = False
    carrier: str | None = None
    tries: int = 1
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


@dataclass(frozen=True, slots=True)
class Weakness:
    """A country whose carriers deliver only this share of ordinary messages; codes that do not arrive are not entered."""

    starts_at: int
    ends_at: int
    country: str
    delivered: float


@dataclass(frozen=True, slots=True)
class Absence:
    """The company does not serve this country in this time: there are no ordinary messages to it."""

    starts_at: int
    ends_at: int
    country: str


Effect = Surge | Outage | Silence | Weakness | Absence
