"""Kills: an operation is started on a copy of a lake, killed, done again, and the lake compared with the undisturbed one.

After each kill the operation is run to its end, and events, messages, notices, dead letters, the ingest log and the
sums of money are compared row for row; then maintenance sweeps, and no file may be left that nothing names, and none
that is named may be missing. In a chain, kill comes upon kill and the clean run at its end.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from typing import Final

import pyarrow as pa

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.datafiles import newest_files, read_files
from lake.snapshot import Published
from tests.torture.disk import look_at
from tests.torture.ingester import KEYRING, Death, forked, queue_of_forks
from tests.torture.operations import FROM_EMPTY, SWEEP, TIDY, Operation, perform
from tests.torture.reader import States, pair_of, reading_order, watching
from tests.torture.rows import COMPARED, Rows, difference, fingerprint, rows_of, surplus
from tests.torture.scenes import Scenes
from transforms.canonical import EVENTS

RANDOM: Final = "at a random time"
CHAIN: Final = "kill upon kill"
TRIES: Final = 4
IN_A_CHAIN: Final = 20
WORTH_CHAINS: Final = 50
RANDOM_SHARE: Final = 1 / 7
_numbers = count()
TIDYING: Final = ("published", "metadata_written")


@dataclass(frozen=True)
class Moment:
    """A kill from outside, at this share of the time that the undisturbed operation takes."""

    share: float

    point = RANDOM


@dataclass(frozen=True)
class Known:
    """An operation as nobody disturbs it: what it leaves, what readers may see, which points it passes how often."""

    operation: Operation
    rows: Rows
    states: States
    events: str
    passed: Counter[str]
    seconds: float

    @property
    def unpassed(self) -> list[str]:
        """Points that it should pass and did not: the operation changed, or the scene is too small for it."""
        return [point for point in self.operation.points if point not in self.passed]

    def deaths(self, chance: random.Random) -> Iterator[Death | Moment]:
        """Every point in turn, at one of its passes, in an order of chance; after every sixth a random time."""
        while True:
            for number, point in enumerate(chance.sample(sorted(self.passed), len(self.passed))):
                yield Death(point, chance.randint(1, self.passed[point]))
                if number % 6 == 5:
                    yield Moment(chance.uniform(0.02, 1.0))


@dataclass
class Line:
    """What the kills at one point cost."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    complaints: list[str] = field(default_factory=list)
    orphans: int = 0


@dataclass
class Toll:
    """The kills by operation and point."""

    lines: dict[tuple[str, str], Line] = field(default_factory=lambda: defaultdict(Line))
    looks: int = 0

    def line(self, operation: str, point: str) -> Line:
        return self.lines[operation, point]

    def sum_of(self, operations: Sequence[str] = ()) -> Line:
        """Of these operations, or of all."""
        total = Line()
        for (operation, _), line in self.lines.items():
            if not operations or operation in operations:
                total.kills += line.kills
                total.lost += line.lost
                total.doubled += line.doubled
                total.orphans += line.orphans
                total.complaints += line.complaints
        return total

    @property
    def is_clean(self) -> bool:
        total = self.sum_of()
        return not (total.lost or total.doubled or total.complaints)

    @property
    def state(self) -> str:
        total = self.sum_of()
        return (
            f"{total.kills} kills, {total.lost} rows lost, {total.doubled} doubled, {len(total.complaints)} complaints in"
            f" {self.looks} looks of readers, {total.orphans} orphans swept"
        )


def learn(scenes: Scenes, operation: Operation) -> Known:
    """The operation undisturbed, on a copy of its scene."""
    settings = scenes.copy(operation.scene, _new_name())
    before, start = _events(settings), pair_of(Published(Lake.open(settings)))
    began, told = time.monotonic(), queue_of_forks()
    process = forked(perform, operation, scenes, settings, None, told)
    process.join()
    assert process.exitcode == 0, f"{operation.name} fails undisturbed"
    seconds = time.monotonic() - began
    after = _events(settings)
    if operation.in_batches:
        states = States(order=reading_order(before, after), start=start)
    else:
        states = States(frozenset(map(fingerprint, (before, after))), start=start)
    rows = rows_of(Lake.open(settings), KEYRING, COMPARED)
    shutil.rmtree(settings.lake)
    return Known(operation, rows, states, fingerprint(after), told.get(), seconds)


def torture(scenes: Scenes, known: Sequence[Known], kills: int, seed: int, toll: Toll, told: Callable[[str], None], jobs: int = 1) -> None:
    """So many kills, `jobs` at a time: a fifth of them in chains, the others spread over the operations and their points."""
    chance = random.Random(seed)
    for one in known:
        toll.line(one.operation.name, "undisturbed").complaints += [f"{one.operation.name} does not pass {point}" for point in one.unpassed]
    from_empty = next((one for one in known if one.operation is FROM_EMPTY), None)
    chained = kills // 5 if from_empty else 0
    waiting = {one.operation.name: one.deaths(chance) for one in known}
    turns = cycle([one for turn in range(max(one.operation.share for one in known)) for one in known if one.operation.share > turn])

    def one_kill(one: Known, death: Death | Moment) -> None:
        complaints = toll.line(one.operation.name, death.point).complaints
        before = len(complaints)
        kill(scenes, one, death, toll)
        told("\n".join([f"{one.operation.name}, {_said(death)}: {toll.state}", *complaints[before:]]))

    def one_chain(length: int, luck: int) -> None:
        assert from_empty is not None
        chain(scenes, from_empty, length, random.Random(luck), toll)
        told(f"{CHAIN}: {toll.state}")

    with ThreadPoolExecutor(jobs) as pool:
        under_way = [pool.submit(one_kill, one, next(waiting[one.operation.name])) for one in islice(turns, kills - chained)]
        for number, begun in enumerate(range(0, chained, IN_A_CHAIN)):
            under_way.append(pool.submit(one_chain, min(IN_A_CHAIN, chained - begun), seed + number))
        try:
            for task in under_way:
                task.result()
        except KeyboardInterrupt:  # those that have begun are ended, so that each kill that is counted was compared
            pool.shutdown(cancel_futures=True)


