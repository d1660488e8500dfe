"""Lakes as kills may find them, made once; each kill gets a copy of its own.

empty     nothing in it
most      all landing objects but every 25th, in many commits, half of them taken in ten days ago
letters   all objects, but the records of one source in every 25th are open dead letters: its template was missing
worn      all objects and many small files, messages that wait to be joined, days that retention takes, orphans of kills
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc

from engagedb.settings import Settings, data_folder
from ingest.simulate.simulate import DEFAULT_START
from lake.catalog import Lake
from lake.datafiles import newest_files, read_files
from lake.maintenance.maintain import READERS
from lake.maintenance.sweep import SAFETY_AGE
from tests.torture.disk import copy_lake
from tests.torture.ingester import KEYRING, Death, Errand, ingest_here, now
from tests.torture.landing import DAYS, land, objects_below
from transforms.canonical import EVENTS

MISSING: Final = "ses"  # the source whose template was missing
OLD: Final = timedelta(days=60)  # before the landing folder begins
LATE: Final = timedelta(days=60)  # after its messages: too late for the fold to find them
LATE_FEEDBACKS: Final = 20
TAKEN_IN: Final = timedelta(days=10)
COMMITS: Final = 10  # that the landing folder would be taken in with; the operations make smaller ones
OPERATED: Final = 60
FEWEST: Final = 10  # records in a commit
EVERY: Final = 25


@dataclass(frozen=True)
class Scenes:
    """Where the lakes are and what they were made of. `later` is maintenance's now: what the scenes superseded may go by then,
    and what a killed operation superseded may not, for readers are there. `persons` are known by events and by dead letters."""

    place: Path
    landing: Path
    events: int
    later: datetime
    persons: tuple[str, ...] = ()

    def copy(self, scene: str, name: str) -> Settings:
        """A fresh copy of the scene's lake."""
        copy_lake(self.place / scene, self.place / name)
        return self.settings(name)

    def settings(self, name: str) -> Settings:
        return self.settings_of(name, OPERATED)

    def settings_of(self, name: str, commits: int) -> Settings:
        return Settings(lake=str(self.place / name), batch_records=max(FEWEST, self.events // commits))


def make_scenes(place: Path, events: int, wanted: Collection[str]) -> Scenes:
    """The wanted scenes below `place`; scenes and landing folders of the same size that are there are used again."""
    landing = land(place, f"landing-{events}", events, DEFAULT_START, days=DAYS)
    scenes = Scenes(place / f"scenes-{events}", landing, events, now())
    done = scenes.place / "done.json"
    if done.exists():
        made = json.loads(done.read_text())
        if set(wanted) <= set(made["scenes"]):
            return replace(scenes, later=datetime.fromisoformat(made["later"]), persons=tuple(made["persons"]))
    shutil.rmtree(scenes.place, ignore_errors=True)
    scenes.place.mkdir()
    Lake.create(scenes.settings("empty"), KEYRING)
    objects = objects_below(landing)
    rest = set(objects[::EVERY])
    if set(wanted) - {"empty"}:
        _make_most(scenes, [path for path in objects if path not in rest])
    if "letters" in wanted:
        _make_letters(scenes)
    if "worn" in wanted:
        _make_worn(scenes)
    persons = _persons(scenes) if {"letters", "worn"} <= set(wanted) else ()
    _age(scenes.place)
    scenes = replace(scenes, later=now() + READERS + timedelta(seconds=1), persons=persons)
    done.write_text(json.dumps({"scenes": sorted(wanted), "later": scenes.later.isoformat(), "persons": persons}))
    return scenes


def _make_most(scenes: Scenes, objects: Sequence[str]) -> None:
    scenes.copy("empty", "most")
    settings = scenes.settings_of("most", COMMITS)
    half = len(objects) // 2
    ingest_here(Errand(settings, objects[:half]), clock=_days_ago)
    ingest_here(Errand(settings, objects[half:]))


def _make_letters(scenes: Scenes) -> None:
    settings = scenes.copy("most", "letters")
    templates = scenes.place / "templates"
    shutil.copytree(data_folder("templates"), templates, ignore=lambda folder, names: [MISSING] if MISSING in names else [])
    ingest_here(Errand(settings.model_copy(update={"templates": str(templates)}), [str(scenes.landing)]))


def _make_worn(scenes: Scenes) -> None:
    settings = scenes.copy("most", "worn")
    old = land(scenes.place.parent, f"old-{scenes.events}", max(40, scenes.events // 50), DEFAULT_START - OLD, days=1)
    few = scenes.settings_of("worn", 4 * OPERATED)
    for point in ("events_written", "messages_written"):
        Errand(few, [str(scenes.landing)], Death(point)).start().join()
    with patch("lake.compact.MOST_FILES", 10_000):
        ingest_here(Errand(scenes.settings_of("worn", COMMITS), [str(old)]), clock=_days_ago)
        ingest_here(Errand(few, [str(scenes.landing)]))
        ingest_here(Errand(few, [str(_late_feedback(scenes, settings))]))


def _age(place: Path) -> None:
    """As if the files were older by what the sweep waits beyond the time that readers have."""
    written_at = (now() - SAFETY_AGE + READERS).timestamp()
    for path in place.rglob("*"):
        if path.is_file():
            os.utime(path, (written_at, written_at))


def _persons(scenes: Scenes) -> tuple[str, ...]:
    """Who has most events by phone, and who has most e-mail in the dead letters of the scene `letters`."""
    phone, whole = Counter[str](), Counter[str]()
    for name, count in (("letters", phone), ("worn", whole)):
        events = _events(scenes.settings(name))
        landed = events.filter(pc.starts_with(events.column("source_object"), str(scenes.landing)))
        count.update(landed.column("recipient_id").drop_null().to_pylist())
    in_letters = whole - phone
    phones, addresses = (
        {name: found[name] for name in found if name.startswith(kind)} for found, kind in ((phone, "ph_"), (in_letters, "em_"))
    )
    return max(phones, key=lambda name: phones[name]), max(addresses, key=lambda name: addresses[name])


def _events(settings: Settings) -> pa.Table:
    lake = Lake.open(settings)
    return read_files(lake, EVENTS, newest_files(lake.table(EVENTS.name)))


def _late_feedback(scenes: Scenes, settings: Settings) -> Path:
    """A landing folder with feedback on some messages that comes too late for the fold to find them."""
    events = _events(settings)
    events = events.filter(pc.equal(events.column("source"), "sms"))
    folder = scenes.place / "late"
    folder.mkdir()
    at = int((datetime.combine(DEFAULT_START, datetime.min.time()) + LATE).timestamp() * 1000)
    messages = sorted(set(events.column("message_id").to_pylist()))[:LATE_FEEDBACKS]
    feedback = [{"messageFeedback": {"messageId": name, "status": "RECEIVED", "timestamp": at}} for name in messages]
    (folder / "feedback").write_text("\n".join(json.dumps(record) for record in feedback))
    return folder


def _days_ago() -> datetime:
    return now() - TAKEN_IN


def retention(scenes: Scenes) -> dict[str, int]:
    """Days to keep so that at `later` the old days go, and what was taken in ten days ago."""
    kept_from: date = DEFAULT_START - OLD / 2
    days = (scenes.later.date() - kept_from).days
    taken_in = (TAKEN_IN / 2 + READERS).days
    return {"events": days, "messages": days, "notices": days, "dead_letters": taken_in, "ingest_log": taken_in}
