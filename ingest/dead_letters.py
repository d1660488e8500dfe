"""Dead letters: what a refused record leaves behind, and how it is tried again.

The bytes are sealed; the excerpt and the detail are redacted. Opening a sealed letter gives back the very record that
was refused, with the arrival that its envelopes stated, so a replay does what ingest would have done.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engagedb.errors import Reason, Rejected
from ingest.documents import Document, Garbage, read_documents
from ingest.envelope import open_document
from lake.seal import seal, unseal
from transforms.pseudonyms import Keyring, Pseudonymiser
from transforms.record import Opened, Place, RawRecord, Unreadable
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
        letter_id = self.pseudonymiser.dead_letter_id(record.outermost)
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
    place = {"object": record.place.source_object, "offset": record.place.offset}
    return orjson.dumps({"record": base64.b64encode(record.outermost).decode(), **place})


def open_letter(keyring: Keyring, letter_id: str, sealed: bytes, *, max_record_bytes: int) -> Opened:
    """The record that a letter holds, as ingest would read it. Raises LakeError when the key cannot open it."""
    packed = orjson.loads(unseal(keyring, sealed, letter_id.encode()))
    outermost = base64.b64decode(packed["record"])
    place = Place(packed["object"], packed["offset"])
    found = next(read_documents(io.BytesIO(outermost), max_record_bytes=max_record_bytes), None)
    if isinstance(found, Document):
        opened = list(open_document(Document(place.offset, found.data, found.value), place.source_object))
        # What is damaged gives its readable beginning again, which left as records of its own: the letter is about the rest.
        return next((item for item in opened if isinstance(item, Unreadable)), opened[0])
    reason, detail = (found.reason, found.detail) if isinstance(found, Garbage) else (Reason.NOT_JSON, "the record is empty")
    return Unreadable(reason, detail, place, outermost)
