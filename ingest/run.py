"""The ingest of landing objects: list, read, transform, commit in batches, log.

Every record of every object leaves exactly once. Nothing is written before a batch is complete, and an object is logged
only in the commit that holds its last record: interrupted anywhere, the same call continues and adds nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from engagedb.errors import SourceError
from engagedb.settings import Settings
from ingest.batch import Portion, joined
from ingest.columns import record_batch
from ingest.forks import prepare_forks
from ingest.lateness import Lateness
from ingest.reading import Passage, Reader
from ingest.sources import LandingObject, list_objects
from ingest.tally import Tally
from ingest.transformer import Transformer
from ingest.worker import Answer, Errand, Share
from ingest.workers import Workers, sensible_jobs
from lake.catalog import Lake
from lake.commit import Checkpoint, Committed, commit
from lake.current_key import check_current_key
from lake.ingest_log import logged_objects
from lake.links import link_persons
from lake.template_versions import remember_versions, template_versions
from transforms.canonical import INGEST_LOG
from transforms.engine import Usage, total_usage
from transforms.pseudonyms import Keyring
from transforms.vocabulary import Fate

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH_BYTES: Final = 192 * 1024 * 1024
"""A batch of records so long that their rows take more is committed before it has its number of records."""

Clock = Callable[[], datetime]
Reading = Generator[tuple[LandingObject, SourceError | None], None, None]
Progress = Callable[[int, int], None]
"""Told bytes read since the last call, and records read so far."""


@dataclass(slots=True)
class _OpenObject:
    """An object whose records are not all committed yet."""

    found: LandingObject
    tally: Tally
    began_at: datetime
    is_read: bool = False


def ingest(
    lake: Lake,
    keyring: Keyring,
    sources: Sequence[str],
    settings: Settings,
    *,
    clock: Clock,
    progress: Callable[[int], Progress],
    jobs: int | None = 1,
    checkpoint: Checkpoint = lambda point: None,
) -> Tally:
    """The counts of ingesting every object below the sources; `progress` gets the bytes to come and gives a meter.

    `jobs` processes read, as many as pay when it is None; this one commits.
    `checkpoint` is called with `read` before each commit, and with the points of the commit.
    Raises SourceError, ConfigurationError, LakeError, ConflictError and WorkerError; what was committed before stays.
    """
    if jobs is not None and jobs > 1:
        prepare_forks()  # they import while this process looks at what there is
    run = Run(lake, keyring, settings, clock, checkpoint=checkpoint)
    began = clock()
    found = list(list_objects(sources))
    done = logged_objects(lake)
    fresh = []
    for landing_object in found:
        if (run.key_of(landing_object), landing_object.etag) in done:
            run.total.objects_skipped += 1
        else:
            fresh.append(landing_object)
    run.expect(fresh)
    meter = progress(sum(landing_object.size for landing_object in fresh))
    for _, error in run.read_each(fresh, meter, jobs):
        if error is not None:
            raise error
    run.commit()
    run.total.seconds = (clock() - began).total_seconds()
    return run.total


@dataclass(frozen=True, slots=True)
class Landed:
    """One commit: the objects that it completed, the records that it held, the new rows by table.

    `age_s` is from the reading of its first record to the end of the commit, of which the commit took `seconds`.
    """

    committed_at: datetime
    objects: int
    records: int
    rows: dict[str, int]
    age_s: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The line that `engagedb ingest --watch --json` prints."""
        return asdict(self)

    def sentence(self) -> str:
        """The line for people."""
        rows = f"{self.rows['events']:,} new events, {self.rows['notices']:,} new notices"
        return (
            f"{self.committed_at:%Y-%m-%d %H:%M:%S} {self.records:,} records, {self.objects:,} objects done, {rows} in {self.seconds:.1f} s"
        )


