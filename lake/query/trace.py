"""One message's life: its events in order, and the rows of `messages` that they fold into."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lake.query.results import readable
from lake.query.session import Session
from transforms.pseudonyms import Pseudonymiser
from transforms.vocabulary import Stage

STEP_COLUMNS: Final = (
    "event_time", "stage", "event_type", "provider_status", "status_reason", "recipient_id", "carrier", "message_price_usd",
    "carrier_fee_usd", "feedback_status", "protect_recommendation", "link_domain", "is_bot", "event_id",
)  # fmt: skip
MESSAGE_COLUMNS: Final = (
    "message_id", "message_time", "channel", "direction", "originator", "recipient_id", "recipient_country", "recipient_domain", "outcome",
    "feedback_state", "message_price_usd", "carrier_fee_usd", "message_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """`messages` has one row, for e-mail one per recipient; `steps` are the events, each with `elapsed_s`
    since the send request, or since the first event where no request is stated."""

    message_id: str
    messages: list[dict[str, Any]]
    steps: list[dict[str, Any]]


def trace(session: Session, message_id: str, pseudonymiser: Pseudonymiser | None) -> Trace | None:
    """What the lake knows of the message, or None. Without a pseudonymiser an id is looked up as it is only."""
    ids = {message_id} if pseudonymiser is None or message_id.startswith("mid_") else {message_id, pseudonymiser.opaque_id(message_id)}
    found = _rows(session, "events", (*STEP_COLUMNS, "message_id"), ids)
    if not found:
        return None
    ranks = {str(stage): rank for rank, stage in enumerate(Stage)}
    found.sort(key=lambda row: (row["event_time"], ranks.get(row["stage"], len(ranks)), row["event_id"]))
    messages = sorted(_rows(session, "messages", MESSAGE_COLUMNS, ids), key=lambda row: str(row["message_key"]))
    start = min([found[0]["event_time"], *(message["message_time"] for message in messages)])
    steps = [
        {"elapsed_s": (row["event_time"] - start).total_seconds()} | {name: row[name] for name in STEP_COLUMNS if row[name] is not None}
        for row in found
    ]
    stated = [{name: value for name, value in row.items() if value is not None} for row in messages]
    return Trace(found[0]["message_id"], stated, steps)


def print_trace(found: Trace, console: Console) -> None:
    """The message's facts and its timeline."""
    console.print(Text(f"Message {found.message_id}", style="bold"))
    for message in found.messages:
        facts = (_fact(message, name) for name in MESSAGE_COLUMNS if name not in ("message_id", "message_key"))
        console.print(Text("  ".join(fact for fact in facts if fact)), soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", pad_edge=False)
    for name in ("time (UTC)", "elapsed", "stage", "provider's words", "details"):
        table.add_column(name, overflow="fold", no_wrap=name in ("time (UTC)", "elapsed", "stage"))
    several = len({step["recipient_id"] for step in found.steps if "recipient_id" in step}) > 1
    for step in found.steps:
        words = " ".join(str(step[name]) for name in ("event_type", "provider_status", "status_reason") if name in step)
        shown = ("carrier", "message_price_usd", "carrier_fee_usd", "feedback_status", "protect_recommendation", "link_domain", "is_bot")
        details = [_fact(step, name) for name in (*shown, *(("recipient_id",) if several else ()))]
        table.add_row(
            Text(readable(step["event_time"]).removesuffix("Z")),
            Text(elapsed(step["elapsed_s"])),
            Text(step["stage"]),
            Text(words),
            Text("  ".join(detail for detail in details if detail)),
        )
    console.print(table)


def elapsed(seconds: float) -> str:
    """A duration as people say it: +0 s, +3.2 s, +5 min 10 s, +2 h 5 min, +3 d 1 h."""
    if seconds < 60:
        return f"+{seconds:.3g} s"
    whole = round(seconds)
    for size, unit, below, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"+{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"+{whole} s"


def _fact(row: dict[str, Any], name: str) -> str | None:
    if row.get(name) is None:
        return None
    label = name.removesuffix("_usd").removesuffix("_id").replace("_", " ")
    return f"{label} {readable(row[name])}{' USD' if name.endswith('_usd') else ''}"


def _rows(session: Session, relation: str, columns: Collection[str], ids: Collection[str]) -> list[dict[str, Any]]:
    marks = ", ".join("?" for _ in ids)
    return session.ask(f"SELECT {', '.join(columns)} FROM {relation} WHERE message_id IN ({marks})", sorted(ids))
