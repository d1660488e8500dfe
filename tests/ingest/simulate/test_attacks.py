"""What the attacks and their look-alikes are, message by message; the truth names every message of an attack."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ingest.simulate.rhythm import DAY_MS, HOUR_MS
from ingest.simulate.scenarios.effects import Outage, Surge
from ingest.simulate.simulate import simulate
from ingest.simulate.sms_plan import NO_FEEDBACK, SmsPlan, plan_sms
from ingest.simulate.world import World
from tests.ingest.simulate.landing import History, read_landing, sms_messages

START = date(2026, 1, 5)
ATTACKS = ["burst", "drip", "many_countries", "masked_by_campaign", "masked_by_failures", "pumping", "sequential"]
LOOK_ALIKES = ["holiday", "launch", "new_market", "retries"]
SEEDS = range(2_000, 2_006)


def planned(scenario: str, seed: int) -> tuple[World, list[SmsPlan]]:
    world = World(START, 6, 60_000, seed, (scenario,))
    return world, [plan_sms(world, day, 0) for day in range(6)]


def of(plans: list[SmsPlan], name: str) -> np.ndarray:
    return np.concatenate([getattr(plan, name) for plan in plans])


@pytest.mark.parametrize("scenario", ATTACKS)
def test_an_attack_is_labelled_message_by_message_outside_the_landing_folder(scenario: str, tmp_path: Path) -> None:
    summary = simulate(tmp_path / "landing", start=START, days=3, events=3_000, seed=5, scenarios=[scenario])
    surges = [effect for effect in summary.truth["scenarios"][scenario] if effect["kind"] == "surge"]
    attacks = [surge for surge in surges if surge["is_attack"]]
    assert attacks
    messages = sms_messages(History(tmp_path / "landing", summary.truth, read_landing(tmp_path / "landing")))
    for attack in attacks:
        labelled = {messages[name][0]["destinationPhoneNumber"][:-4] for name in attack["message_ids"]}
        assert labelled == {cell["number_range"] for cell in attack["cells"]}
        assert len(attack["message_ids"]) == attack["messages"] == sum(cell["messages"] for cell in attack["cells"])
    assert not any(surge["message_ids"] for surge in surges if not surge["is_attack"])
    assert not list((tmp_path / "landing").rglob("*truth*"))


@pytest.mark.parametrize("scenario", LOOK_ALIKES)
def test_a_look_alike_attacks_nothing(scenario: str) -> None:
    for seed in SEEDS:
        world, _ = planned(scenario, seed)
        assert world.surges
        assert not any(surge.is_attack for surge in world.surges)


@pytest.mark.parametrize("scenario", [*ATTACKS, *LOOK_ALIKES])
def test_seeds_differ_and_each_gives_the_same_twice(scenario: str) -> None:
    first = [World(START, 21, 400_000, seed, (scenario,)).effects for seed in SEEDS]
    assert first == [World(START, 21, 400_000, seed, (scenario,)).effects for seed in SEEDS]
    assert len({str(effects) for effects in first}) == len(first)


def test_codes_of_an_attack_are_hardly_entered() -> None:
    for seed in SEEDS:
        world, plans = planned("burst", seed)
        given = of(plans, "feedback")[of(plans, "surge") == 0]
        assert (given == NO_FEEDBACK).mean() > 0.5
        assert len(given) == world.surges[0].messages


def test_sequential_numbers_count_up_through_neighbouring_ranges() -> None:
    for seed in SEEDS:
        _, plans = planned("sequential", seed)
        here = of(plans, "surge") == 0
        order = np.argsort(of(plans, "requested")[here], kind="stable")
        names = plans[0].ranges[of(plans, "number_range")[here]][order].tolist()
        used = sorted({int(name[1:]) for name in names})
        assert used == list(range(used[0], used[0] + len(used)))
        assert 2 <= len(used) <= 6
        digits = of(plans, "last_digits")[here][order]
        assert len({(name, digit) for name, digit in zip(names, digits.tolist(), strict=True)}) == len(names)
        assert digits.max() - digits.min() == (len(names) - 1) // len(used)


def test_a_drip_has_no_busy_hour_and_fills_every_day() -> None:
    for seed in SEEDS:
        _, plans = planned("drip", seed)
        requested = of(plans, "requested")[of(plans, "surge") == 0]
        assert max(Counter((requested // HOUR_MS).tolist()).values()) < 10
        assert min(Counter((requested // DAY_MS).tolist()).values()) >= 10


def test_retries_come_from_customers_of_the_carrier_that_is_down() -> None:
    world, plans = planned("retries", 2_000)
    (outage,) = (effect for effect in world.effects["retries"] if isinstance(effect, Outage))
    here = of(plans, "surge") == 0
    assert len(np.unique(of(plans, "carrier")[here])) == 1
    tries = Counter(of(plans, "person")[here].tolist())
    assert max(tries.values()) >= world.surges[0].tries > 1
    assert (of(plans, "requested")[here] < outage.ends_at).all()


def test_a_new_market_gets_no_message_before_it_opens() -> None:
    for seed in SEEDS:
        world, plans = planned("new_market", seed)
        opened = min(surge.starts_at for surge in world.surges)
        codes = {surge.country for surge in world.surges}
        (absence,) = world.absences
        assert codes == {absence.country}
        ordinary = (of(plans, "surge") < 0) & (of(plans, "requested") < opened // DAY_MS * DAY_MS)
        where = set(np.unique(of(plans, "country")[ordinary]).tolist())
        opened_there = set(np.unique(of(plans, "country")[of(plans, "surge") >= 0]).tolist())
        assert not where & opened_there


def test_where_failures_are_usual_an_attack_fails_as_often() -> None:
    world, _ = planned("masked_by_failures", 2_001)
    (weakness,) = world.weaknesses
    (attack,) = (effect for effect in world.effects["masked_by_failures"] if isinstance(effect, Surge))
    assert (attack.country, attack.delivered) == (weakness.country, weakness.delivered)
    assert weakness.delivered < 0.7
