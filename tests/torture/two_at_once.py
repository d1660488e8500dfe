"""Two programs that change one lake at the same time: `python -m tests.torture.two_at_once` prints what became of each pair.

Pairs: two ingests of the same objects, an ingest beside maintenance, beside a backfill, two replays; in a folder and in
a bucket; with the lease and with it broken. Without the lease both wait for each other before their first commit, so
that one must lose it. Exit code 1 when a row is lost or doubled, a reader complains, or somebody ends otherwise than
well or with the sentence that tells to run again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from engagedb.settings import Settings
from ingest.simulate.simulate import DEFAULT_START
from lake.catalog import Lake
from lake.dead_letters import find_dead_letters
from tests.torture.ingester import KEYRING, Errand, ingest_here, now
from tests.torture.landing import DAYS, Ground, prepare
from tests.torture.reader import watching
from tests.torture.rivals import Backfill, Ingest, Maintain, Outcome, Replay, Rival, race
from tests.torture.rows import complaint_of_reader, difference, rows_of
from tests.torture.servers import moto_server, reach
from transforms.canonical import DEAD_LETTERS, EVENTS, MESSAGES, NOTICES, Table
from transforms.vocabulary import DeadLetterStatus

GIVES_UP: Final = "Run again: nothing is lost or doubled."
PLACES: Final = ("folder", "bucket")


@dataclass(frozen=True)
class Contest:
    """What two rivals did to a lake; the rows are counted after a last run that nobody disturbed."""

    outcomes: list[Outcome]
    lost: int
    doubled: int
    looks: int
    complaints: list[str]

    @property
    def refused(self) -> int:
        return sum(outcome.refused for outcome in self.outcomes)

    @property
    def gave_up(self) -> int:
        return sum(outcome.gave_up is not None for outcome in self.outcomes)


@dataclass(frozen=True)
class Pair:
    """What fills the lake and gives the rivals, the errand of the last run, and the tables that must be those of the undisturbed lake."""

    rivals: Callable[[Ground, Settings], tuple[Rival, Rival]]
    replays: bool = False
    tables: tuple[Table, ...] = (EVENTS, MESSAGES, NOTICES, DEAD_LETTERS)


def _two_ingests(ground: Ground, settings: Settings) -> tuple[Rival, Rival]:
    rival = Rival(Ingest([str(ground.landing)]), "events_written")
    return rival, rival


def _ingest_and_maintain(ground: Ground, settings: Settings) -> tuple[Rival, Rival]:
    """Half of the objects are there in small files; whatever maintenance finds is as old as it needs to be."""
    second = _ingest_half(ground, settings, commits=5)
    return Rival(Ingest(second), "events_written"), Rival(Maintain(now(), times=2), "events_merged")


def _ingest_and_backfill(ground: Ground, settings: Settings) -> tuple[Rival, Rival]:
    """The backfill also reads the objects that the ingest brings meanwhile."""
    second = _ingest_half(ground, settings, commits=1)
    return Rival(Ingest(second), "events_written"), Rival(Backfill([str(ground.landing)], DEFAULT_START, DAYS), "rebuilt_written")


def _two_replays(ground: Ground, settings: Settings) -> tuple[Rival, Rival]:
    """Every record was too large once."""
    ingest_here(Errand(settings.model_copy(update={"max_record_bytes": 10}), [str(ground.landing)]))
    return Rival(Replay(), "events_written"), Rival(Replay(), "events_written")


PAIRS: Final[dict[str, Pair]] = {
    "two ingests": Pair(_two_ingests),
    "ingest, maintain": Pair(_ingest_and_maintain),
    "ingest, backfill": Pair(_ingest_and_backfill),
    "two replays": Pair(_two_replays, replays=True, tables=(EVENTS, MESSAGES, NOTICES)),
}


def hold(ground: Ground, settings: Settings, pair: Pair, *, has_lease: bool) -> Contest:
    """The contest of the pair over an empty lake."""
    rivals = pair.rivals(ground, settings)
    with watching(settings) as watch:
        outcomes = race(settings, *rivals, has_lease=has_lease)
    complaints = list(watch.complaints)
    if not has_lease and not any(outcome.refused for outcome in outcomes):
        complaints.append("nobody was refused a commit: they did not meet")
    complaints += [f"gave up and said: {said}" for one in outcomes if (said := one.gave_up) and (has_lease or GIVES_UP not in said)]
    if all(isinstance(one.told, dict) and "rows" in one.told for one in outcomes):
        complaints += _miscounted(ground, outcomes)
    for one in outcomes:
        if isinstance(one.told, list):  # of maintenance
            counts = one.told[0]["tables"][EVENTS.name]
            complaints += [
                f"maintenance found nothing to do: no {name}" for name in ("snapshots_expired", "orphans_swept") if not counts[name]
            ]
    ingest_here(Errand(settings, [str(ground.landing)], replays=pair.replays))
    lake = Lake.open(settings)
    if complaint := complaint_of_reader(lake):
        complaints.append(complaint)
    open_letters = find_dead_letters(lake, status=DeadLetterStatus.OPEN).num_rows
    if open_letters != ground.expected[DEAD_LETTERS.name].num_rows:
        complaints.append(f"{open_letters} dead letters are open, and should be {ground.expected[DEAD_LETTERS.name].num_rows}")
    expected = {table.name: ground.expected[table.name] for table in pair.tables}
    lost, doubled = difference(expected, rows_of(lake, KEYRING, pair.tables))
    return Contest(outcomes, lost, doubled, watch.looks, complaints)


def _ingest_half(ground: Ground, settings: Settings, commits: int) -> list[str]:
    """Every other object is ingested, in so many commits; gives the rest."""
    objects = sorted(str(path) for path in ground.landing.rglob("*") if path.is_file())
    records = ground.expected[EVENTS.name].num_rows // 2
    ingest_here(Errand(settings.model_copy(update={"batch_records": records // commits + 1}), objects[::2]))
    return objects[1::2]


def _miscounted(ground: Ground, outcomes: list[Outcome]) -> list[str]:
    """Rows that were new to both rivals or to none, when both are through."""
    complaints = []
    for table in (EVENTS, NOTICES):
        new, expected = sum(one.told["rows"][table.name] for one in outcomes), ground.expected[table.name].num_rows
        if new != expected:
            complaints.append(f"{new} {table.name} were new to one of the two, of {expected}")
    return complaints


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.two_at_once", description=__doc__)
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--batch-records", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    is_clean = True
    with tempfile.TemporaryDirectory() as folder, moto_server() as server:
        client = reach(server)
        ground = prepare(Path(folder), asked.events)
        print(f"{'pair':18}{'place':8}{'lease':8}{'refused':>8}{'gave up':>8}{'lost':>6}{'doubled':>8}{'looks':>6}")
        for number, (pair, place, has_lease) in enumerate(product(list(PAIRS) * asked.rounds, PLACES, (True, False))):
            lake, catalog = str(Path(folder, "lake")), None
            if place == "bucket":
                client.create_bucket(Bucket=f"contest-{number}")
                lake, catalog = f"s3://contest-{number}/lake", f"sqlite:///{folder}/{number}.db"
            settings = Settings(lake=lake, catalog=catalog, batch_records=asked.batch_records)
            Lake.create(settings, KEYRING)
            done = hold(ground, settings, PAIRS[pair], has_lease=has_lease)
            told = f"{done.refused:>8}{done.gave_up:>8}{done.lost:>6}{done.doubled:>8}{done.looks:>6}"
            print(f"{pair:18}{place:8}{'held' if has_lease else 'broken':8}{told}", *done.complaints, flush=True)
            is_clean &= not done.complaints and done.lost == done.doubled == 0
            shutil.rmtree(Path(folder, "lake"), ignore_errors=True)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
