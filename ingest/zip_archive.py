"""The members of a zip archive, one after another, as far as they can be read.

The standard library needs the directory at the archive's end and forgets a member's readable beginning when its rest is
damaged; both are made good by inflating from the header that stands before each member.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast

CHUNK_BYTES = 256 * 1024

_HEADER = struct.Struct("<4s5H3L2H")
_HEADER_MAGIC = b"PK\x03\x04"
_DESCRIPTOR_BYTES = 24  # at most, between a member's data and the next header

# What the standard library raises for a damaged archive; of versions and methods that it does not know it says RuntimeError.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, OSError, OverflowError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Damage:
    """Why the archive, or one member, cannot be read to its end; `header` are the bytes where it begins."""

    detail: str
    header: bytes


def members(file: IO[bytes]) -> Iterator[bytes | Damage]:
    """The bytes of every member, a line break after each so that documents do not run from one into the next."""
    start = file.tell()
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN:
        file.seek(start)
        while (chunk := _next_member(file)) is not None:
            yield from chunk
            yield b"\n"
        yield _damage(file, start, "the zip archive has no directory at its end: it is cut or damaged")
        return
    for entry in archive.infolist():
        if not entry.filename.endswith("/"):  # is_dir() takes no empty name
            yield from _member(archive, file, entry)
            yield b"\n"


def until_it_breaks(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What can be decompressed of `data` before the byte that breaks it: zlib itself keeps nothing of a failed call."""
    for at in range(len(data)):
        try:
            out = inflater.decompress(data[at : at + 1])
        except zlib.error:
            return
        if out:
            yield out


def _member(archive: zipfile.ZipFile, file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes | Damage]:
    given, header_at = 0, max(0, entry.header_offset)  # a damaged directory states places before the beginning
    try:
        with archive.open(entry) as member:
            while chunk := cast(zipfile.ZipExtFile, member).read1(CHUNK_BYTES):
                yield chunk
                given += len(chunk)
    except _BROKEN:
        file.seek(header_at)
        for chunk in _next_member(file) or ():
            if len(chunk) > given:
                yield chunk[given:]
            given = max(0, given - len(chunk))
        yield _damage(file, header_at, "a member of the zip archive is damaged, encrypted or packed by an unknown method")


def _damage(file: IO[bytes], at: int, detail: str) -> Damage:
    file.seek(at)
    return Damage(detail, file.read(CHUNK_BYTES))


def _next_member(file: IO[bytes]) -> Iterator[bytes] | None:
    """What can be read of the member whose header comes next; None when no header comes."""
    gap = file.read(_DESCRIPTOR_BYTES + len(_HEADER_MAGIC))
    at = gap.find(_HEADER_MAGIC)
    if at < 0:
        return None
    file.seek(at - len(gap), 1)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    _, _, flags, method, _, _, _, packed_bytes, _, name_bytes, extra_bytes = _HEADER.unpack(header)
    file.seek(name_bytes + extra_bytes, 1)
    if flags & 1 or method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return None
    return _inflated(file) if method == zipfile.ZIP_DEFLATED else _stored(file, packed_bytes)


def _stored(file: IO[bytes], missing: int) -> Iterator[bytes]:
    while missing and (chunk := file.read(min(missing, CHUNK_BYTES))):
        yield chunk
        missing -= len(chunk)


def _inflated(file: IO[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    while not inflater.eof and (data := inflater.unconsumed_tail or file.read(CHUNK_BYTES)):
        before = inflater.copy()
        try:
            out = inflater.decompress(data, CHUNK_BYTES)
        except zlib.error:
            yield from until_it_breaks(before, data)
            return
        if out:
            yield out
    file.seek(-len(inflater.unused_data), 1)
