"""Landing objects to portions: opened, decompressed, decoded, envelopes off, transformed and redacted.

Nothing here knows the lake, so that any process can do it (ingest/worker.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from engagedb.errors import Reason
from engagedb.settings import Settings
from ingest.batch import Portion, PortionBuilder
from ingest.decompress import decompress
from ingest.documents import Garbage, read_documents
from ingest.envelope import open_document
from ingest.sources import LandingObject, open_object
from ingest.transformer import Transformer
from transforms.record import Arrival, Control, Opened, Place, Unreadable

PORTION_RECORDS: Final = 1_000
PORTION_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Passage:
    """What was read since the last one: records, objects that came to their end, and stored bytes."""

    portion: Portion
    finished: tuple[int, ...]
    done_bytes: int


class Reader:
    """Reads one object after another; a passage ends when it is full, and at the latest where the caller wants it."""

    def __init__(self, transformer: Transformer, settings: Settings) -> None:
        self._transformer = transformer
        self._max_record_bytes = settings.max_record_bytes
        self._full = _share_of(settings.batch_records)
        self._builder = PortionBuilder()
        self._start()

    def _start(self) -> None:
        self._finished: list[int] = []
        self._done_bytes = self._held_bytes = 0

    def __len__(self) -> int:
        """Records that were read since the last passage."""
        return len(self._builder)

    def read(self, number: int, landing_object: LandingObject, began_at: datetime) -> Iterator[Passage]:
        """The full passages on the way to the object's end; `rest` gives what is left. Raises SourceError and EngineError.

        When it raises, or is left early, the records so far stay, and the object is not finished.
        """
        self._builder.begin(number)
        unseen = landing_object.size
        put, builder = self._transformer.put, self._builder
        with open_object(landing_object) as stream:
            for opened in self._transformer.prepared(records(stream, landing_object.name, self._max_record_bytes)):
                put(opened, builder, began_at)
                self._held_bytes += 0 if isinstance(opened, Control) else len(opened.outermost)
                if len(builder) >= self._full or self._held_bytes >= PORTION_BYTES:
                    left = max(0, landing_object.size - _position(stream))
                    self._done_bytes += unseen - left
                    unseen = left
                    yield self.rest()
        self._done_bytes += unseen
        self._finished.append(number)

    def rest(self) -> Passage:
        """What was read since the last passage."""
        passage = Passage(self._builder.finish(), tuple(self._finished), self._done_bytes)
        self._start()
        return passage


def _share_of(batch_records: int) -> int:
    """Records of a passage, so that some passages make a whole batch."""
    return -(-batch_records // -(-batch_records // PORTION_RECORDS))


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
