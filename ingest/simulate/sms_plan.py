"""The SMS messages of one day, drawn: who gets what when, what becomes of it, and whether feedback is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.simulate.countries import countries, country_index
from ingest.simulate.draw import Bools, Ints, Shares, Words, chance, generator, pick, scatter, spread
from ingest.simulate.eum import MODES, Status
from ingest.simulate.feed import LATEST_RECEIPT_MS, arrive
from ingest.simulate.people import draw_people, phone_of
from ingest.simulate.rhythm import HOUR_MS, times_of_day
from ingest.simulate.scenarios.effects import Absence, Weakness
from ingest.simulate.surge import carriers_of, surge_people, surge_times
from ingest.simulate.world import World

USE_CASES: Final = ("otp", "order_update", "reminder", "marketing")
OTP: Final = USE_CASES.index("otp")
MARKETING: Final = USE_CASES.index("marketing")
CAMPAIGNS: Final = ("spring_sale", "loyalty_points", "new_arrivals", "win_back", "member_week")

STATUSES: Final = (
    Status("TEXT_QUEUED", "QUEUED", "Message is queued for delivery", False),
    Status("TEXT_PENDING", "PENDING", "Message is pending", False),
    Status("TEXT_SUCCESSFUL", "SUCCESSFUL", "Message has been accepted by phone carrier", False),
    Status("TEXT_REROUTED", "REROUTED", "Message takes another route", False),  # a word that no documentation knows
    Status("TEXT_DELIVERED", "DELIVERED", "Message has been accepted by phone", True, "delivered"),
    Status("TEXT_SUCCESSFUL", "SUCCESSFUL", "Message has been accepted by phone carrier", True, "accepted"),
    Status("TEXT_UNREACHABLE", "UNREACHABLE", "Phone is currently unreachable/unavailable", True, "failed"),
    Status("TEXT_CARRIER_UNREACHABLE", "CARRIER_UNREACHABLE", "Phone carrier is currently unreachable/unavailable", True, "failed"),
    Status("TEXT_INVALID", "INVALID", "Invalid phone number", True, "failed"),
    Status("TEXT_INVALID_MESSAGE", "INVALID_MESSAGE", "Invalid message content", True, "failed"),
    Status("TEXT_BLOCKED", "BLOCKED", "Phone has blocked SMS", True, "blocked"),
    Status("TEXT_CARRIER_BLOCKED", "CARRIER_BLOCKED", "Phone carrier has blocked this message", True, "blocked"),
    Status("TEXT_SPAM", "SPAM", "Blocked as spam by phone carrier", True, "blocked"),
    Status("TEXT_TTL_EXPIRED", "TTL_EXPIRED", "The delivery TTL has expired", True, "expired"),
    Status("TEXT_UNKNOWN", "UNKNOWN", "Unknown error attempting to reach phone", True, "unknown"),
    Status("TEXT_PROTECT_BLOCKED", "PROTECT_BLOCKED", "Message blocked by protect configuration", True, "blocked"),
)
_CODES: Final = {status.status: code for code, status in enumerate(STATUSES) if status.is_final}
QUEUED, PENDING, CARRIER, REROUTED = range(4)
DELIVERED, ACCEPTED, TTL_EXPIRED, UNKNOWN = (_CODES[w] for w in ("DELIVERED", "SUCCESSFUL", "TTL_EXPIRED", "UNKNOWN"))
CARRIER_UNREACHABLE, PROTECT_BLOCKED = _CODES["CARRIER_UNREACHABLE"], _CODES["PROTECT_BLOCKED"]
SILENT: Final = -1  # no receipt ever came
_FAILURES: Final = {"UNREACHABLE": 30, "CARRIER_UNREACHABLE": 12, "INVALID": 20, "INVALID_MESSAGE": 2, "BLOCKED": 8, "CARRIER_BLOCKED": 9,
                    "SPAM": 5, "TTL_EXPIRED": 8, "UNKNOWN": 6}  # fmt: skip
NO_FEEDBACK, RECEIVED, FAILED = range(3)


@dataclass(frozen=True, slots=True)
class SmsPlan:
    """One value per message, then (below) one per event. Times are Unix ms."""

    ids: Ints
    country: Ints
    carrier: Ints
    person: Ints
    number_range: Ints  # index into ranges
    ranges: Words
    last_digits: Ints
    requested: Ints
    use_case: Ints
    campaign: Ints
    parts: Ints
    flagged: Bools
    mode: Ints
    final: Ints  # index into STATUSES, or SILENT
    surge: Ints  # index into World.surges, -1 for ordinary messages
    feedback: Ints
    feedback_at: Ints
    feedback_arrivals: Ints
    event_message: Ints
    event_status: Ints
    event_at: Ints
    event_arrivals: Ints


def plan_sms(world: World, day: int, shard: int) -> SmsPlan:
    """The messages requested on that day, ordinary ones and those of the scenarios."""
    rng = generator(world.seed, "sms", day, shard)
    count = world.messages("sms", day, shard)
    country = pick(rng, world.country_weights, count)
    use_case = pick(rng, (45, 25, 8, 22), count)
    at = np.where(use_case == MARKETING, times_of_day(rng, country, True), times_of_day(rng, country, False))
    person = draw_people(rng, country, world.population)
    number_range, last_digits = phone_of(person)
    delivered = np.asarray([c.delivered for c in countries()])[country]
    feedback = np.full(count, 0.87)
    flagged = np.full(count, 0.002)
    surge = np.full(count, -1, dtype=np.int64)
    requested = world.day_ms(day) + at

    for weakness in world.weaknesses:
        delivered = np.where(_touched(weakness, country, requested), weakness.delivered, delivered)
    for absence in world.absences:
        kept = ~_touched(absence, country, requested)
        country, use_case, requested, person = country[kept], use_case[kept], requested[kept], person[kept]
        number_range, last_digits, delivered = number_range[kept], last_digits[kept], delivered[kept]
        feedback, flagged, surge = feedback[kept], flagged[kept], surge[kept]

    for index, extra in enumerate(world.surges):
        times = surge_times(world, index, extra)
        ordinals = np.flatnonzero((times >= world.day_ms(day)) & (times < world.day_ms(day + 1)))[shard :: world.shards("sms")]
        size = len(ordinals)
        where = country_index(extra.country)
        people, ranges, digits = surge_people(rng, world, index, ordinals)
        country = np.append(country, np.full(size, where, dtype=np.int64))
        use_case = np.append(use_case, np.full(size, USE_CASES.index(extra.use_case), dtype=np.int64))
        requested, person = np.append(requested, times[ordinals]), np.append(person, people)
        number_range, last_digits = np.append(number_range, ranges), np.append(last_digits, digits)
        delivered, feedback = np.append(delivered, np.full(size, extra.delivered)), np.append(feedback, np.full(size, extra.feedback))
        flagged, surge = np.append(flagged, np.full(size, extra.flagged)), np.append(surge, np.full(size, index, dtype=np.int64))

    count = len(country)
    mode = np.asarray([MODES.index(c.protect_mode) for c in countries()], dtype=np.int64)[country]
    assessed = (mode == MODES.index("MONITOR")) | (mode == MODES.index("FILTER"))
    is_flagged = chance(rng, flagged, count) & assessed
    carrier = carriers_of(person, country)
    final = _finals(rng, country, delivered)
    final = np.where((is_flagged & (mode == MODES.index("FILTER"))) | (mode == MODES.index("BLOCK")), PROTECT_BLOCKED, final)
    final, wait = _waits(rng, world, country, carrier, requested, final)
    parts = np.where(use_case == MARKETING, 1 + pick(rng, (60, 30, 10), count), 1 + pick(rng, (95, 5), count))
    given, given_at = _feedback(rng, world, use_case, requested, final, wait, feedback)
    message, status, event_at = _events(rng, requested, final, wait, parts)
    return SmsPlan(
        ids=rng.integers(1, 1 << 62, count),
        country=country, carrier=carrier, person=person, number_range=number_range,
        ranges=world.ranges, last_digits=last_digits, requested=requested,
        use_case=use_case, campaign=(day // 2 + scatter(country, 5, 2)) % len(CAMPAIGNS), parts=parts, flagged=is_flagged, mode=mode,
        final=final, surge=surge, feedback=given, feedback_at=given_at, feedback_arrivals=arrive(rng, given_at),
        event_message=message, event_status=status, event_at=event_at, event_arrivals=arrive(rng, event_at),
    )  # fmt: skip


def _touched(effect: Weakness | Absence, country: Ints, requested: Ints) -> Bools:
    touched: Bools = (country == country_index(effect.country)) & (requested >= effect.starts_at) & (requested < effect.ends_at)
    return touched


def _finals(rng: np.random.Generator, country: Ints, delivered: Shares) -> Ints:
    """What becomes of each message, by what carriers of its country report."""
    handset = np.asarray([c.receipt == "handset" for c in countries()])[country]
    failures = np.asarray([_CODES[word] for word in _FAILURES], dtype=np.int64)[pick(rng, tuple(_FAILURES.values()), len(country))]
    final = np.where(chance(rng, delivered, len(country)), np.where(handset, DELIVERED, ACCEPTED), failures)
    return np.where(chance(rng, 0.004, len(country)), SILENT, final)


def _waits(rng: np.random.Generator, world: World, country: Ints, carrier: Ints, requested: Ints, final: Ints) -> tuple[Ints, Ints]:
    """Final status and how long after the request it comes, outages taken into account."""
    count = len(country)
    wait = 1500 + spread(rng, 2_600, 0.9, count, 10 * 60_000)
    phone_off = chance(rng, 0.02, count) & ((final == DELIVERED) | (final == ACCEPTED))
    wait = np.where(phone_off, spread(rng, 3 * HOUR_MS, 1.3, count, LATEST_RECEIPT_MS), wait)
    wait = np.where(final == TTL_EXPIRED, rng.integers(4 * HOUR_MS, LATEST_RECEIPT_MS, count), wait)
    wait = np.where(final == PROTECT_BLOCKED, rng.integers(60, 400, count), wait)
    for outage in world.outages:
        where = country_index(outage.country)
        which = [c.name for c in countries()[where].carriers].index(outage.carrier)
        hit = (country == where) & (carrier == which) & (requested >= outage.starts_at) & (requested < outage.ends_at)
        hit &= final != PROTECT_BLOCKED
        fails = hit & chance(rng, outage.failed, count)
        final = np.where(fails, CARRIER_UNREACHABLE, final)
        wait = np.where(hit & ~fails, wait + (outage.ends_at - requested) + rng.integers(0, HOUR_MS, count), wait)
    # the provider gives up after 72 hours and says so; the receipt of a last segment still fits before that
    return final, np.where(final == UNKNOWN, LATEST_RECEIPT_MS, wait.clip(1, LATEST_RECEIPT_MS - 10_000))


def _feedback(
    rng: np.random.Generator, world: World, use_case: Ints, requested: Ints, final: Ints, wait: Ints, share: Shares
) -> tuple[Ints, Ints]:
    """Feedback on codes and when it is given; a code that was not typed in is mostly never reported."""
    count = len(use_case)
    arrived = (final == DELIVERED) | (final == ACCEPTED)
    draw = rng.random(count)
    given = np.where(arrived & (draw < share), RECEIVED, np.where((draw > 0.97) | (~arrived & (draw > 0.75)), FAILED, NO_FEEDBACK))
    given = np.where((use_case == OTP) & ((share > 0) | (given == RECEIVED)), given, NO_FEEDBACK)
    for silence in world.silences:
        given = np.where((requested >= silence.starts_at) & (requested < silence.ends_at), NO_FEEDBACK, given)
    delay = spread(rng, 40_000, 0.9, count, 50 * 60_000) + np.where(chance(rng, 0.008, count), HOUR_MS, 0)
    return given, requested + np.where(arrived, wait, 30_000) + delay


def _events(rng: np.random.Generator, requested: Ints, final: Ints, wait: Ints, parts: Ints) -> tuple[Ints, Ints, Ints]:
    """Message, status and time of each event."""
    count = len(requested)
    everyone = np.arange(count, dtype=np.int64)
    goes_out = final != PROTECT_BLOCKED
    delivered = final == DELIVERED
    early = (wait // 3).clip(1, 900)
    groups = (
        (goes_out & chance(rng, 0.3, count), np.full(count, QUEUED), early // 3),
        (goes_out & (chance(rng, 0.8, count) | (final == SILENT)), np.full(count, PENDING), early),
        (delivered & chance(rng, 0.35, count), np.full(count, CARRIER), (wait // 2).clip(2, 20_000)),
        (delivered & chance(rng, 0.001, count), np.full(count, REROUTED), wait - 1),
        (final != SILENT, final, wait),
        # each segment may bring a receipt of its own
        (delivered & (parts > 1) & chance(rng, 0.2, count), final, wait + rng.integers(200, 9_000, count)),
    )
    message = np.concatenate([everyone[mask] for mask, _, _ in groups])
    status = np.concatenate([code[mask] for mask, code, _ in groups]).astype(np.int64)
    after = np.concatenate([delay[mask] for mask, _, delay in groups])
    return message, status, requested[message] + after
