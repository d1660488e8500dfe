"""Ingest without end: landing objects are taken up as they come, until the process is asked to stop.

The sources are listed every interval. What is new is read into the batch of the moment, which is committed when it is
full, when it is old, or when a listing brings nothing new: a quiet source is in the lake one interval later, and a
steady one does not make a snapshot at every poll. Whatever fails, the batch is abandoned whole and its objects are read
again, so that only whole batches are ever counted. What grows with time is the set of finished objects, about 100 bytes each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from engagedb.errors import EngagedbError, RotatedError, SourceError
from engagedb.settings import Settings
from ingest.health import HealthFile, Heartbeat, State
from ingest.run import Clock, Landed, Run
from ingest.sources import SETTLING_S, LandingObject, is_settling, list_objects, without_overlap
from ingest.stopping import Abandoned, Stop
from ingest.tally import Tally
from lake.catalog import Lake
from lake.ingest_log import logged_since
from transforms.pseudonyms import Keyring
from transforms.redact import redact_text

LONGEST_PAUSE_S: Final = 300.0
HEARTBEAT_S: Final = 5.0
STRIKES: Final = 3  # so many objects in a row that cannot be read are an outage of the source
_SLICE_S: Final = 0.2  # a signal is noticed this soon
# What stands between us and the sources or the lake; errors of other origin are defects and end the program.
_OUTSIDE: Final = frozenset({"botocore", "boto3", "urllib3", "requests", "pyiceberg", "sqlalchemy", "duckdb"})


@dataclass(frozen=True, slots=True)
class Watching:
    """How to watch: `tell` gets each commit, `warn` one sentence per trouble and one when it is over."""

    interval_s: float
    tell: Callable[[Landed], None]
    warn: Callable[[str], None]
    health: HealthFile
    jobs: int | None = 1  # None: as many as pay


def watch(lake: Lake, keyring: Keyring, sources: Sequence[str], settings: Settings, how: Watching, stop: Stop, *, clock: Clock) -> Tally:
    """The counts of all that was committed until the stop. A source that is not there yet is waited for.

    Raises LakeError and ConfigurationError at the start for what waiting cannot mend: a wrong key, broken templates.
    """
    watcher = _Watcher(lake, keyring, sources, settings, how, stop, clock)
    began = clock()
    try:
        watcher.go_on()
    except Abandoned:
        how.warn("The batch was not finished in time and is abandoned whole; its objects are read again at the next start.")
    finally:
        watcher.beat(State.STOPPED)
    watcher.run.total.seconds = (clock() - began).total_seconds()
    return watcher.run.total


class _Stopping(Exception):
    """An object's reading ends here because the process was asked to stop."""


