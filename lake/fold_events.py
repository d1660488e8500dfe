"""One row per message, folded from all of its events: the rule.

"First" and "last" mean by (event_time, rank of the stage, event_id). The events are put into this order once, those of
each message together; then every column is found for all messages at once, as the place of the event that gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.canonical import DATE, EVENTS, MESSAGES, TIMESTAMP
from transforms.vocabulary import Outcome, Stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Numbers = NDArray[np.int64]

# Columns with a rule of their own; every other column that events and messages share is carried: its last value that is not null.
RULED: Final = frozenset(
    {
        "message_key", "requested_at", "direction", "event_type", "provider_status", "status_reason", "feedback_status",
        "feedback_expected", "message_price_usd", "carrier_fee_usd",
    }
)  # fmt: skip
CARRIED: Final = tuple(name for name in MESSAGES.names if name in EVENTS.names and name not in RULED)
READ: Final = tuple(name for name in EVENTS.names if name in {*RULED, *CARRIED, "event_id", "event_time", "stage", "is_final", "is_bot"})

NEVER: Final = np.iinfo(np.int64).min  # before every time, so that it loses each comparison as null does in SQL
_STAGES: Final = tuple(Stage)
_DAY: Final = 24 * 60 * 60 * 1_000_000


def fold_events(events: pa.Table) -> pa.Table:
    """One canonical messages row per message key, from all events of these keys in any order and number of copies; needs READ."""
    lives = _Lifecycles(events)
    if not len(lives.starts):
        return MESSAGES.schema.empty_table()
    stage, is_final, by_bot = lives.stage, lives.is_true("is_final"), lives.is_true("is_bot")
    at_stage = {name: stage == rank for rank, name in enumerate(_STAGES)}
    first = {name: lives.time_of(lives.first(at_stage[name])) for name in _STAGES}
    last = {name: lives.time_of(lives.last(at_stage[name])) for name in _STAGES}
    requested = lives.earliest("requested_at")
    first_event, last_event = lives.times[lives.starts], lives.times[lives.ends]
    final_accepted = lives.time_of(lives.last(at_stage[Stage.ACCEPTED] & is_final))
    is_permanent = np.where(
        lives.holds(pc.equal, "channel", "email"), lives.holds(pc.starts_with, "provider_status", "Permanent"), is_final
    )
    permanent_failure = lives.time_of(lives.last(at_stage[Stage.FAILED] & is_permanent))
    status = lives.last(~(at_stage[Stage.FEEDBACK] | at_stage[Stage.OPENED] | at_stage[Stage.CLICKED]))
    has_feedback = lives.has("feedback_status")
    feedback = lives.last(has_feedback)
    opened, clicked = at_stage[Stage.OPENED], at_stage[Stage.CLICKED]
    direction = lives.column("direction", lives.last_rather("direction", ~at_stage[Stage.FEEDBACK]))
    columns = {
        **{name: lives.column(name, lives.last(lives.has(name))) for name in CARRIED},
        **{name: lives.column(name, status) for name in ("event_type", "provider_status", "status_reason")},
        # an RCS read receipt states 0 for a message that cost something
        **{
            name: lives.column(name, lives.last_rather(name, ~at_stage[Stage.READ] | lives.holds(pc.not_equal, name, 0)))
            for name in ("message_price_usd", "carrier_fee_usd")
        },
        **{f"first_{name}_at": _times(first[name]) for name in _STAGES},
        **{f"last_{name}_at": _times(last[name]) for name in _STAGES},
        "message_key": lives.column("message_key", lives.starts),
        "message_time": _times(np.where(requested == NEVER, first_event, requested)),
        "requested_at": _times(requested),
        "first_event_at": _times(first_event),
        "last_event_at": _times(last_event),
        "event_days": lives.days(),
        "event_count": pa.array(lives.ends - lives.starts + 1),
        "direction": direction,
        "outcome": _outcomes(pc.equal(direction, "inbound").to_numpy(zero_copy_only=False), last, final_accepted, permanent_failure),
        "final_accepted_at": _times(final_accepted),
        "permanent_failure_at": _times(permanent_failure),
        "open_count": lives.count(opened & ~by_bot),
        "bot_open_count": lives.count(opened & by_bot),
        "click_count": lives.count(clicked & ~by_bot),
        "bot_click_count": lives.count(clicked & by_bot),
        "feedback_status": lives.column("feedback_status", feedback),
        "feedback_at": _times(lives.time_of(feedback)),
        "feedback_expected": pa.array(lives.last(lives.is_true("feedback_expected") | has_feedback) >= 0),
        "accepted_latency_s": _seconds(requested, first[Stage.ACCEPTED]),
        "delivered_latency_s": _seconds(requested, first[Stage.DELIVERED]),
        "read_latency_s": _seconds(requested, first[Stage.READ]),
        "opened_latency_s": _seconds(requested, lives.time_of(lives.first(opened & ~by_bot))),
    }
    return pa.table([columns[name] for name in MESSAGES.names], names=MESSAGES.names).cast(MESSAGES.schema)


class _Lifecycles:
    """The distinct events that have a key, each message's together and in their order. A place is a position among them.

    `starts` and `ends` are the places of each message's first and last event.
    """

    def __init__(self, events: pa.Table) -> None:
        self._events = events
        event_id, time = self._whole("event_id"), self._whole("event_time").view(pa.int64())
        message, identity = (column.dictionary_encode().indices for column in (self._whole("message_key"), event_id))
        rank = pc.fill_null(pc.index_in(self._whole("stage"), pa.array(_STAGES, pa.string())), len(_STAGES))
        keys = pa.table({"message": message, "time": time, "rank": rank, "event_id": event_id})
        places = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])
        rows = places[: len(places) - message.null_count].to_numpy()
        message, identity = (pc.fill_null(codes, -1).to_numpy()[rows] for codes in (message, identity))
        is_new_message = np.append(True, message[1:] != message[:-1])[: len(rows)]
        is_distinct = is_new_message | np.append(True, identity[1:] != identity[:-1])[: len(rows)]
        self._rows = rows[is_distinct]
        self._is_start: Flags = is_new_message[is_distinct]
        self._message = np.cumsum(self._is_start) - 1
        self.starts: Numbers = np.flatnonzero(self._is_start)
        self.ends: Numbers = np.append(self.starts[1:], len(self._rows)) - 1
        self.times: Numbers = time.to_numpy()[self._rows]
        self.stage = rank.to_numpy()[self._rows]

    def _whole(self, name: str) -> pa.Array:
        """The column in one piece. Each in its turn: all of them would stand in memory twice."""
        return self._events[name].combine_chunks()

    def has(self, name: str) -> Flags:
        """Which events state a value there."""
        return self._flags(self._events[name].is_valid())

    def is_true(self, name: str) -> Flags:
        return self._flags(self._events[name])

    def holds(self, comparison: Any, name: str, value: Any) -> Flags:
        """For which events the comparison of the column with the value is true; a null makes it false."""
        return self._flags(comparison(self._events[name], value))

    def _flags(self, flags: pa.ChunkedArray) -> Flags:
        found: Flags = pc.fill_null(flags, False).to_numpy()[self._rows]
        return found

    def last(self, among: Flags) -> Numbers:
        """The place of each message's last event among those, else -1."""
        return self._latter(np.flatnonzero(among))

    def first(self, among: Flags) -> Numbers:
        """The place of each message's first event among those, else -1."""
        return self._latter(np.flatnonzero(among)[::-1])

    def _latter(self, places: Numbers) -> Numbers:
        """For each message the last of these places that is its own, else -1."""
        found = np.full(len(self.starts), -1)
        found[self._message[places]] = places  # of several the last stays
        return found

    def last_rather(self, name: str, among: Flags) -> Numbers:
        """The place of the last event that states a value, one among those if there is any."""
        stated = self.has(name)
        rather = self.last(stated & among)
        return np.where(rather < 0, self.last(stated), rather)

    def count(self, among: Flags) -> pa.Array:
        return pa.array(np.bincount(self._message[among], minlength=len(self.starts)))

    def column(self, name: str, places: Numbers) -> pa.Array:
        """The values of the events at these places."""
        return self._whole(name).take(pa.array(self._rows[places], mask=places < 0))

    def time_of(self, places: Numbers) -> Numbers:
        return np.where(places < 0, NEVER, self.times[places])

    def earliest(self, name: str) -> Numbers:
        """Each message's earliest time in the column."""
        most = np.iinfo(np.int64).max
        values = pc.fill_null(self._whole(name).view(pa.int64()), most).to_numpy()[self._rows]
        found = np.minimum.reduceat(values, self.starts)
        return np.where(found == most, NEVER, found)

    def days(self) -> pa.Array:
        """The days of each message's events, sorted."""
        days = self.times // _DAY
        is_new = self._is_start | np.append(True, days[1:] != days[:-1])
        offsets = np.append(np.cumsum(is_new)[self.starts] - 1, np.count_nonzero(is_new))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(days[is_new].astype(np.int32)).view(DATE))


