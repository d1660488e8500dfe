"""Dead letters: what a refused record leaves behind, and how it is tried again.

The bytes are sealed; the excerpt and the detail are redacted. Opening a sealed letter gives back the very record that
was refused, with the arrival that its envelopes stated, so a replay does what ingest would have done.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engagedb.errors import LakeError, Reason, Rejected
from ingest.documents import Document, Garbage, read_documents
from ingest.envelope import open_document
from lake.seal import seal, unseal
from transforms.pseudonyms import Keyring, Pseudonymiser
from transforms.record import Arrival, Opened, Place, RawRecord, Unreadable
from transforms.scrub import Scrubber
from transforms.vocabulary import DeadLetterStatus


@dataclass(frozen=True, slots=True)
class Undertaker:
    """Makes dead letters with one keyring."""

    keyring: Keyring
    pseudonymiser: Pseudonymiser
    scrubber: Scrubber

    def letter(self, record: RawRecord | Unreadable, refusal: Rejected, ingested_at: datetime) -> dict[str, Any]:
        """The dead_letters row of a refused record."""
        letter_id = self.pseudonymiser.dead_letter_id(record.outermost, record.place.ordinal)
        return {
            "dead_letter_id": letter_id,
            "ingested_at": ingested_at,
            "received_at": record.arrival.received_at,
            "reason": str(refusal.reason),
            "detail": refusal.detail,
            "source": refusal.source,
            "template_version": refusal.template_version,
            "excerpt": self.scrubber.excerpt(record.outermost),
            "sealed_record": seal(self.keyring, _pack(record), letter_id.encode()),
            "key_id": self.keyring.root_id,
            "size_bytes": len(record.outermost),
            "status": str(DeadLetterStatus.OPEN),
            "status_at": ingested_at,
            "source_object": self.scrubber.name(record.place.source_object),
            "source_offset": record.place.offset,
        }


def _pack(record: RawRecord | Unreadable) -> bytes:
    return orjson.dumps(
        {
            "record": base64.b64encode(record.outermost).decode(),
            "object": record.place.source_object,
            "offset": record.place.offset,
            "ordinal": record.place.ordinal,
        }
    )


def open_letter(keyring: Keyring, letter_id: str, sealed: bytes, *, max_record_bytes: int) -> Opened:
    """The record that a letter holds, as ingest would read it. Raises LakeError when the key cannot open it."""
    packed = orjson.loads(unseal(keyring, sealed, letter_id.encode()))
    outermost = base64.b64decode(packed["record"])
    place = Place(packed["object"], packed["offset"], packed["ordinal"])
    opened = list(_records(outermost, place, max_record_bytes))
    for found in opened:
        if found.place.ordinal == place.ordinal:
            return found
    if opened:
        return opened[0]
    raise LakeError(f"Dead letter {letter_id} holds no record. Discard it with: engagedb dead-letters discard {letter_id}")


def _records(outermost: bytes, place: Place, max_record_bytes: int) -> Iterator[Opened]:
    import io

    for found in read_documents(io.BytesIO(outermost), max_record_bytes=max_record_bytes):
        if isinstance(found, Garbage):
            yield Unreadable(Reason(found.reason), found.detail, place, outermost, Arrival())
        else:
            yield from open_document(Document(place.offset, found.data, found.value), place.source_object)