class _Watcher:
    def __init__(
        self, lake: Lake, keyring: Keyring, sources: Sequence[str], settings: Settings, how: Watching, stop: Stop, clock: Clock
    ) -> None:
        self.run = Run(lake, keyring, settings, clock, checkpoint=self._at, tell=self._landed)
        self._lake = lake
        self._sources = without_overlap(sources)
        self._how = how
        self._stop = stop
        self._clock = clock
        self._heartbeat = Heartbeat(os.getpid(), clock())
        self._log_snapshot: int | None = None
        self._done: set[bytes] = set()
        self._read: set[bytes] = set()  # wholly, and not committed yet
        self._aside: dict[bytes, tuple[datetime, float]] = {}  # cannot be read: when to try again, after which pause
        self._resting: dict[str, tuple[datetime, float]] = {}  # sources that cannot be used, likewise
        self._listed_at: datetime | None = None  # the listing whose objects are being read
        self._seen_at: datetime | None = None  # the listing that showed the oldest object which is not committed
        self._warned = ""
        self._is_settling = False  # an object was left alone because its writer may not be done

    def go_on(self) -> None:
        """Polls until the stop, then commits what was read."""
        failures = 0
        while not self._stop.is_requested:
            try:
                self._poll()
            except Exception as error:
                failures += 1
                self._back_off(error, min(self._how.interval_s * 2 ** min(failures, 20), max(LONGEST_PAUSE_S, self._how.interval_s)))
            else:
                if failures:
                    self._how.warn("It works again.")
                failures, self._warned = 0, ""
                self._heartbeat.next_try_at = None
                self._pause(min(self._how.interval_s, SETTLING_S) if self._is_settling else self._how.interval_s, State.WAITING)
        try:
            self.run.commit()
        except Exception as error:
            self._give_up(error)

    def _poll(self) -> None:
        listed_at = self._clock()
        self._is_settling = False
        found = self._listed(listed_at)
        fresh = {source: self._fresh(objects, listed_at) for source, objects in found.items()}
        fresh = {source: objects for source, objects in fresh.items() if objects}
        self._heartbeat.polled_at = listed_at
        if not fresh:
            self.run.commit()
        elif not self.run.waiting:
            self.run.refresh()
        self._take(fresh, listed_at)
        # What was due and is still not listed was deleted or written anew.
        self._aside = {mark: (due, pause) for mark, (due, pause) in self._aside.items() if due > listed_at}
        self._resting = {source: (due, pause) for source, (due, pause) in self._resting.items() if due > listed_at}

    def _listed(self, now: datetime) -> dict[str, list[LandingObject]]:
        """What the sources hold that can be used now."""
        found = {}
        for source in self._sources:
            if source in self._resting and self._resting[source][0] > now:
                continue
            try:
                found[source] = list(list_objects([source]))
            except SourceError as error:
                self._rest(source, error)
        return found

    def _take(self, fresh: Mapping[str, Sequence[LandingObject]], listed_at: datetime) -> None:
        """Reads the objects into the batch."""
        if fresh:
            self._listed_at = listed_at
            self._seen_at = self._seen_at or listed_at
        self.run.expect(landing_object for objects in fresh.values() for landing_object in objects)
        for source, objects in fresh.items():
            try:
                self._take_from(source, objects)
            except _Stopping:
                return
            if self._stop.is_requested:
                return
        self._listed_at = None
        if not self.run.waiting:
            self._seen_at = None

    def _take_from(self, source: str, objects: Sequence[LandingObject]) -> None:
        strikes = 0
        with closing(self.run.read_each(objects, self._meter, self._how.jobs)) as reading:
            for landing_object, error in reading:
                if error is not None:
                    strikes += 1
                    if strikes == STRIKES:
                        self._rest(source, error)
                        return
                    self._set_aside(landing_object, error)
                    continue
                strikes = 0
                mark = self._mark_of(landing_object)
                self._read.add(mark)
                self._aside.pop(mark, None)
                if self._stop.is_requested:
                    return
                if self.run.is_due:
                    self.run.commit()

    def _fresh(self, found: Iterable[LandingObject], now: datetime) -> list[LandingObject]:
        """What is neither done nor read. The log is looked at only when something seems new: another ingest may have done it."""
        fresh = [landing_object for landing_object in found if self._is_fresh(landing_object, now)]
        if fresh:
            self._log_snapshot, logged = logged_since(self._lake, self._log_snapshot)
            self._done.update(_mark(key, etag) for key, etag in logged)
            fresh = [landing_object for landing_object in fresh if self._mark_of(landing_object) not in self._done]
        return fresh

    def _is_fresh(self, landing_object: LandingObject, now: datetime) -> bool:
        mark = self._mark_of(landing_object)
        if mark in self._done or mark in self._read:
            return False
        if is_settling(landing_object, now):
            self._is_settling = True
            return False
        return mark not in self._aside or self._aside[mark][0] <= now

    def _mark_of(self, landing_object: LandingObject) -> bytes:
        return _mark(self.run.key_of(landing_object), landing_object.etag)

    def _set_aside(self, landing_object: LandingObject, error: SourceError) -> None:
        """One object that cannot be read does not hold up the others; it is tried again, ever more seldom."""
        mark = self._mark_of(landing_object)
        pause = min(self._aside.get(mark, (None, self._how.interval_s))[1] * 2, max(LONGEST_PAUSE_S, self._how.interval_s))
        if mark not in self._aside:
            self._how.warn(f"{self._remember(error)} The others go on, and it is tried again later.")
        self._aside[mark] = (self._clock() + timedelta(seconds=pause), pause)

    def _rest(self, source: str, error: SourceError) -> None:
        """One source that cannot be used does not hold up the others; it is tried again like an object. Raises when no other is left."""
        pause = min(self._resting.get(source, (None, self._how.interval_s))[1] * 2, max(LONGEST_PAUSE_S, self._how.interval_s))
        is_known = source in self._resting
        self._resting[source] = (self._clock() + timedelta(seconds=pause), pause)
        if len(self._resting) == len(self._sources):
            self._resting.clear()
            raise error
        if not is_known:
            self._how.warn(f"{self._remember(error)} The other sources go on, and it is tried again later.")

    def _back_off(self, error: Exception, pause_s: float) -> None:
        sentence = self._give_up(error)
        self._heartbeat.next_try_at = self._clock() + timedelta(seconds=pause_s)
        if sentence != self._warned:
            self._how.warn(f"{sentence} Trying again in {pause_s:.0f} s, then ever more seldom.")
            self._warned = sentence
        self._pause(pause_s, State.BACKING_OFF)

    def _give_up(self, error: Exception) -> str:
        """What is wrong, when it lies outside of this program; the batch is abandoned. Raises the error when it is our own."""
        self.run.abandon()
        self._read.clear()
        self._listed_at = self._seen_at = None
        if self._stop.is_over:
            raise Abandoned from None
        sentence = self._remember(error)
        if isinstance(error, RotatedError):  # only a new process can take up the new key
            raise error
        if not (isinstance(error, (EngagedbError, OSError)) or type(error).__module__.partition(".")[0] in _OUTSIDE):
            raise error
        return sentence

    def _remember(self, error: Exception) -> str:
        """The error as a sentence; one that is not ours is told by its kind, because its text may hold anything."""
        told = str(error) if isinstance(error, EngagedbError) else f"The sources or the lake cannot be used ({type(error).__name__})."
        sentence = redact_text(told)
        self._heartbeat.last_error = {"at": self._clock(), "sentence": sentence}
        return sentence

    def _at(self, point: str) -> None:
        if point == "read":
            self.beat(State.COMMITTING)

    def _landed(self, landed: Landed) -> None:
        self._done |= self._read
        self._read.clear()
        self._seen_at = self._listed_at
        self._heartbeat.last_commit = landed
        self._how.tell(landed)
        self.beat(State.READING)

    def _meter(self, done_bytes: int, records: int) -> None:
        """Called in the middle of objects too."""
        if self._stop.is_requested:
            raise _Stopping
        at = self._heartbeat.at
        if at is None or (self._clock() - at).total_seconds() >= HEARTBEAT_S:
            self.beat(State.READING)

    def beat(self, state: State) -> None:
        """Write the heartbeat of this moment."""
        now = self._clock()
        heartbeat = self._heartbeat
        heartbeat.state, heartbeat.at = state, now
        heartbeat.lag_s = 0.0 if self._seen_at is None else round((now - self._seen_at).total_seconds(), 3)
        heartbeat.waiting_records = self.run.waiting
        heartbeat.known_objects = len(self._done)
        heartbeat.templates_refused = None if self.run.templates_refused is None else redact_text(self.run.templates_refused)
        heartbeat.counts = self.run.total.as_json()
        self._how.health.write(heartbeat)

    def _pause(self, seconds: float, state: State) -> None:
        self.beat(state)
        until = time.monotonic() + seconds
        beaten = time.monotonic()
        while not self._stop.is_requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_S))
            if time.monotonic() - beaten >= HEARTBEAT_S:
                self.beat(state)
                beaten = time.monotonic()


def _mark(object_key: str, etag: str) -> bytes:
    """What is kept of a finished object: 16 bytes."""
    return blake2b(f"{object_key}\0{etag}".encode(), digest_size=16).digest()
