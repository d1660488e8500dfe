"""Past days again: the events of some UTC days are made anew from landing objects, with the templates of today.

What is read is put on a shelf first; then one commit changes the days (lake/rebuild.py), so that readers see them as
they were or as they are, and the backfill is recorded as data. Dead letters and notices stay as they are.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engagedb.errors import ConfigurationError
from engagedb.settings import Settings
from ingest.batch import PortionBuilder
from ingest.reading import records
from ingest.shelving import shelving_folder
from ingest.sources import LandingObject, list_objects, open_object
from ingest.transformer import Transformer
from lake.backfill_log import record_backfill
from lake.catalog import Lake
from lake.commit import Checkpoint
from lake.current_key import check_current_key
from lake.erasure.tombstones import Honour
from lake.ingest_log import logged_objects
from lake.links import link_persons
from lake.rebuild import PLACES, Days, Rebuilt, Shelf, rebuild_days
from lake.template_versions import remember_versions, template_versions
from transforms.pseudonyms import Keyring
from transforms.record import Control
from transforms.redact import redact_text

Clock = Callable[[], datetime]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What was read, and what became of the days' events."""

    backfill_id: str
    days: Days
    reason: str
    began_at: datetime
    objects: int
    records: int
    refused: int
    templates: dict[str, str]
    events: Rebuilt

    def as_row(self, finished_at: datetime | None = None) -> dict[str, Any]:
        """The row of the table backfills; not finished when no time is given."""
        return {
            "backfill_id": self.backfill_id,
            "began_at": self.began_at,
            "finished_at": finished_at,
            "first_day": self.days.first,
            "last_day": self.days.last,
            "reason": self.reason,
            "template_versions": list(self.templates.items()),
            "object_count": self.objects,
            "record_count": self.records,
            "refused_count": self.refused,
            "events_before_count": self.events.before,
            "events_after_count": self.events.after if finished_at else None,
            "rebuilt_count": self.events.rebuilt,
            "added_count": self.events.added,
            "withdrawn_count": self.events.withdrawn,
            "kept_count": self.events.kept,
        }

    def as_json(self) -> dict[str, Any]:
        """The object that `engagedb backfill --json` prints."""
        return {
            "backfill_id": self.backfill_id,
            "from": self.days.first,
            "to": self.days.last,
            "objects": self.objects,
            "records": self.records,
            "refused": self.refused,
            "templates": self.templates,
            "events": asdict(self.events),
        }


@dataclass(slots=True)
class _Reading:
    objects: int = 0
    records: int = 0
    refused: int = 0
    templates: dict[str, str] = field(default_factory=dict)


def backfill(
    lake: Lake,
    keyring: Keyring,
    sources: Sequence[str],
    settings: Settings,
    first: date,
    last: date,
    reason: str,
    *,
    may_keep: bool,
    clock: Clock,
    progress: Callable[[int], Progress],
    checkpoint: Checkpoint = lambda point: None,
) -> Backfilled:
    """The counts of rebuilding the events of the days `first` to `last` from every object below the sources.

    Raises ConfigurationError without a reason, for days in the wrong order, and, unless `may_keep`, when events of these
    days come from objects that the sources hold no more. Interrupted anywhere, the same call completes it. Checkpoints:
    shelved, begun, those of lake/rebuild.py, recorded.
    """
    lake.check_key(keyring)
    check_current_key(lake, keyring)
    if not reason.strip():
        raise ConfigurationError("A backfill needs a reason, which is kept in the lake. Say why with --reason.")
    if last < first:
        raise ConfigurationError(f"The days from {first} to {last} are in the wrong order. Exchange --from and --to.")
    began_at, days, identity = clock(), Days(first, last), uuid.uuid4().hex
    transformer = Transformer(settings, keyring, template_versions(lake))
    honour = transformer.honour(lake)
    found = list(list_objects(sources))
    with shelving_folder() as folder:
        shelf = Shelf(folder)
        read = _read(lake, found, transformer, honour, shelf, days, settings, clock, progress(sum(entry.size for entry in found)))
        remember_versions(lake, [version for version in transformer.versions if version.source in read.templates])

        def told(events: Rebuilt) -> Backfilled:
            counts = (read.objects, read.records, read.refused, read.templates)
            return Backfilled(identity, days, redact_text(reason.strip()), began_at, *counts, events)

        def begin(events: Rebuilt) -> None:
            record_backfill(lake, told(events).as_row())
            checkpoint("begun")

        checkpoint("shelved")
        events = rebuild_days(
            lake,
            days,
            shelf,
            _unchanged(lake, transformer, found),
            began_at,
            clock(),
            may_keep=may_keep,
            begin=begin,
            honour=honour,
            checkpoint=checkpoint,
        )
    done = told(events)
    record_backfill(lake, done.as_row(clock()))
    checkpoint("recorded")
    return done


def _unchanged(lake: Lake, transformer: Transformer, found: list[LandingObject]) -> set[str]:
    """Names, as events tell them, of the objects that were ingested with the very content that they have now."""
    logged = logged_objects(lake)
    key = transformer.pseudonymiser.object_key
    return {transformer.scrubber.name(entry.uri) for entry in found if (key(entry.uri), entry.etag) in logged}


def _read(
    lake: Lake,
    found: list[LandingObject],
    transformer: Transformer,
    honour: Honour,
    shelf: Shelf,
    days: Days,
    settings: Settings,
    clock: Clock,
    meter: Progress,
) -> _Reading:
    versions = {version.source: version.version for version in transformer.versions}
    builder, done = PortionBuilder(), _Reading()

    def put() -> None:
        ready = builder.finish().batch()
        events = ready.events
        done.refused += ready.dead_letters.num_rows
        done.templates |= {source: versions[source] for source in pc.unique(events["source"]).to_pylist()}
        wanted = pc.or_(days.hold(events["event_time"]), pc.is_in(events["event_id"], pa.array(list(ready.anywhere), pa.string())))
        places = ready.notices.select(PLACES.names[1:]).add_column(0, PLACES.field(0), pa.nulls(ready.notices.num_rows, pa.string()))
        link_persons(lake, transformer.pseudonymiser, events.filter(wanted), clock(), honour)
        shelf.put(events, wanted, pa.concat_tables([events.select(PLACES.names).cast(PLACES), places.cast(PLACES)]))

    for entry in found:
        with open_object(entry) as stream:
            for opened in transformer.prepared(records(stream, entry.uri, settings.max_record_bytes)):
                done.records += 1
                if not isinstance(opened, Control):
                    transformer.put(opened, builder, clock())
                if len(builder) >= settings.batch_records:
                    put()
        done.objects += 1
        meter(entry.size, done.records)
    put()
    return done
