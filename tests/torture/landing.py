"""A simulated landing folder, and the lake that nobody disturbed; made once and kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from engagedb.settings import Settings, data_folder
from ingest.simulate.simulate import DEFAULT_START, simulate
from lake.catalog import Lake
from tests.torture.ingester import KEYRING, Errand, ingest_here
from tests.torture.rows import Rows, rows_of

NOTICE: Final = data_folder("templates") / "registration" / "examples" / "without_its_envelope.json"
SPOILED: Final = 100
DAYS: Final = 3


@dataclass(frozen=True)
class Ground:
    """Landing objects, the rows they become, and where lakes can be made."""

    landing: Path
    expected: Rows
    place: Path

    def new_lake(self, name: str, batch_records: int) -> Settings:
        """An empty lake; one that had the name is removed."""
        folder = self.place / name
        shutil.rmtree(folder, ignore_errors=True)
        settings = Settings(lake=str(folder), batch_records=batch_records)
        Lake.create(settings, KEYRING)
        return settings


def prepare(place: Path, events: int, *, start: date = DEFAULT_START, days: int = DAYS) -> Ground:
    """The ground below `place`; a landing folder of the same size that is there already is used again."""
    landing = land(place, f"landing-{events}-{days}", events, start, days=days)
    ground = Ground(landing, {}, place)
    settings = ground.new_lake(f"undisturbed-{events}-{days}", batch_records=1_000_000)
    ingest_here(Errand(settings, [str(landing)]))
    return Ground(landing, rows_of(Lake.open(settings), KEYRING), place)


def land(place: Path, name: str, events: int, start: date, *, days: int) -> Path:
    """A landing folder with spoiled records in it; one that is there is used again."""
    landing = place / name
    if not landing.with_suffix(".done").exists():
        shutil.rmtree(landing, ignore_errors=True)
        simulate(landing, start=start, days=days, events=events, seed=11, scenarios=(), truth_path=place / f"truth-{name}.json", workers=1)
        _spoil(landing)
        landing.with_suffix(".done").touch()
    return landing


def objects_below(landing: Path) -> list[str]:
    """The landing objects in the order in which an ingest reads them."""
    return sorted(str(path) for path in landing.rglob("*") if path.is_file())


def _spoil(landing: Path) -> None:
    """Puts records that nothing can be made of, and a notice, between the objects, so that every batch has work for every table."""
    objects = [Path(path) for path in objects_below(landing)]
    for number, path in enumerate(objects[:: max(1, len(objects) // SPOILED)]):
        registration = json.loads(NOTICE.read_text())
        registration["registrationDetails"]["registrationVersionNumber"] = number
        path.with_name(path.name + "-spoiled").write_text(f"no record {number}\n" + json.dumps(registration) + "\n")
