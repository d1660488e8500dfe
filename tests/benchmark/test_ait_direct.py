"""The short way of the AIT benchmark is as good as the long one: simulated, ingested and queried, a history gives the same signals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from engagedb.settings import Settings
from ingest.run import ingest
from ingest.simulate.simulate import simulate
from ingest.simulate.world import World
from lake.catalog import Lake
from lake.keyring import require_keyring
from lake.query.session import Session
from tests.benchmark.ait.direct import ask, plan_history
from tests.benchmark.ait.measure import ATTACKS, LOOK_ALIKES, measure_attacks, measure_look_alikes
from tests.benchmark.ait.report import BEGIN, END, put_between

START = date(2026, 1, 5)
LASTING = 8
EVENTS = 9_000
SEED = 1_000


def long_way(folder: Path) -> Session:
    """A lake with the text messages and feedback of the history."""
    summary = simulate(folder / "landing", start=START, days=LASTING, events=EVENTS, seed=SEED, scenarios=(*ATTACKS, *LOOK_ALIKES))
    settings = Settings(lake=str(folder / "lake"), pseudonym_key=SecretStr("5a" * 32))
    keyring = require_keyring(settings, settings.lake)
    objects = [str(path) for stream in ("eum-", "feedback-") for path in sorted((folder / "landing").rglob(f"{stream}*"))]
    lake = Lake.create(settings, keyring)
    ingest(lake, keyring, objects, settings, clock=lambda: datetime.now(UTC), progress=lambda size: lambda done, records: None)
    return Session.open(settings, datetime.fromisoformat(summary.truth["as_of"]))


def rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()} for row in rows]


def test_the_short_way_gives_the_signals_and_scores_of_the_long_way(tmp_path: Path) -> None:
    session = long_way(tmp_path)
    world = World(START, LASTING, EVENTS, SEED, tuple(sorted((*ATTACKS, *LOOK_ALIKES))))
    planned = plan_history(world)
    for name in ("ait_signals_v1", "ait_scores_v1"):
        days = (START, START + timedelta(LASTING - 1))
        expected = session.mart(name, channel="sms", since=days[0], until=days[1]).to_arrow_table().to_pylist()
        found = ask(planned, world.end_ms, name, days)
        assert len(found) == len(expected) > 1_000
        assert rounded(found) == rounded(expected)
    ranges = planned.plans[0].ranges
    suspects = {(row["recipient_country"], row["number_range"]) for row in found if row["is_suspect"]}
    for shape in ATTACKS:  # every shape is among them, so that no shape's way is compared on nothing
        mine = [world.surges.index(surge) for surge in world.effects[shape] if getattr(surge, "is_attack", False)]
        hit = {str(name) for plan in planned.plans for name in ranges[plan.number_range[[s in mine for s in plan.surge.tolist()]]]}
        assert hit & {number_range for _, number_range in suspects}, shape
    session.close()


def test_a_seed_is_measured_the_same_twice() -> None:
    first, again = measure_attacks(1_001), measure_attacks(1_001)
    assert first == again
    assert all(first[shape].attacked for shape in ATTACKS)
    assert measure_look_alikes(1_001) == measure_look_alikes(1_001)


def test_measured_tables_replace_only_what_stands_between_their_marks() -> None:
    page = f"before\n{BEGIN}old\n{END}after\n"
    assert put_between(put_between(page, "new\n"), "newer\n") == f"before\n{BEGIN}newer\n{END}after\n"