def kill(scenes: Scenes, known: Known, death: Death | Moment, toll: Toll) -> None:
    """One kill, the operation again, and the comparison."""
    operation = known.operation
    line = toll.line(operation.name, death.point)
    seconds = known.seconds
    for attempt in range(TRIES):
        settings = scenes.copy(operation.scene, _new_name())
        with watching(settings, known.states) as watch:
            began = time.monotonic()
            was_killed = _strike(scenes, operation, settings, death, seconds)
            took = time.monotonic() - began
            if was_killed:
                _compare(scenes, settings, operation, known.rows, line)
        toll.looks += watch.looks
        line.complaints += watch.complaints
        if was_killed:
            line.kills += 1
            _sweep(scenes, known, settings, line)
            return
        shutil.rmtree(settings.lake)
        seconds = min(seconds, took)  # the machine may be less busy than it was
        death = Moment(death.share / 2) if isinstance(death, Moment) else Death(death.point, max(1, death.passes // 2 if attempt else 1))
    line.complaints.append(f"{operation.name} was not killed, {_said(death)}")


def chain(scenes: Scenes, known: Known, kills: int, chance: random.Random, toll: Toll) -> None:
    """Ingests of an empty lake, and maintenance in between, each killed on what the kill before left behind."""
    settings = scenes.copy(known.operation.scene, _new_name())
    commits = known.passed["logged"]
    steady = sorted(point for point, times in known.passed.items() if times >= commits)  # passed by each commit, so none goes by
    line = toll.line(CHAIN, "several points")
    killed = 0
    with watching(settings, known.states) as watch:
        for _ in range(10 * kills):
            if killed == kills:
                break
            operation, death = known.operation, _any_death(steady, chance)
            if killed % 4 == 3:
                operation, death = TIDY, Death(chance.choice(TIDYING))
            if _strike(scenes, operation, settings, death, known.seconds / commits):
                killed += 1
                toll.line(CHAIN, f"{operation.name}, {death.point}").kills += 1
                line.doubled += surplus(known.rows, Lake.open(settings))
        _compare(scenes, settings, known.operation, known.rows, line)
    if killed < kills:
        line.complaints.append(f"{kills - killed} kills of a chain did not come")
    toll.looks += watch.looks
    line.complaints += watch.complaints
    _sweep(scenes, known, settings, line)


def _any_death(points: Sequence[str], chance: random.Random) -> Death | Moment:
    """At the first pass of a point, or now and then at a random time."""
    return Moment(chance.random()) if chance.random() < RANDOM_SHARE else Death(chance.choice(points))


def _strike(scenes: Scenes, operation: Operation, settings: Settings, death: Death | Moment, seconds: float) -> bool:
    process = forked(perform, operation, scenes, settings, death if isinstance(death, Death) else None)
    if isinstance(death, Moment):
        process.join(death.share * seconds)
        process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _compare(scenes: Scenes, settings: Settings, operation: Operation, expected: Rows, line: Line) -> None:
    """The operation again, to its end, and what is other than expected then."""
    process = forked(perform, operation, scenes, settings)
    process.join()
    if process.exitcode != 0:
        line.complaints.append(f"{operation.name} after a kill ended with {process.exitcode}")
    lost, doubled = difference(expected, rows_of(Lake.open(settings), KEYRING, COMPARED))
    line.lost += lost
    line.doubled += doubled


def _sweep(scenes: Scenes, known: Known, settings: Settings, line: Line) -> None:
    """Days later: orphans are found and gone, nothing that is named is missing, and no event or message has changed by it."""
    orphans = look_at(Lake.open(settings)).orphans
    process = forked(perform, SWEEP, scenes, settings)
    process.join()
    disk = look_at(Lake.open(settings))
    line.orphans += len(orphans - disk.orphans)
    if process.exitcode != 0:
        line.complaints.append(f"maintenance after a kill ended with {process.exitcode}")
    if disk.orphans:
        line.complaints.append(f"{len(disk.orphans)} files are left that nothing names, such as {min(disk.orphans)}")
    if disk.missing:
        line.complaints.append(f"{len(disk.missing)} files are named and missing, such as {min(disk.missing)}")
    if fingerprint(_events(settings)) != known.events:
        line.complaints.append("maintenance changed events")
    shutil.rmtree(settings.lake)


def _events(settings: Settings) -> pa.Table:
    lake = Lake.open(settings)
    return read_files(lake, EVENTS, newest_files(lake.table(EVENTS.name)))


def _new_name() -> str:
    """Of a lake that no other kill uses at the same time."""
    return f"struck-{next(_numbers)}"


def _said(death: Death | Moment) -> str:
    return death.point if isinstance(death, Moment) else f"{death.point} ({death.passes})"
