"""The short way from a simulated history to the relations: planned messages become rows of the messages table, and the same SQL reads them.

No landing object is written and no event folded. tests/benchmark/test_ait.py shows for each shape that the long way gives
the same signals.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from ingest.simulate.countries import countries
from ingest.simulate.draw import Bools, Ints
from ingest.simulate.eum import MODES, PROTECT_CONFIGURATIONS
from ingest.simulate.sms import MOST_PARTS, price_of
from ingest.simulate.sms_plan import NO_FEEDBACK, OTP, PROTECT_BLOCKED, RECEIVED, STATUSES, SmsPlan, plan_sms
from ingest.simulate.world import World
from lake.query.relations import Relations
from lake.query.render import Asked, Engine, render, render_reference
from tests.canonical_rows import SQL
from transforms.canonical import MESSAGES

NEVER: Final = int(np.iinfo(np.int64).max)
_RELATIONS: Final = Relations(SQL)


@dataclass(frozen=True, slots=True)
class Data:
    """What the application uses: message feedback, Protect, both or neither."""

    feedback: bool = True
    protect: bool = True


ALL_DATA: Final = Data()


@dataclass(frozen=True, slots=True)
class Planned:
    """All text messages of a history, one value each: when the first word and the last one arrived, in Unix ms."""

    plans: Sequence[SmsPlan]
    landed: Ints
    ended: Ints

    def all(self, name: str) -> Ints:
        return np.concatenate([getattr(plan, name) for plan in self.plans])

    def only(self, names: Set[str]) -> Planned:
        """The same history without the messages to other countries, as if these had never landed."""
        kept = np.isin(self.all("country"), [index for index, country in enumerate(countries()) if country.code in names])
        return Planned(self.plans, np.where(kept, self.landed, NEVER), self.ended)


def plan_history(world: World) -> Planned:
    plans = [plan_sms(world, day, shard) for day in range(world.days) for shard in range(world.shards("sms"))]
    firsts, ends = [], []
    for plan in plans:
        first, end = (np.full(len(plan.ids), NEVER) for _ in range(2))
        np.minimum.at(first, plan.event_message, plan.event_arrivals)
        last = plan.event_status == plan.final[plan.event_message]
        np.minimum.at(end, plan.event_message[last], plan.event_arrivals[last])
        firsts.append(first)
        ends.append(end)
    return Planned(plans, np.concatenate(firsts), np.concatenate(ends))


def ask(
    planned: Planned, now_ms: int, name: str, days: tuple[date, date], data: Data = ALL_DATA, where: str = "TRUE"
) -> list[dict[str, Any]]:
    """Rows of a relation over these days, as they stand at that moment: made of what had landed by then."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("messages_stored", _messages(planned, now_ms, data))
    for reference in ("ait_thresholds", "ait_allow_list"):
        connection.execute(f"CREATE VIEW {reference} AS {render_reference(SQL, reference)}")
    connection.execute(f"CREATE VIEW messages AS {render(_RELATIONS['messages'], Engine.DUCKDB, Asked(now))}")
    query = render(_RELATIONS[name], Engine.DUCKDB, Asked(now, *days))
    rows: list[dict[str, Any]] = connection.sql(query).filter(where).to_arrow_table().to_pylist()
    connection.close()
    return rows


def _messages(planned: Planned, now_ms: int, data: Data) -> pa.Table:
    here = planned.landed < now_ms
    country, use_case = planned.all("country")[here], planned.all("use_case")[here]
    requested = _times(planned.all("requested")[here])
    number_range = planned.all("number_range")[here]
    given = np.where(planned.all("feedback_arrivals") < now_ms, planned.all("feedback"), NO_FEEDBACK)[here]
    given_at = planned.all("feedback_at")[here]
    is_otp, mode = use_case == OTP, planned.all("mode")[here]
    charged = np.where(planned.all("final") == PROTECT_BLOCKED, 0, planned.all("parts"))[here]
    price, fee = _charges()
    outcomes = [*(status.outcome or "pending" for status in STATUSES), "pending"]
    has_ended = planned.ended[here] < now_ms
    columns = {
        "message_key": pa.array(planned.all("ids")[here]).cast(pa.string()),
        "message_time": requested,
        "requested_at": requested,
        "channel": _words(["sms"], np.zeros(len(country), dtype=np.int64)),
        "direction": _words(["outbound"], np.zeros(len(country), dtype=np.int64)),
        "outcome": _words(outcomes, np.where(has_ended, planned.all("final")[here], len(STATUSES))),
        "originator": _words(["Novashop"], np.zeros(len(country), dtype=np.int64)),
        "recipient_id": pa.array(number_range * 10_000 + planned.all("last_digits")[here]).cast(pa.string()),
        "recipient_country": _words([c.code for c in countries()], country),
        "number_range": _words(planned.plans[0].ranges.tolist(), number_range),
        "message_price_usd": price.take(pa.array(country * (MOST_PARTS + 1) + charged)),
        "carrier_fee_usd": fee.take(pa.array(country * (MOST_PARTS + 1) + charged)),
    }
    if data.protect:
        is_assessed = (mode == MODES.index("MONITOR")) | (mode == MODES.index("FILTER"))
        columns |= {
            "protect_configuration_id": _words(PROTECT_CONFIGURATIONS, is_otp.astype(np.int64)),
            "protect_mode": _words([word.lower() for word in MODES], mode),
            "protect_recommendation": _words(["allow", "block"], planned.all("flagged")[here].astype(np.int64), is_assessed),
        }
    if data.feedback:
        columns |= {
            "feedback_expected": pa.array(is_otp | (given != NO_FEEDBACK)),
            "feedback_status": _words(["received", "failed"], (given != RECEIVED).astype(np.int64), given != NO_FEEDBACK),
            "feedback_at": _times(given_at, given != NO_FEEDBACK),
        }
    else:
        columns["feedback_expected"] = pa.array(np.zeros(len(country), dtype=bool))
    arrays = [columns.get(column.name, pa.nulls(len(country), column.type)).cast(column.type) for column in MESSAGES.columns]
    return pa.table(arrays, names=list(MESSAGES.names))


def _times(at: Ints, known: Bools | None = None) -> pa.Array:
    return pa.array(np.where(at == NEVER, 0, at) * 1000, mask=None if known is None else ~known).cast(pa.timestamp("us", "UTC"))


def _words(words: Sequence[str], codes: Ints, known: Bools | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=None if known is None else ~known), pa.array(words)).dictionary_decode()


def _charges() -> tuple[pa.Array, pa.Array]:
    pairs = [price_of(country, parts) for country in range(len(countries())) for parts in range(MOST_PARTS + 1)]
    type_ = MESSAGES.column("message_price_usd").type
    return pa.array([price for price, _ in pairs]).cast(type_), pa.array([fee for _, fee in pairs]).cast(type_)