def _outcomes(is_inbound: Flags, last: dict[Stage, Numbers], final_accepted: Numbers, permanent_failure: Numbers) -> pa.Array:
    delivered = np.maximum(last[Stage.DELIVERED], last[Stage.READ])
    word = np.maximum.reduce([last[Stage.BLOCKED], last[Stage.FAILED], last[Stage.EXPIRED], final_accepted])
    is_said = word != NEVER
    cases = [
        (Outcome.RECEIVED, is_inbound),
        # a permanent failure takes back the delivery before it; opens and clicks do not undo that
        (Outcome.FAILED, (permanent_failure != NEVER) & (delivered < permanent_failure)),
        # a reader, an opener and a clicker have the message, even when no receipt says so
        (Outcome.DELIVERED, np.maximum.reduce([delivered, last[Stage.OPENED], last[Stage.CLICKED]]) != NEVER),
        # without a delivery the last word counts; words of the same instant in this order
        (Outcome.BLOCKED, is_said & (last[Stage.BLOCKED] == word)),
        (Outcome.FAILED, is_said & (last[Stage.FAILED] == word)),
        (Outcome.EXPIRED, is_said & (last[Stage.EXPIRED] == word)),
        (Outcome.ACCEPTED, is_said & (final_accepted == word)),
        (Outcome.UNKNOWN, last[Stage.UNKNOWN] != NEVER),
    ]
    chosen = np.select([found for _, found in cases], list(range(len(cases))), len(cases))
    return pa.array([*(name for name, _ in cases), Outcome.PENDING], pa.string()).take(pa.array(chosen))


def _times(moments: Numbers) -> pa.Array:
    return pa.array(moments, mask=moments == NEVER).view(TIMESTAMP)


def _seconds(since: Numbers, until: Numbers) -> pa.Array:
    is_unknown = (since == NEVER) | (until == NEVER)
    return pa.array(np.where(is_unknown, 0, until - since) / 1e6, mask=is_unknown)