class Run:
    """Reads objects into batches and commits them; `total` is kept over all commits, `tell` is called after each.

    Raises LakeError for a wrong key, ConfigurationError for broken templates.
    """

    def __init__(
        self,
        lake: Lake,
        keyring: Keyring,
        settings: Settings,
        clock: Clock,
        *,
        checkpoint: Checkpoint = lambda point: None,
        tell: Callable[[Landed], None] = lambda landed: None,
    ) -> None:
        lake.check_key(keyring)
        check_current_key(lake, keyring)
        self.total = Tally()
        self._tell = tell
        self._checkpoint = checkpoint
        self._lake = lake
        self._keyring = keyring
        self._settings = settings
        self._clock = clock
        self._transformer = Transformer(settings, keyring, template_versions(lake))
        self._honour = self._transformer.honour(lake)
        self._lateness = Lateness(lake, timedelta(seconds=settings.allowed_lateness_s))
        self._number = 0  # of the object to come
        self._errand: Errand | None = None  # of the workers, while there are some
        self._usages: dict[int, Usage | None] = {}  # of text engines, by process
        self._records = 0
        self._empty()

    def _empty(self) -> None:
        self._reader = Reader(self._transformer, self._settings)
        self._portions: list[Portion] = []
        self._bytes = 0  # of their rows
        self._late: list[NDArray[np.bool_]] = []
        self._open: dict[int, _OpenObject] = {}  # by number, in the order of reading
        self._began_at: datetime | None = None  # when the first record of the batch was read

    @property
    def waiting(self) -> int:
        """Records that are read and not committed."""
        return sum(map(len, self._portions)) + len(self._reader)

    @property
    def is_due(self) -> bool:
        """True when the batch has reached its size or its age."""
        if self._began_at is None:
            return False
        age_s = (self._clock() - self._began_at).total_seconds()
        is_full = self.waiting >= self._settings.batch_records or self._bytes >= BATCH_BYTES
        return is_full or age_s >= self._settings.batch_seconds

    def key_of(self, landing_object: LandingObject) -> str:
        return self._transformer.pseudonymiser.object_key(landing_object.uri)

    def expect(self, objects: Iterable[LandingObject]) -> None:
        """Name the objects that will be read: what a stopped run has stored of them makes nothing late."""
        self._lateness.expect(self._transformer.scrubber.name(landing_object.name) for landing_object in objects)

    def read_each(self, objects: Sequence[LandingObject], meter: Progress, jobs: int | None) -> Reading:
        """Each object as soon as it is read, in order, with the error if it cannot be; by `jobs` processes, or by as many as pay."""
        jobs = jobs or sensible_jobs(objects, self._settings)
        if jobs > 1:
            yield from self._read_by_workers(jobs, objects, meter)
            return
        for landing_object in objects:
            try:
                self.read(landing_object, meter)
            except SourceError as error:
                yield landing_object, error
            else:
                yield landing_object, None

    def read(self, landing_object: LandingObject, meter: Progress) -> None:
        """Put the object's records into the batch; full batches are committed on the way.

        Interrupted, its records so far stay in the batch, and the object is not logged: read again, they are recognised.
        """
        now = self._clock()
        self._began_at = self._began_at or now
        number = self._begin(landing_object, now)
        try:
            for passage in self._reader.read(number, landing_object, now):
                self._take(passage, meter)
        except BaseException:
            self._leave(number)
            raise

    def _read_by_workers(self, jobs: int, objects: Sequence[LandingObject], meter: Progress) -> Reading:
        done = 0
        while done < len(objects):
            self._errand = self._new_errand()
            try:
                with Workers(self._errand, jobs, objects[done:], self._number, self._clock) as workers:
                    while not self._is_outdated and (share := workers.share_meanwhile()) is not None:
                        yield from self.read_each(share.objects, meter, 1)
                        done += len(share.objects)
                    self._take(self._reader.rest(), meter)  # before anything that a worker has read
                    if not self._is_outdated and done < len(objects):
                        done += yield from self._take_answers(workers, meter)
            finally:
                self._errand = None
            if done < len(objects):
                self.commit()
                self.refresh()

    def _new_errand(self) -> Errand:
        transformer, self._is_outdated = self._transformer, False
        return Errand(self._settings, self._keyring, transformer.texts, transformer.known, transformer.forgetter.tombstones)

    def _take_answers(self, workers: Workers, meter: Progress) -> Generator[tuple[LandingObject, SourceError | None], None, int]:
        """How many objects the workers have read, when there are no more or the workers are outdated."""
        done = 0
        try:
            for turn in workers.answers():
                if turn is None:
                    meter(0, self._records)
                    continue
                yield from self._take_answer(*turn, meter)
                if turn[1].is_last:
                    done += len(turn[0].objects)
                    if self._is_outdated:
                        break
        finally:
            for number in [number for number, entry in self._open.items() if not entry.is_read]:
                self._leave(number)
        return done

    def _take_answer(self, share: Share, answer: Answer, meter: Progress) -> Reading:
        if share.first == self._number:
            self._began_at = self._began_at or share.began_at
            for landing_object in share.objects:
                self._begin(landing_object, share.began_at)
        self._transformer.pseudonymiser.learn_older(answer.older)
        self._transformer.forgetter.learn(answer.met)
        self._usages[answer.process] = answer.usage
        finished = [self._open[number].found for number in answer.passage.finished]
        self._take(answer.passage, meter)
        for landing_object in finished:
            yield landing_object, None
        if answer.failed is not None:
            number, error = answer.failed
            found = self._open[number].found
            self._leave(number)
            yield found, error

    def _begin(self, landing_object: LandingObject, now: datetime) -> int:
        """The number of the object, which is open from now on."""
        number, self._number = self._number, self._number + 1
        self._open[number] = _OpenObject(landing_object, Tally(objects=1), now)
        return number

    def _leave(self, number: int) -> None:
        """Not to be read to its end: what there is of the object stays in the batch, and it is not logged."""
        del self._open[number]
        self._lateness.drop(number)

    def _take(self, passage: Passage, meter: Progress) -> None:
        """Put what was read into the batch, and commit the batch if it is full."""
        self._gather(passage)
        meter(passage.done_bytes, self._records)
        if self.is_due:
            self.commit()

    def _gather(self, passage: Passage) -> None:
        self._late.append(self._lateness.late(passage.portion))
        self._portions.append(passage.portion)
        self._bytes += passage.portion.size_bytes
        self._records += len(passage.portion) + passage.portion.controls.total()
        for number in passage.finished:
            self._open[number].is_read = True

    def commit(self) -> None:
        """Commit what was collected, and log the objects that are wholly read."""
        if self._open or self.waiting:
            self._commit()
            pa.default_memory_pool().release_unused()
            self.refresh()

    def _commit(self) -> None:
        began = self._clock()
        self._gather(self._reader.rest())
        portion, late = joined(self._portions), np.concatenate(self._late)
        self._portions, self._late = [portion], [late]  # what they were joined from can go
        pa.default_memory_pool().release_unused()
        finished = [entry for entry in self._open.values() if entry.is_read]
        rows: Counter[str] = Counter()

        def log(committed: Committed) -> pa.Table:
            rows.update(portion.count(committed, {number: entry.tally for number, entry in self._open.items()}, late))
            return _log_rows([self._log_row(entry) for entry in finished])

        batch = portion.batch(log)
        check_current_key(self._lake, self._keyring)
        link_persons(self._lake, self._transformer.pseudonymiser, batch.events, began, self._honour)
        made = set(batch.events["source"].unique().to_pylist())
        remember_versions(self._lake, [version for version in self._transformer.versions if version.source in made])
        self._checkpoint("read")
        commit(self._lake, batch, began, honour=self._honour, checkpoint=self._checkpoint)
        self.total.rows.update(rows)
        self.total.engine = total_usage([self._transformer.usage, *self._usages.values()])
        for entry in finished:
            self.total.objects += 1
            self.total.fates.update(entry.tally.fates)
            self.total.reasons.update(entry.tally.reasons)
            self.total.late += entry.tally.late
        self._portions, self._bytes, self._late = [], 0, []
        self._open = {number: entry for number, entry in self._open.items() if not entry.is_read}
        ended = self._clock()
        age, self._began_at = ended - (self._began_at or began), ended if self._open else None
        self._tell(Landed(ended, len(finished), len(portion), dict(rows), age.total_seconds(), (ended - began).total_seconds()))

    def abandon(self) -> None:
        """Forget what was read and not committed, after a failed commit; its objects are to be read again."""
        self._transformer.pseudonymiser.take_older()
        self._lateness.forget()
        self._empty()

    def refresh(self) -> None:
        """Take up changed templates; while one is refused, the old ones go on. Workers are exchanged for others at the next share."""
        if self._errand is None:
            self._transformer.refresh(lambda: template_versions(self._lake))
        else:
            self._is_outdated = self._transformer.is_outdated or self._transformer.forgetter.tombstones is not self._errand.tombstones

    @property
    def templates_refused(self) -> str | None:
        """Why changed templates are not in use, where they are refused."""
        return self._transformer.refused or None

    def _log_row(self, entry: _OpenObject) -> dict[str, Any]:
        fates = entry.tally.fates
        return {
            "object_key": self.key_of(entry.found),
            "object": self._transformer.scrubber.name(entry.found.name),
            "etag": entry.found.etag,
            "size_bytes": entry.found.size,
            "record_count": entry.tally.records,
            "event_count": fates[Fate.EVENT],
            "notice_count": fates[Fate.NOTICE],
            "duplicate_count": fates[Fate.DUPLICATE],
            "control_count": fates[Fate.CONTROL],
            "dead_letter_count": fates[Fate.DEAD_LETTER],
            "late_count": entry.tally.late,
            "ingested_at": entry.began_at,
            "duration_s": (self._clock() - entry.began_at).total_seconds(),
        }


def _log_rows(rows: list[dict[str, Any]]) -> pa.Table:
    schema = INGEST_LOG.schema
    return pa.Table.from_batches([record_batch(rows, schema)] if rows else [], schema=schema)
