"""A landing object's bytes to its decompressed body, told by content and never by name, in bounded memory.

The body of a Parquet file is its rows as JSON lines.

What could be read always comes before the complaint about what could not: a cut gzip file gives its beginning.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

import zstandard

from engagedb.errors import Reason, Rejected
from ingest import snappy, zip_archive
from ingest.zip_archive import CHUNK_BYTES, until_it_breaks

_HEAD_BYTES = 64 * 1024
_SPOOL_BYTES = 64 * 1024 * 1024
_ZSTD_SLICE_BYTES = 1024  # a slice of a crafted frame grows 32,000-fold: this keeps it to 32 MiB
_ZSTD_WINDOW_BYTES = 128 * 1024 * 1024


class Corrupt(Rejected):
    """A body that stops making sense; `unread` are the compressed bytes where it did. Reading may go on after it."""

    def __init__(self, detail: str, unread: bytes) -> None:
        super().__init__(Reason.UNDECODABLE, detail)
        self.unread = unread


Chunks = Iterator[bytes | Corrupt]


class Decompressed:
    """A stream of the decompressed bytes. `read` raises Corrupt once where the body breaks, and then goes on."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._chunk = b""
        self._taken = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" at the end."""
        while self._taken >= len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            if isinstance(chunk, Corrupt):
                raise chunk
            self._chunk, self._taken = chunk, 0
        self._taken += size
        return self._chunk[self._taken - size : self._taken]


class _Source:
    """The object's bytes with the head that was looked at put back. `read(n)` gives n bytes, fewer only at the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = stream.tell() if stream.seekable() else None
        self._head = b""
        self._head = self.read(_HEAD_BYTES)

    @property
    def head(self) -> bytes:
        return self._head

    def read(self, size: int, /) -> bytes:
        parts, self._head = [self._head[:size]], self._head[size:]
        missing = size - len(parts[0])
        while missing and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    @contextmanager
    def rewound(self) -> Iterator[IO[bytes]]:
        """The whole object as a file that can seek; one that cannot is held in memory, or when large on disk, without a name."""
        if self._start is not None:
            self._stream.seek(self._start)
            yield self._stream
            return
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
            while chunk := self.read(CHUNK_BYTES):
                spool.write(chunk)
            spool.seek(0)
            yield spool


def decompress(stream: BinaryIO) -> Decompressed:
    """The decompressed body of a landing object: plain, gzip, zip, zstd, raw Snappy, Hadoop-framed Snappy or Parquet.

    Its `read` raises Corrupt (UNDECODABLE) after everything that was readable."""
    source = _Source(stream)
    head = source.head
    for magics, unpack in _BY_MAGIC:
        if head.startswith(magics):
            return Decompressed(unpack(source))
    if snappy.is_hadoop(head):
        return Decompressed(_hadoop_snappy(source))
    if head and snappy.is_raw(head, is_whole=len(head) < _HEAD_BYTES):
        return Decompressed(_raw_snappy(source))
    return Decompressed(_plain(source))


def _plain(source: _Source) -> Chunks:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk


def _gzip(source: _Source) -> Chunks:
    member, data = zlib.decompressobj(31), b""
    is_between = False
    while data or (data := source.read(CHUNK_BYTES)):
        if is_between:
            data = data.lstrip(b"\0")  # members may be padded with zeros
            if not data:
                continue
            member, is_between = zlib.decompressobj(31), False
        before = member.copy()
        try:
            out = member.decompress(data, CHUNK_BYTES)
        except zlib.error:
            yield from until_it_breaks(before, data)
            yield Corrupt("the gzip data is damaged, its rest cannot be read", data)
            return
        if out:
            yield out
        is_between = member.eof
        broke_at, data = data, member.unused_data if is_between else member.unconsumed_tail
    if not is_between:
        while out := member.decompress(member.unconsumed_tail, CHUNK_BYTES):
            yield out
        if not member.eof:
            yield Corrupt("the gzip data ends in the middle", broke_at)


def _zstd(source: _Source) -> Chunks:
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
    frame, data = context.decompressobj(), b""
    is_between = True
    while data or (data := source.read(CHUNK_BYTES)):
        if is_between:
            frame, is_between = context.decompressobj(), False
        broke_at = data
        for start in range(0, len(data), _ZSTD_SLICE_BYTES):
            try:
                out = frame.decompress(data[start : start + _ZSTD_SLICE_BYTES])
            except zstandard.ZstdError:
                yield Corrupt("the zstd data is damaged, its rest cannot be read", data[start:])
                return
            if out:
                yield out
            if frame.eof:
                data = frame.unused_data + data[start + _ZSTD_SLICE_BYTES :]
                is_between = True
                break
        else:
            data = b""
    if not is_between:
        yield Corrupt("the zstd data ends in the middle", broke_at)


def _zip(source: _Source) -> Chunks:
    with source.rewound() as file:
        for chunk in zip_archive.members(file):
            yield Corrupt(chunk.detail, chunk.header) if isinstance(chunk, zip_archive.Damage) else chunk


def _parquet(source: _Source) -> Chunks:
    from ingest import parquet  # few objects need it, and it takes long to import

    head = source.head
    with source.rewound() as file:
        for chunk in parquet.rows(file):
            yield Corrupt(chunk.detail, head) if isinstance(chunk, parquet.Damage) else chunk


def _raw_snappy(source: _Source) -> Chunks:
    head = source.head
    stated = snappy.stated_length(head)
    if stated > snappy.MAX_RAW_BYTES:
        yield Corrupt(f"the Snappy block states {stated} bytes, more than {snappy.MAX_RAW_BYTES} can be read at once", head)
        return
    block = source.read(snappy.compressed_limit(stated))
    try:
        yield snappy.unpack(block)
    except snappy.Broken as broken:
        yield broken.readable
        yield Corrupt(str(broken), head)


def _hadoop_snappy(source: _Source) -> Chunks:
    while prefix := source.read(4):
        missing = int.from_bytes(prefix, "big")
        if len(prefix) < 4 or missing > snappy.MAX_BLOCK_BYTES:
            yield Corrupt("the Hadoop Snappy framing is damaged", prefix)
            return
        while missing > 0:
            prefix = source.read(4)
            size = int.from_bytes(prefix, "big")
            if len(prefix) < 4 or not 0 < size <= snappy.compressed_limit(missing):
                yield Corrupt("the Hadoop Snappy framing is damaged or cut", prefix)
                return
            block = source.read(size)
            try:
                out = snappy.unpack(block)
            except snappy.Broken as broken:
                yield broken.readable
                yield Corrupt(str(broken), block[:CHUNK_BYTES])
                return
            missing -= len(out)
            yield out


_BY_MAGIC: tuple[tuple[bytes | tuple[bytes, ...], Callable[[_Source], Chunks]], ...] = (
    (b"\x1f\x8b", _gzip),
    ((b"PK\x03\x04", b"PK\x05\x06"), _zip),
    (b"PAR1", _parquet),
    # a zstd frame, or one of the sixteen frames that readers skip
    ((b"\x28\xb5\x2f\xfd", *(bytes((0x50 | low, 0x2A, 0x4D, 0x18)) for low in range(16))), _zstd),
)
