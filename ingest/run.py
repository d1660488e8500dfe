"""The ingest of landing objects: list, read, transform, commit in batches, log.

Every record of every object leaves exactly once. Nothing is written before a batch is complete, and an object is logged
only in the commit that holds its last record: interrupted anywhere, the same call continues and adds nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import pyarrow as pa

from engagedb.errors import Reason
from engagedb.settings import Settings
from ingest.batch import BatchBuilder, count_fates
from ingest.columns import record_batch
from ingest.decompress import decompress
from ingest.documents import Garbage, read_documents
from ingest.envelope import open_document
from ingest.lateness import Lateness
from ingest.sources import LandingObject, list_objects, open_object
from ingest.tally import Tally
from ingest.transformer import Transformer
from lake.catalog import Lake
from lake.commit import Checkpoint, Committed, commit
from lake.current_key import check_current_key
from lake.ingest_log import logged_objects
from lake.links import link_persons
from lake.template_versions import remember_versions, template_versions
from transforms.canonical import INGEST_LOG
from transforms.pseudonyms import Keyring
from transforms.record import Arrival, Opened, Place, Unreadable
from transforms.vocabulary import Fate

Clock = Callable[[], datetime]
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
    checkpoint: Checkpoint = lambda point: None,
) -> Tally:
    """The counts of ingesting every object below the sources; `progress` gets the bytes to come and gives a meter.

    `checkpoint` is called with `read` before each commit, and with the points of the commit.
    Raises SourceError, ConfigurationError, LakeError and ConflictError; what was committed before stays.
    """
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
    for landing_object in fresh:
        run.read(landing_object, meter)
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
        self._batch = BatchBuilder()
        self._lateness = Lateness(lake, timedelta(seconds=settings.allowed_lateness_s))
        self._open: list[_OpenObject] = []
        self._records = 0
        self._began_at: datetime | None = None  # when the first record of the batch was read

    @property
    def waiting(self) -> int:
        """Records that are read and not committed."""
        return len(self._batch)

    @property
    def is_due(self) -> bool:
        """True when the batch has reached its size or its age."""
        if self._began_at is None:
            return False
        age_s = (self._clock() - self._began_at).total_seconds()
        return self.waiting >= self._settings.batch_records or age_s >= self._settings.batch_seconds

    def key_of(self, landing_object: LandingObject) -> str:
        return self._transformer.pseudonymiser.object_key(landing_object.uri)

    def expect(self, objects: Iterable[LandingObject]) -> None:
        """Name the objects that will be read: what a stopped run has stored of them makes nothing late."""
        self._lateness.expect(self._transformer.scrubber.name(landing_object.name) for landing_object in objects)

    def read(self, landing_object: LandingObject, meter: Progress) -> None:
        """Put the object's records into the batch; full batches are committed on the way.

        Interrupted, its records so far stay in the batch, and the object is not logged: read again, they are recognised.
        """
        now = self._clock()
        self._began_at = self._began_at or now
        current = _OpenObject(landing_object, Tally(objects=1), now)
        self._open.append(current)
        try:
            unseen = self._read(current, meter)
        except BaseException:
            self._open.remove(current)
            raise
        current.is_read = True
        meter(unseen, self._records)

    def _read(self, current: _OpenObject, meter: Progress) -> int:
        """The object's bytes that the meter was not told of yet."""
        landing_object = current.found
        unseen = landing_object.size
        self._lateness.begin()
        with open_object(landing_object) as stream:
            for opened in self._transformer.prepared(records(stream, landing_object.name, self._settings.max_record_bytes)):
                self._transformer.put(opened, self._batch, current.tally, current.began_at, self._lateness.is_late)
                self._records += 1
                if self._records % 1_000 == 0:
                    position = min(_position(stream), landing_object.size)
                    meter(max(0, position - (landing_object.size - unseen)), self._records)
                    unseen = landing_object.size - position
                if self.waiting >= self._settings.batch_records or (self._records % 1_000 == 0 and self.is_due):
                    self.commit()
        self._lateness.end()
        return unseen

    def commit(self) -> None:
        """Commit what was collected, and log the objects that are wholly read."""
        if not self._open and not self.waiting:
            return
        began = self._clock()
        batch, members = self._batch.finish()
        finished = [entry for entry in self._open if entry.is_read]
        rows: Counter[str] = Counter()

        def log(committed: Committed) -> pa.Table:
            rows.update(count_fates(members, committed))
            return _log_rows([self._log_row(entry) for entry in finished])

        check_current_key(self._lake, self._keyring)
        link_persons(self._lake, self._transformer.pseudonymiser, batch.events, began, self._honour)
        made = set(batch.events["source"].unique().to_pylist())
        remember_versions(self._lake, [version for version in self._transformer.versions if version.source in made])
        self._checkpoint("read")
        commit(self._lake, replace(batch, log=log), began, honour=self._honour, checkpoint=self._checkpoint)
        self.total.rows.update(rows)
        self.total.engine = self._transformer.usage
        for entry in finished:
            self.total.objects += 1
            self.total.fates.update(entry.tally.fates)
            self.total.reasons.update(entry.tally.reasons)
            self.total.late += entry.tally.late
        self._open = [entry for entry in self._open if not entry.is_read]
        ended = self._clock()
        age, self._began_at = ended - (self._began_at or began), ended if self._open else None
        self._tell(Landed(ended, len(finished), len(members), dict(rows), age.total_seconds(), (ended - began).total_seconds()))
        del batch
        pa.default_memory_pool().release_unused()
        self.refresh()

    def abandon(self) -> None:
        """Forget what was read and not committed, after a failed commit; its objects are to be read again."""
        self._transformer.pseudonymiser.take_older()
        self._lateness.forget()
        self._batch, self._open, self._began_at = BatchBuilder(), [], None

    def refresh(self) -> None:
        """Take up changed templates; while one is refused, the old ones go on."""
        self._transformer.refresh(lambda: template_versions(self._lake))

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


def records(stream: BinaryIO, uri: str, max_record_bytes: int) -> Iterator[Opened]:
    """Every record of an object's bytes, envelopes off, garbage included."""
    for found in read_documents(decompress(stream), max_record_bytes=max_record_bytes):
        if isinstance(found, Garbage):
            yield Unreadable(Reason(found.reason), found.detail, Place(uri, found.offset), found.data, Arrival())
        else:
            yield from open_document(found, uri)


def _position(stream: BinaryIO) -> int:
    """Stored bytes read so far, where the stream can tell."""
    try:
        return int(stream.tell())
    except (AttributeError, OSError):
        return 0
