"""Records packed into landing objects: every framing and compression that ingest reads."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

import cramjam
import zstandard

_HEAD: Final = struct.Struct("<I?")
_SNAPPY_BLOCK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of an object, or garbage, whose bytes say nothing about where it ends."""

    data: bytes
    is_document: bool

    def spill(self, stream: BinaryIO) -> None:
        stream.write(_HEAD.pack(len(self.data), self.is_document) + self.data)

    @staticmethod
    def spilled(stream: BinaryIO) -> Iterator[Piece]:
        while head := stream.read(_HEAD.size):
            size, is_document = _HEAD.unpack(head)
            yield Piece(stream.read(size), is_document)


def _lines(pieces: Sequence[Piece]) -> bytes:
    return b"".join(piece.data + b"\n" for piece in pieces)


def _windows_lines(pieces: Sequence[Piece]) -> bytes:
    return b"\r\n".join(piece.data for piece in pieces)


def _concatenated(pieces: Sequence[Piece]) -> bytes:
    return b"".join(piece.data if piece.is_document else b"\n" + piece.data + b"\n" for piece in pieces)


def _array(pieces: Sequence[Piece]) -> bytes:
    """One array of the documents; garbage would break it and comes after."""
    documents = [piece.data for piece in pieces if piece.is_document]
    garbage = [piece.data + b"\n" for piece in pieces if not piece.is_document]
    return b"[" + b",\n ".join(documents) + b"]\n" + b"".join(garbage)


def _several_members(body: bytes) -> bytes:
    return b"".join(gzip.compress(body[at : at + 50_000], 1) for at in range(0, len(body), 50_000))


def _hadoop_snappy(body: bytes) -> bytes:
    blocks = []
    for at in range(0, len(body), _SNAPPY_BLOCK):
        block = body[at : at + _SNAPPY_BLOCK]
        packed = bytes(cramjam.snappy.compress_raw(block))
        blocks.append(struct.pack(">II", len(block), len(packed)) + packed)
    return b"".join(blocks)


def _zip(body: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("records", body)
    return packed.getvalue()


FRAMINGS: Final[dict[str, Callable[[Sequence[Piece]], bytes]]] = {
    "lines": _lines,
    "crlf": _windows_lines,
    "joined": _concatenated,
    "array": _array,
}
CODECS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "plain": bytes,
    "gzip": lambda body: gzip.compress(body, 1),
    "members": _several_members,
    "zstd": lambda body: zstandard.ZstdCompressor(level=1).compress(body),
    "snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
    "hadoop": _hadoop_snappy,
    "zip": _zip,
}
