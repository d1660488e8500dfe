from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from ingest.simulate.scenarios import plan_scenarios, scenario_names
from ingest.simulate.scenarios.effects import Window
from ingest.simulate.sms_plan import plan_sms
from ingest.simulate.world import World
from tests.ingest.simulate.landing import History, sms_messages


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_the_pumped_cells_are_those_of_the_landing_folder(history: History) -> None:
    (attack,) = history.truth["scenarios"]["pumping"]
    hours: Counter[str] = Counter()
    for events in sms_messages(history).values():
        number, requested = events[0]["destinationPhoneNumber"], events[0]["messageRequestTimestamp"]
        if number[:-4] == attack["number_range"] and moment(attack["starts_at"]) <= requested < moment(attack["ends_at"]):
            hours[datetime.fromtimestamp(requested // 3_600_000 * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")] += 1
    labelled = {cell["hour"]: cell["messages"] for cell in attack["cells"]}
    assert set(labelled) == set(hours)
    for hour, count in labelled.items():
        assert count <= hours[hour] <= count + 3  # a customer of the country may stand in the same range
        assert count >= 10
    assert attack["is_attack"] is True


def test_pumped_codes_are_never_entered_and_mostly_flagged(history: History) -> None:
    (attack,) = history.truth["scenarios"]["pumping"]
    confirmed = {p["messageFeedback"]["messageId"] for p in history.payloads("feedback") if "messageFeedback" in p}
    hit = [e for e in sms_messages(history).items() if e[1][0]["destinationPhoneNumber"][:-4] == attack["number_range"]]
    flagged = [e[0] for _, e in hit if e[0]["protectConfigurationAssessment"]["protectRecommendation"] == "BLOCK"]
    assert sum(message in confirmed for message, _ in hit) <= 3
    assert len(flagged) > len(hit) // 3


def test_an_outage_fails_its_carrier_only_while_it_lasts() -> None:
    broken = World(date(2026, 1, 5), 5, 400_000, 3, ("outage",))
    (outage,) = broken.outages
    plan = plan_sms(broken, 3, 0)
    calm = plan_sms(World(date(2026, 1, 5), 5, 400_000, 3), 3, 0)
    during = (plan.requested >= outage.starts_at) & (plan.requested < outage.ends_at)
    changed = plan.final != calm.final
    assert changed.sum() > 60
    assert not changed[~during].any()
    assert len(np.unique(plan.carrier[changed])) == len(np.unique(plan.country[changed])) == 1


def test_on_the_silent_day_nobody_reports_feedback(history: History) -> None:
    (silence,) = history.truth["scenarios"]["silence"]
    confirmed = {p["messageFeedback"]["messageId"] for p in history.payloads("feedback") if "messageFeedback" in p}
    silenced = [m for m, e in sms_messages(history).items()
                if moment(silence["starts_at"]) <= e[0]["messageRequestTimestamp"] < moment(silence["ends_at"])
                and e[0]["context"].get("feedback") == "expected"]  # fmt: skip
    assert len(silenced) == silence["messages_expecting_feedback"] > 50
    assert not confirmed & set(silenced)


def test_every_scenario_fits_into_a_single_day() -> None:
    window = Window(start_ms=1_767_571_200_000, days=1, sms_per_day=100)
    for name, effects in plan_scenarios(scenario_names(), window, 5).items():
        for effect in effects:
            assert window.start_ms <= effect.starts_at < effect.ends_at <= window.start_ms + 86_400_000, name


def test_every_scenario_says_what_happens() -> None:
    folder = Path(plan_scenarios.__code__.co_filename).parent
    for name in scenario_names():
        assert (folder / f"{name}.py").read_text().startswith('"""'), name


def test_scenarios_ignore_the_global_random_state() -> None:
    window = Window(start_ms=0, days=7, sms_per_day=1000)
    first = plan_scenarios(["pumping"], window, 1)
    random.seed(99)
    np.random.seed(99)
    assert plan_scenarios(["pumping"], window, 1) == first != plan_scenarios(["pumping"], window, 2)
