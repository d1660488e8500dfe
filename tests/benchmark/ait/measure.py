"""What the AIT detector finds in simulated histories, against their labels.

Each seed makes two histories of three weeks: one with an attack of every shape, one with every look-alike. A cell, that is
an hour (for a slow drip a day), country and number range, is attacked when it holds at least ten attack messages; a
suspect cell with fewer of them counts neither for nor against the detector, and one without any is a false alert.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import generator
from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Surge
from ingest.simulate.world import World
from tests.benchmark.ait.direct import ALL_DATA, Data, Planned, ask, plan_history

ATTACKS: Final = ("burst", "drip", "many_countries", "sequential", "masked_by_campaign", "masked_by_failures")
LOOK_ALIKES: Final = ("launch", "retries", "new_market", "holiday")
DRIP: Final = "drip"
START: Final = date(2026, 1, 5)
DAYS: Final = 21
JUDGED: Final = (START + timedelta(14), START + timedelta(DAYS - 1))  # the last third, in which scenarios take place
LEAST_ATTACK: Final = 10
MARK_MS: Final = HOUR_MS // 2  # how often somebody looks, to tell the time to detection
MARKS: Final = 8
DRIP_MARK_MS: Final = 6 * HOUR_MS
DRIP_MARKS: Final = 12

LARGE: Final = frozenset(("US", "GB", "IN"))

Cell = tuple[int, str, str]  # start of the hour or day in Unix ms, country, number range


@dataclass(frozen=True, slots=True)
class Alert:
    """One suspect hour, or one suspect day of a slow drip with the money of its hours."""

    cell: Cell
    scale: str
    usd: float


@dataclass(slots=True)
class Found:
    """Counts of one shape: attacked cells, those found, and alerts by what they hold; `hours` to detection, None when not in time."""

    attacked: int = 0
    found: int = 0
    right: int = 0
    wrong: int = 0
    uncounted: int = 0
    usd: list[float] = field(default_factory=list)
    hours: list[float | None] = field(default_factory=list)


def world_of(seed: int, scenarios: tuple[str, ...]) -> World:
    """A history of 2,000 to 25,000 text messages a day."""
    per_day = float(np.exp(generator(seed, "volume").uniform(np.log(2_000), np.log(25_000))))
    return World(START, DAYS, round(per_day * DAYS / 0.168), seed, scenarios)


def measure_attacks(seed: int, data: Data = ALL_DATA, *, timed: bool = False) -> dict[str, Found]:
    """What is found of each shape; false alerts count for the shape that attacks the same country on the same day, else for `ordinary`."""
    world = world_of(seed, ATTACKS)
    planned = plan_history(world)
    hours, days = _labels(world, planned, HOUR_MS), _labels(world, planned, DAY_MS)
    suspects = _suspects(planned, world.end_ms, JUDGED, data)
    alerts = list(_alerts(suspects))
    found: dict[str, Found] = {shape: Found() for shape in (*ATTACKS, "ordinary")}
    hit_hours = {cell for row in suspects if (cell := _cell(row))}
    hit_days = {_day(cell) for cell in hit_hours}
    for shape in ATTACKS:
        wanted = (days if shape == DRIP else hours)[shape]
        cells = {cell for cell, count in wanted.items() if count >= LEAST_ATTACK}
        found[shape].attacked = len(cells)
        found[shape].found = len(cells & (hit_days if shape == DRIP else hit_hours))
    for alert in alerts:
        labels = days if alert.scale == "day" else hours
        counts = {shape: labels[shape].get(alert.cell, 0) for shape in ATTACKS}
        shape = max(counts, key=lambda name: counts[name])
        if counts[shape] == 0:
            found[_near(alert, days)].wrong += 1
        elif counts[shape] < LEAST_ATTACK:
            found[shape].uncounted += 1
        else:
            found[shape].right += 1
            found[shape].usd.append(alert.usd)
    if timed:
        _time(world, planned, data, found)
    return found


def measure_look_alikes(seed: int, data: Data = ALL_DATA) -> tuple[Counter[str], Counter[str]]:
    """Per look-alike, and for `ordinary` traffic, the false alerts, and the cells of ten messages or more that gave no alert or one."""
    world = world_of(seed, LOOK_ALIKES)
    planned = plan_history(world)
    rows = ask(planned, world.end_ms, "ait_scores_v1", JUDGED, data, f"is_suspect OR messages >= {LEAST_ATTACK}")
    wrong: Counter[str] = Counter()
    cells: Counter[str] = Counter()
    for row in rows:
        at, country, _ = _cell(row)
        name = _crowd(world, at, country)
        cells[name] += row["messages"] >= LEAST_ATTACK
    for alert in _alerts([row for row in rows if row["is_suspect"]]):
        wrong[_crowd(world, alert.cell[0], alert.cell[1], DAY_MS if alert.scale == "day" else HOUR_MS)] += 1
    return wrong, cells


def _labels(world: World, planned: Planned, unit_ms: int) -> dict[str, Counter[Cell]]:
    """Attack messages per shape and cell of that many milliseconds."""
    surge, requested = planned.all("surge"), planned.all("requested")
    country, number_range = planned.all("country"), planned.all("number_range")
    ranges = planned.plans[0].ranges
    labels = {}
    for shape in ATTACKS:
        indexes = [world.surges.index(effect) for effect in world.effects[shape] if isinstance(effect, Surge) and effect.is_attack]
        here = np.isin(surge, indexes) & (planned.landed < world.end_ms)
        codes = [countries()[index].code for index in country[here].tolist()]
        starts = (requested[here] // unit_ms * unit_ms).tolist()
        labels[shape] = Counter(zip(starts, codes, ranges[number_range[here]].tolist(), strict=True))
    return labels


def _suspects(planned: Planned, now_ms: int, days: tuple[date, date], data: Data) -> list[dict[str, Any]]:
    return ask(planned, now_ms, "ait_scores_v1", days, data, "is_suspect")


def _cell(row: Mapping[str, Any]) -> Cell:
    return int(row["hour"].timestamp() * 1000), row["recipient_country"], row["number_range"]


def _day(cell: Cell) -> Cell:
    return cell[0] // DAY_MS * DAY_MS, cell[1], cell[2]


def _alerts(suspects: list[dict[str, Any]]) -> Iterator[Alert]:
    """One alert per suspect hour, and one per slow drip and day."""
    money: Counter[tuple[Cell, str]] = Counter()
    for row in suspects:
        cell = _cell(row)
        money[_day(cell) if row["scale"] == "day" else cell, row["scale"]] += row["exposure_usd"] or 0
    yield from (Alert(cell, scale, float(usd)) for (cell, scale), usd in money.items())


def _near(alert: Alert, days: Mapping[str, Counter[Cell]]) -> str:
    """The shape that attacks the alert's country on its day, else `ordinary`."""
    at, country, _ = _day(alert.cell)
    return next((shape for shape in ATTACKS if any(cell[:2] == (at, country) for cell in days[shape])), "ordinary")


