"""Equal parameters make equal bytes; and the history is as irregular as a real one."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagedb.errors import ConfigurationError
from ingest.simulate import simulate as module
from ingest.simulate.countries import country_index
from ingest.simulate.scenarios import scenario_names
from ingest.simulate.simulate import simulate
from ingest.simulate.sms_plan import plan_sms
from ingest.simulate.world import World
from tests.ingest.simulate.landing import History, sms_messages

ROOT = Path(__file__).resolve().parents[3]


def digest(folder: Path) -> str:
    """Of every file's name and content below the folder, and of the truth beside it."""
    total = hashlib.sha256(folder.with_name(f"{folder.name}.truth.json").read_bytes())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(0, 2**40), days=st.integers(1, 3), events=st.integers(1, 500),
    scenarios=st.permutations(scenario_names()).flatmap(lambda names: st.integers(0, len(names)).map(lambda n: names[:n])),
)  # fmt: skip
def test_the_same_parameters_give_the_same_bytes(seed: int, days: int, events: int, scenarios: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        once, again, other = (Path(folder) / name / "landing" for name in ("once", "again", "other"))
        for out, key, names in ((once, seed, scenarios), (again, seed, scenarios[::-1] + scenarios), (other, seed + 1, scenarios)):
            simulate(out, days=days, events=events, seed=key, scenarios=names)
        assert digest(once) == digest(again) != digest(other)


def test_the_number_of_processes_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WORTH_PROCESSES", 0)
    for workers in (1, 3):
        simulate(tmp_path / str(workers) / "landing", days=6, events=2_000, seed=1, scenarios=("pumping",), workers=workers)
    assert digest(tmp_path / "1" / "landing") == digest(tmp_path / "3" / "landing")


def test_neither_hash_seed_nor_time_zone_nor_locale_change_anything(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ingest.simulate.simulate import simulate;"
        "simulate(Path(sys.argv[1]), days=1, events=1500, seed=9, scenarios=('outage', 'pumping'))"
    )
    for name, zone in (("1", "Asia/Tokyo"), ("2", "America/Bogota")):
        environment = {**os.environ, "PYTHONHASHSEED": name, "TZ": zone, "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / name / "landing")], check=True, env=environment)
    assert digest(tmp_path / "1" / "landing") == digest(tmp_path / "2" / "landing")


def test_about_as_many_events_as_asked_for(history: History) -> None:
    asked = history.truth["parameters"]["events"]
    assert 0.94 * asked < history.truth["rows"]["events"] < 1.08 * asked


def test_receipts_come_late_but_never_after_three_days(history: History) -> None:
    waits = [e["eventTimestamp"] - e["messageRequestTimestamp"] for events in sms_messages(history).values() for e in events]
    assert max(waits) > 24 * 3_600_000
    assert max(waits) <= 72 * 3_600_000
    assert min(waits) > 0


def test_records_do_not_arrive_in_the_order_in_which_things_happened(history: History) -> None:
    texts = [r.payload for r in history.records if r.payload and str(r.payload.get("eventType")).startswith("TEXT_")]
    times = [payload["eventTimestamp"] for payload in texts if isinstance(payload["eventTimestamp"], int)]
    backward = sum(later < earlier for earlier, later in pairwise(times))
    assert backward > len(times) // 20


def test_more_than_forty_countries_get_messages(history: History) -> None:
    assert len(history.truth["sms"]["countries"]) > 40


def test_weekends_are_quiet_for_mail() -> None:
    world = World(date(2026, 1, 5), 7, 100_000, 2)  # starts on a Monday
    daily = [world.messages("email", day, 0) for day in range(7)]
    assert max(daily[5:]) < min(daily[:5])


def test_people_sleep_at_night() -> None:
    plan = plan_sms(World(date(2026, 1, 5), 7, 400_000, 2), 1, 0)
    utc_hour = plan.requested // 3_600_000 % 24
    tokyo, madrid = (utc_hour[plan.country == country_index(code)] for code in ("JP", "ES"))
    assert ((tokyo >= 16) & (tokyo < 20)).mean() < 0.05 < ((tokyo >= 0) & (tokyo < 4)).mean()
    assert ((madrid >= 0) & (madrid < 4)).mean() < 0.05 < ((madrid >= 8) & (madrid < 12)).mean()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"days": 0, "events": 10}, "at least one day"),
        ({"days": 1, "events": 0}, "at least one day"),
        ({"days": 1, "events": 10, "start": date(1900, 1, 1)}, "1971"),
        ({"days": 1, "events": 10, "scenarios": ("flood",)}, "pumping"),
    ],
)
def test_senseless_parameters_are_refused_with_what_to_do(tmp_path: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        simulate(tmp_path / "landing", seed=1, **arguments)


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="already holds"):
        simulate(tmp_path, days=1, events=10, seed=1)


def test_the_truth_never_lies_in_the_landing_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="landing folder"):
        simulate(tmp_path / "landing", days=1, events=10, seed=1, truth_path=tmp_path / "landing" / "truth.json")
