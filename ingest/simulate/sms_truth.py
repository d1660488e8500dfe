"""What the SMS of one day add to the truth: by country the outcomes, money, protect verdicts and feedback."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import UUID, Bools, Ints, uuid_fields
from ingest.simulate.rhythm import HOUR_MS
from ingest.simulate.sms_plan import FAILED, NO_FEEDBACK, OTP, PROTECT_BLOCKED, RECEIVED, STATUSES, SmsPlan
from ingest.simulate.truth import Truth
from ingest.simulate.world import World

_OUTCOMES: Final = [status.outcome or "pending" for status in STATUSES]


def count_sms(truth: Truth, world: World, plan: SmsPlan) -> None:
    landed = truth.landed(plan.event_arrivals)
    truth.add_words("events/sms", [s.event_type for s in STATUSES], plan.event_status[landed])

    seen = np.zeros(len(plan.ids), dtype=bool)
    seen[plan.event_message[landed]] = True
    outcome = np.zeros(len(plan.ids), dtype=np.int64)  # status 0 is not final: pending
    for status in (code for code, s in enumerate(STATUSES) if s.is_final):
        outcome[plan.event_message[landed & (plan.event_status == status)]] = status
    given = np.where(truth.landed(plan.feedback_arrivals), plan.feedback, NO_FEEDBACK)
    truth.add("messages/sms/outbound", int(seen.sum()))
    truth.add("messages/none/outbound", int((~seen & (given != NO_FEEDBACK)).sum()))
    _count_countries(truth, world, plan, seen, outcome, given)
    _count_scenarios(truth, world, plan, seen, outcome)


def _count_countries(truth: Truth, world: World, plan: SmsPlan, seen: Bools, outcome: Ints, given: Ints) -> None:
    expected = seen & (plan.use_case == OTP)
    state = np.where(given == RECEIVED, 0, np.where(given == FAILED, 1, np.where(plan.requested + HOUR_MS < world.end_ms, 2, 3)))
    late = expected & (given != NO_FEEDBACK) & (plan.feedback_at > plan.requested + HOUR_MS)
    for index in np.unique(plan.country[seen]).tolist():
        here = seen & (plan.country == index)
        path = f"sms/countries/{countries()[index].code}"
        truth.add(f"{path}/messages", int(here.sum()))
        truth.add_words(f"{path}/outcomes", _OUTCOMES, outcome[here])
        truth.add(f"{path}/protect_blocked", int((here & (outcome == PROTECT_BLOCKED)).sum()))
        truth.add(f"{path}/recommended_to_block", int((here & plan.flagged).sum()))
        truth.add(f"{path}/feedback/expected", int((here & expected).sum()))
        truth.add_words(f"{path}/feedback", ("received", "failed", "silent", "pending"), state[here & expected])
        truth.add(f"{path}/feedback/late", int((here & late).sum()))
        _count_money(truth, path, plan, here & (plan.final != PROTECT_BLOCKED), index)


def _count_money(truth: Truth, path: str, plan: SmsPlan, paid: Bools, country: int) -> None:
    entry = countries()[country]
    segments = int(plan.parts[paid].sum())
    exposed = int(plan.parts[paid & plan.flagged].sum())
    truth.add_usd(f"{path}/message_price_usd", entry.price_usd * segments)
    truth.add_usd(f"{path}/carrier_fee_usd", entry.carrier_fee_usd * segments)
    truth.add_usd(f"{path}/exposure_usd", (entry.price_usd + entry.carrier_fee_usd) * exposed)


def _count_scenarios(truth: Truth, world: World, plan: SmsPlan, seen: Bools, outcome: Ints) -> None:
    """The messages of each surge by hour and range, the ids of those that attack, and the messages that each outage and silence touched."""
    for index, surge in enumerate(world.surges):
        here = seen & (plan.surge == index)
        for number_range in np.unique(plan.number_range[here]).tolist() if surge.number_range else [None]:
            there = here if number_range is None else here & (plan.number_range == number_range)
            name = "" if number_range is None else plan.ranges[number_range]
            for hour, count in zip(*np.unique(plan.requested[there] // HOUR_MS * HOUR_MS, return_counts=True), strict=True):
                truth.add(f"cells/{index}/{int(hour)}/{name}", int(count))
        if surge.is_attack:
            for fields in zip(*(field.tolist() for field in uuid_fields(plan.ids[here])), strict=True):
                truth.add(f"attacking/{index}/{UUID % fields}", 1)
        entry = next(c for c in countries() if c.code == surge.country)
        paid = here & (plan.final != PROTECT_BLOCKED)
        truth.add_usd(f"cell_usd/{index}", (entry.price_usd + entry.carrier_fee_usd) * int(plan.parts[paid].sum()))
    for index, silence in enumerate(world.silences):
        here = seen & (plan.use_case == OTP) & (plan.requested >= silence.starts_at) & (plan.requested < silence.ends_at)
        truth.add(f"silenced/{index}", int(here.sum()))
    for index, outage in enumerate(world.outages):
        code = next(i for i, c in enumerate(countries()) if c.code == outage.country)
        carrier = [c.name for c in countries()[code].carriers].index(outage.carrier)
        during = (plan.requested >= outage.starts_at) & (plan.requested < outage.ends_at)
        here = seen & during & (plan.country == code) & (plan.carrier == carrier)
        truth.add(f"outages/{index}/messages", int(here.sum()))
        truth.add_words(f"outages/{index}/outcomes", _OUTCOMES, outcome[here])