def _crowd(world: World, at: int, country: str, lasts_ms: int = HOUR_MS) -> str:
    """The look-alike that touches the country at that time, else `ordinary`."""
    for name in LOOK_ALIKES:
        for effect in world.effects[name]:
            if isinstance(effect, Surge) and effect.country == country and effect.starts_at < at + lasts_ms and at < effect.ends_at:
                return name
    return "ordinary"


def _time(world: World, planned: Planned, data: Data, found: Mapping[str, Found]) -> None:
    """Adds for each attack how many hours after its first message somebody who looks regularly sees a suspect cell of it.

    To be quick it looks at the attacked countries and three large ones: a country's signals depend on others only in whether
    the day is one on which nobody reports feedback.
    """
    for shape in ATTACKS:
        attacks = [effect for effect in world.effects[shape] if isinstance(effect, Surge) and effect.is_attack]
        here = planned.only({attack.country for attack in attacks} | LARGE)
        step, marks = (DRIP_MARK_MS, DRIP_MARKS) if shape == DRIP else (MARK_MS, MARKS)
        seen: dict[int, set[Cell]] = {}
        found[shape].hours += [_time_one(world, here, data, attack, range(step, step * marks + 1, step), seen) for attack in attacks]


def _time_one(world: World, planned: Planned, data: Data, attack: Surge, marks: range, seen: dict[int, set[Cell]]) -> float | None:
    mine = planned.all("surge") == world.surges.index(attack)
    requested, codes = planned.all("requested")[mine], planned.all("number_range")[mine]
    began = int(requested.min())
    ranges = planned.plans[0].ranges
    cells = {
        (at, attack.country, ranges[code]) for at, code in set(zip((requested // HOUR_MS * HOUR_MS).tolist(), codes.tolist(), strict=True))
    }
    for after in marks:
        mark = began // marks.step * marks.step + after
        if mark not in seen:
            first, last = (datetime.fromtimestamp(at / 1000, UTC).date() for at in (mark - DAY_MS // 2, mark - 1))
            seen[mark] = {_cell(row) for row in _suspects(planned, mark, (first, last), data)}
        if cells & seen[mark]:
            return (mark - began) / HOUR_MS
    return None
