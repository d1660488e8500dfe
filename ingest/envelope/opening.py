"""Opens envelopes one after another; see the package for what it promises."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count
from typing import Any, NamedTuple

from engagedb.errors import Reason, Rejected
from ingest.decode import decode
from ingest.decompress import decompress
from ingest.documents import Document, Garbage, read_documents
from ingest.encode import encode
from ingest.envelope.layers import Encoding, Layer
from ingest.envelope.shapes import may_be_envelope, recognise
from ingest.envelope.stated import UNSTATED, inside
from transforms.record import Arrival, Control, Opened, Place, RawRecord, Unreadable

MAX_LAYERS = 64
"""Envelopes and strings within each other; real ones have fewer than ten."""

FEW_LAYERS = 8
"""As many are looked through for a record that stands alone in them, before they are opened with care."""

MAX_CONTENT_BYTES = 64 * 1024 * 1024
"""The longest document that compressed content may hold; it is in memory, however small it was in its envelope."""

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")
_JSON_BEGINS = ("{", "[")
_KINDS = {str: "string", bool: "boolean", type(None): "null"}


def open_document(document: Document, place_object: str, arrival: Arrival = UNSTATED) -> Iterable[Opened]:
    """The records of a document with what its envelopes stated; `arrival` is what was stated around the document."""
    value = document.value
    if isinstance(value, dict):
        found = (value, arrival) if not may_be_envelope(value) else _only_record(value, arrival)
        if found is not None:
            return (RawRecord(found[0], _settled(found[1]), Place(place_object, document.offset), document.data),)
    whole = _Piece(0, lambda: b"[[]]" if value == [] else document.data, _itself)  # an empty list alone is no document
    return _Opening(document, place_object).value(value, arrival, whole)


def _only_record(value: dict[str, Any], arrival: Arrival) -> tuple[dict[str, Any], Arrival] | None:
    """The record in envelopes of one member each, as nearly all are, with what they stated; None for what is not so simple."""
    for _ in range(FEW_LAYERS):
        layer = recognise(value)
        if layer is None:
            return value, arrival
        if layer.is_record or len(layer.members) != 1:
            return None
        content, encoding, _, stated = layer.members[0]
        arrival = inside(inside(arrival, layer.arrival), stated)
        if encoding is Encoding.TEXT and isinstance(content, str) and content.startswith("{"):
            content = _only_object(content.encode("utf-8"))
        elif encoding is not Encoding.VALUE:
            return None
        if not isinstance(content, dict):
            return None
        value = content
    return None


class _Piece(NamedTuple):
    """Something on the way in. `kept` gives the document's bytes, cut so that they hold this piece and nothing beside it;
    `wrap` gives the document's value with something else in the piece's place."""

    layers: int
    kept: Callable[[], bytes]
    wrap: Callable[[Any], Any]

    def part(self, content: Any, wrap: Callable[[Any], Any]) -> _Piece:
        """One of several pieces that this one is cut into; `wrap` makes a piece like this one of it."""
        return self._inner(lambda: encode(self.wrap(wrap(content))), wrap)

    def core(self, wrap: Callable[[Any], Any]) -> _Piece:
        """The only thing in this piece, so that what keeps the piece keeps it too."""
        return self._inner(self.kept, wrap)

    def _inner(self, kept: Callable[[], bytes], wrap: Callable[[Any], Any]) -> _Piece:
        return _Piece(self.layers + 1, kept, lambda content: self.wrap(wrap(content)))


class _Opening:
    """The opening of one document; numbers its records."""

    def __init__(self, document: Document, place_object: str) -> None:
        self._document = document
        self._place_object = place_object
        self._ordinals = count()

    def value(self, value: Any, arrival: Arrival, piece: _Piece) -> Iterator[Opened]:
        """The records of a JSON value; `arrival` is what was stated around it."""
        if piece.layers > MAX_LAYERS:
            yield self._unreadable(Reason.NOT_JSON, "envelopes nested beyond reason", arrival, piece)
        elif isinstance(value, dict):
            layer = recognise(value)
            if layer is None:
                yield self._record(value, arrival, piece)
            else:
                yield from self._layer(layer, value, inside(arrival, layer.arrival), piece)
        elif isinstance(value, list) and value:
            for element in value:
                # A text or an empty list is read differently in a list and in the place of one: it stays in a list of its own.
                wrap = _listed if isinstance(element, str) or element == [] else _itself
                yield from self.value(element, arrival, piece.core(wrap) if len(value) == 1 else piece.part(element, wrap))
        elif isinstance(value, str) and value.lstrip().startswith(_JSON_BEGINS):
            yield from self._text(value, Encoding.TEXT, arrival, piece)
        else:
            kind = "empty array" if isinstance(value, list) else _KINDS.get(type(value), "number")
            yield self._unreadable(Reason.UNKNOWN_SOURCE, f"JSON, but no object: {kind}", arrival, piece)

    def _layer(self, layer: Layer, value: dict[str, Any], arrival: Arrival, piece: _Piece) -> Iterator[Opened]:
        """The records in an envelope, which is `value`."""
        if layer.is_record:
            yield self._record(value, arrival, piece)
        elif layer.control:
            yield Control(layer.control, self._place())
        for member in layer.members:
            inner = piece.core(member.wrap) if len(layer.members) == 1 else piece.part(member.content, member.wrap)
            stated = inside(arrival, member.arrival)
            if isinstance(member.content, str) and member.encoding is not Encoding.VALUE:
                yield from self._text(member.content, member.encoding, stated, inner)
            elif member.encoding is Encoding.BASE64:
                yield self._unreadable(Reason.UNDECODABLE, "base64 is expected here", stated, inner)
            else:
                yield from self.value(member.content, stated, inner)

    def _text(self, text: str, encoding: Encoding, arrival: Arrival, piece: _Piece) -> Iterator[Opened]:
        """The records of the documents in a string."""
        data, is_base64 = _content(text, encoding)
        if data is None:
            yield self._unreadable(Reason.UNDECODABLE, "this is not base64", arrival, piece)
            return

        def write(content: bytes) -> str:
            # Where base64 is due only JSON may stand plain; padded, it is long enough to be taken for base64 again: see _BASE64.
            is_due = encoding is Encoding.BASE64 and not content.lstrip().startswith((b"{", b"["))
            return base64.b64encode(content.ljust(12)).decode() if is_base64 or is_due else content.decode("utf-8")

        def write_value(value: Any) -> str:
            # A bare text would not be told from base64, or from what is no JSON, and an empty list holds nothing; in a list they are told.
            return write(encode(value if isinstance(value, dict | list) and value != [] else [value]))

        value = _only_object(data)
        if value is not None:
            yield from self.value(value, arrival, piece.core(write_value))
            return
        found = read_documents(decompress(io.BytesIO(data)), max_record_bytes=MAX_CONTENT_BYTES)
        first, second = next(found, None), next(found, None)
        if first is None:
            yield self._unreadable(Reason.NOT_JSON, "the envelope is empty", arrival, piece)
        for item in chain((first, second), found):
            if isinstance(item, Document):
                yield from self.value(item.value, arrival, piece.part(item.value, write_value) if second else piece.core(write_value))
            elif isinstance(item, Garbage):
                yield self._unreadable(item.reason, item.detail, arrival, piece.part(item.data, write) if second else piece)

    def _record(self, payload: dict[str, Any], arrival: Arrival, piece: _Piece) -> RawRecord:
        return RawRecord(payload, _settled(arrival), self._place(), piece.kept())

    def _unreadable(self, reason: Reason, detail: str, arrival: Arrival, piece: _Piece) -> Unreadable:
        return Unreadable(reason, detail, self._place(), piece.kept(), _settled(arrival))

    def _place(self) -> Place:
        return Place(self._place_object, self._document.offset, next(self._ordinals))


def _itself(content: Any) -> Any:
    return content


def _listed(content: Any) -> list[Any]:
    return [content]


def _settled(arrival: Arrival) -> Arrival:
    """Without a stated arrival at AWS, the stated time is the best there is."""
    if arrival.received_at is None and arrival.stated_at is not None:
        return Arrival(arrival.stated_at, arrival.stated_at, *arrival[2:])
    return arrival


def _content(text: str, encoding: Encoding) -> tuple[bytes | None, bool]:
    """The bytes that a string holds and whether they were base64; None where base64 was due and is not there."""
    begins_json = text.lstrip().startswith(_JSON_BEGINS)
    if encoding is Encoding.BASE64 and not begins_json:
        return _from_base64(text), True
    if not begins_json and _BASE64.fullmatch(text):
        # Nothing says that this string is base64; it is when JSON or something compressed comes out.
        data = _from_base64(text)
        if data and (data.lstrip()[:1] in (b"{", b"[") or data[:2] == b"\x1f\x8b"):
            return data, True
    return text.encode("utf-8"), False


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _only_object(data: bytes) -> dict[str, Any] | None:
    """The object that an envelope's content nearly always is."""
    try:
        value = decode(data)
    except Rejected:
        return None
    return value if isinstance(value, dict) else None
