"""Opens envelopes one after another; see the package for what it promises."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

from engagedb.errors import Reason, Rejected
from ingest.decode import decode
from ingest.decompress import decompress
from ingest.documents import Document, Garbage, read_documents
from ingest.encode import encode
from ingest.envelope.layers import UNSTATED, Encoding, Member
from ingest.envelope.shapes import may_be_envelope, recognise
from ingest.envelope.stated import inside
from transforms.record import Arrival, Control, Opened, Place, RawRecord, Unreadable

MAX_LAYERS = 32
MAX_CONTENT_BYTES = 64 * 1024 * 1024
"""The longest document that compressed content may hold; it is in memory, however small it was in its envelope."""

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")
_JSON_BEGINS = ("{", "[")
_KINDS = {str: "string", bool: "boolean", type(None): "null"}


def open_document(document: Document, place_object: str, arrival: Arrival = UNSTATED) -> Iterator[Opened]:
    """The records of a document with what its envelopes stated; `arrival` is what was stated around the document."""
    value = document.value
    if isinstance(value, dict) and not may_be_envelope(value):
        return iter((RawRecord(value, _settled(arrival), Place(place_object, document.offset), document.data),))
    return _Opening(document, place_object).value(value, _Piece(arrival, 0, True, lambda alone: alone))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A value on the way in. `wrap` gives the whole document with another value in its place and nothing beside it."""

    arrival: Arrival
    layers: int
    is_alone: bool  # the document holds nothing else, so its own bytes can be kept
    wrap: Callable[[Any], Any]


class _Opening:
    """The opening of one document; numbers its records."""

    def __init__(self, document: Document, place_object: str) -> None:
        self._document = document
        self._place_object = place_object
        self._ordinals = count()

    def value(self, value: Any, piece: _Piece) -> Iterator[Opened]:
        """The records of a JSON value."""
        if piece.layers > MAX_LAYERS:
            yield self._unreadable(Reason.NOT_JSON, f"more than {MAX_LAYERS} envelopes in one another", piece, value)
        elif isinstance(value, dict):
            yield from self._object(value, piece)
        elif isinstance(value, list) and value:
            inner = replace(piece, layers=piece.layers + 1, is_alone=piece.is_alone and len(value) == 1)
            for element in value:
                yield from self.value(element, inner)
        elif isinstance(value, str) and value.lstrip().startswith(_JSON_BEGINS):
            member = Member(value, Encoding.TEXT, lambda content: content)
            yield from self._member(member, replace(piece, layers=piece.layers + 1))
        else:
            kind = "empty array" if isinstance(value, list) else _KINDS.get(type(value), "number")
            yield self._unreadable(Reason.UNKNOWN_SOURCE, f"JSON, but no object: {kind}", piece, value)

    def _object(self, value: dict[str, Any], piece: _Piece) -> Iterator[Opened]:
        layer = recognise(value)
        if layer is None:
            yield RawRecord(value, _settled(piece.arrival), self._place(), self._outermost(piece, value))
            return
        arrival = inside(piece.arrival, layer.arrival)
        if layer.is_record:
            yield RawRecord(value, _settled(arrival), self._place(), self._outermost(piece, value))
        elif layer.control:
            yield Control(layer.control, self._place())
        for member in layer.members:
            yield from self._member(
                member,
                _Piece(inside(arrival, member.arrival), piece.layers + 1, piece.is_alone and len(layer.members) == 1, piece.wrap),
            )

    def _member(self, member: Member, outer: _Piece) -> Iterator[Opened]:
        """The records of an envelope's member; `outer` wraps the envelope, the member wraps itself into the envelope."""

        def around(content: Any) -> Any:
            return outer.wrap(member.wrap(content))

        if member.encoding is Encoding.VALUE or not isinstance(member.content, str):
            if member.encoding is Encoding.BASE64:
                yield self._unreadable(Reason.UNDECODABLE, "base64 is expected here", replace(outer, wrap=around), member.content)
            else:
                yield from self.value(member.content, replace(outer, wrap=around))
            return
        data, is_base64 = _content(member.content, member.encoding)
        if data is None:
            yield self._unreadable(Reason.UNDECODABLE, "this is not base64", replace(outer, wrap=around), member.content)
            return

        def write(content: bytes) -> Any:
            return around(base64.b64encode(content).decode() if is_base64 else content.decode("utf-8"))

        found = _documents(data)
        first, second = next(found, None), next(found, None)
        if first is None:
            yield self._unreadable(Reason.NOT_JSON, "the envelope is empty", replace(outer, wrap=around), member.content)
        inner = replace(outer, is_alone=outer.is_alone and second is None, wrap=lambda alone: write(encode(alone)))
        for item in chain((first, second), found):
            if item is None:
                continue
            if isinstance(item, Document):
                yield from self.value(item.value, inner)
            else:
                yield self._unreadable(item.reason, item.detail, replace(inner, wrap=write), item.data)

    def _unreadable(self, reason: Reason, detail: str, piece: _Piece, content: Any) -> Unreadable:
        return Unreadable(reason, detail, self._place(), self._outermost(piece, content), _settled(piece.arrival))

    def _outermost(self, piece: _Piece, content: Any) -> bytes:
        return self._document.data if piece.is_alone else encode(piece.wrap(content))

    def _place(self) -> Place:
        return Place(self._place_object, self._document.offset, next(self._ordinals))


def _settled(arrival: Arrival) -> Arrival:
    """Without a stated arrival at AWS, the stated time is the best there is."""
    if arrival.received_at is None and arrival.stated_at is not None:
        return replace(arrival, received_at=arrival.stated_at)
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


def _documents(data: bytes) -> Iterator[Document | Garbage]:
    """The documents of an envelope's content, nearly always one."""
    try:
        value = decode(data)
    except Rejected:
        value = None
    if isinstance(value, dict):
        return iter((Document(0, data, value),))
    return read_documents(decompress(io.BytesIO(data)), max_record_bytes=MAX_CONTENT_BYTES)
