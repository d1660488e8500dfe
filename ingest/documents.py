"""A body to its JSON documents: each byte that is not white space or an array's punctuation leaves here exactly once,
in a Document or in Garbage.

Two ways through the buffer. The swift one cuts at the next newline, or at a `}{` before it where the line is more than
one document, and lets orjson judge the piece: a piece that is a whole JSON object cannot be a part of a longer one, so a
success is always right.
Whatever it cannot take (pretty-printed documents, arrays, garbage, the piece at the buffer's end) is one step of the
careful way, which finds a document's end with a real JSON scanner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

import orjson

from engagedb.errors import Reason, Rejected
from ingest.decode import decode, may_be_deep
from ingest.oversize import KEPT_BYTES, DocumentEnd, LineEnd
from ingest.window import NeedMore, Reads, Window

_BLANK = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*")
_BLANK_OR_COMMA = re.compile(rb"(?:[ \t\r\n,]|\xef\xbb\xbf)*")
_SPACES = b" \t\r\n"


class Document(NamedTuple):
    """One top-level JSON document, or one element of a top-level array: exact bytes, where they stood, decoded value."""

    offset: int
    data: bytes
    value: Any


class Garbage(NamedTuple):
    """Bytes that are no document, and why; `detail` holds nothing of them."""

    offset: int
    data: bytes
    reason: Reason
    detail: str


def read_documents(stream: Reads, *, max_record_bytes: int) -> Iterator[Document | Garbage]:
    """The documents of a body in order, whatever their framing. Memory is bounded by a few times `max_record_bytes`."""
    reader = _Reader(stream, max_record_bytes)
    while not reader.is_done:
        yield from reader.swiftly()
        yield from reader.carefully()


class _Array(Enum):
    """Whether a top-level array is being streamed; BROKEN after garbage, when its end may have gone with the garbage."""

    NONE = 0
    OPEN = 1
    BROKEN = 2


class _Reader(Window):
    """What is left of a body, and how to take the next thing from it."""

    def __init__(self, stream: Reads, max_record_bytes: int) -> None:
        super().__init__(stream)
        self.max_record_bytes = max_record_bytes
        self.is_done = False
        self._newline = -1  # the next, the buffer's length where there is none
        self._seam = -1  # the next "}{" before it, its place where none is known of, the buffer's length where nothing is to be cut
        self._may_be_last = True
        self._array = _Array.NONE
        self._array_at = 0

    def fill(self) -> None:
        super().fill()
        self._newline = self._seam = -1
        self._may_be_last = True

    # The swift way

    def swiftly(self) -> Iterator[Document]:
        """Documents as long as each ends at a newline or at `}{`."""
        buffer, base, at, size = self.buffer, self.offset, self.at, len(self.buffer)
        find, newline, seam, limit = buffer.find, self._newline, self._seam, self.max_record_bytes
        is_unchecked = not self.has_long_numbers
        read = orjson.loads if is_unchecked else decode
        if self._array is _Array.OPEN:
            return
        while at < size:
            if newline < at:
                newline = self._newline = find(b"\n", at) % (size + 1)
                seam = self._seam = newline if newline < size else -1  # a whole line is mostly one document
            if seam < at:
                seam = self._seam = find(b"}{", at, newline) % (newline + 1)
            end = newline if seam == newline else seam + 1
            if end >= size:
                return
            data = buffer[at : end - 1 if buffer[end - 1] == 13 else end]
            try:
                value = read(data)
            except (orjson.JSONDecodeError, Rejected):
                if end < newline:
                    return
                seam = self._seam = find(b"}{", at, newline) % (size + 1)
                continue
            if data[0] != 123 or data[-1] != 125 or end - at > limit or (is_unchecked and may_be_deep(data)):
                return
            start, at = at, end
            while at < size and buffer[at] in _SPACES:
                at += 1
            self.at = at
            yield Document(base + start, data, value)

    # The careful way

    def carefully(self) -> Iterator[Document | Garbage]:
        """What one step gives: a document, an array's bracket, garbage, or more of the body in the buffer."""
        try:
            yield from self._step()
        except NeedMore as need:
            if len(self.buffer) - self.at > self.max_record_bytes:
                yield self._skip_oversize(DocumentEnd() if need.is_document else LineEnd())
            else:
                self.fill()

    def _step(self) -> Iterator[Document | Garbage]:
        blank = _BLANK if self._array is _Array.NONE else _BLANK_OR_COMMA
        found = blank.match(self.buffer, self.at)
        self.at = found.end() if found else self.at
        if len(self.buffer) - self.at < 3 and not self.is_at_end:
            self.fill()  # a byte order mark may be cut here
            return
        if self.at == len(self.buffer):
            yield from self._finish()
            return
        first = self.buffer[self.at : self.at + 1]
        if first == b"]" and self._array is not _Array.NONE:
            self._array = _Array.NONE
            self.at += 1
        elif first == b"[" and self._array is not _Array.OPEN:
            yield from self._array_start()
        elif first == b"{" or self._array is not _Array.NONE:
            yield self._value(first)
        else:
            yield self._scalar_line()

    def _value(self, first: bytes) -> Document | Garbage:
        """The document or the array's element at the place, or the garbage that stands there instead."""
        start = self.at
        if first == b"{" and self._may_be_last:
            self._may_be_last = False  # asked once for each buffer, because a no costs as much as the buffer is long
            if (last := self._last(start)) is not None:
                return last
        end = self.scan(start)
        if end is not None and first not in b'{["':
            # A bare word or number ends at a delimiter; without one it is the beginning of something else.
            if end == len(self.buffer) and not self.is_at_end:
                raise NeedMore
            if self.buffer[end : end + 1] not in (b"", b",", b"]", b" ", b"\t", b"\r", b"\n"):
                end = None
        if end is None:
            return self._garbage_line()
        self.at = end
        return self._document(start, self.buffer[start:end])

    def _last(self, start: int) -> Document | None:
        """The rest of the buffer where it is one object, as the last of a body without a line break after it mostly is."""
        data = self.buffer[start:].rstrip(_SPACES)
        if data[-1:] != b"}" or len(data) > self.max_record_bytes:
            return None
        try:
            value = decode(data)
        except Rejected:
            return None
        self.at = start + len(data)
        return Document(self.offset + start, data, value)

    def _document(self, start: int, data: bytes) -> Document | Garbage:
        offset = self.offset + start
        if len(data) > self.max_record_bytes:
            return self._oversize(offset, data[:KEPT_BYTES], len(data))
        try:
            return Document(offset, data, decode(data))
        except Rejected as rejected:
            return Garbage(offset, data, rejected.reason, rejected.detail)

    def _array_start(self) -> Iterator[Garbage]:
        """An array of objects is streamed; any other is looked at whole first: a line that begins with `[` may be a log line."""
        start = self.at
        found = _BLANK.match(self.buffer, start + 1)
        inner = found.end() if found else start + 1
        if inner == len(self.buffer) and not self.is_at_end:
            raise NeedMore
        if self.buffer[inner : inner + 1] != b"{":
            end = self.scan(start)
            if end is None or self._line_rest(end)[:1] not in (b"", b"{", b"["):
                yield self._garbage_line()
                return
            if end - start > self.max_record_bytes:
                self.at = end
                yield self._oversize(self.offset + start, self.buffer[start : start + KEPT_BYTES], end - start)
                return
        self._array, self._array_at, self.at = _Array.OPEN, self.offset + start, start + 1

    def _scalar_line(self) -> Document | Garbage:
        """A number, word or string is a document only if it has its line for itself: `2024-01-01 started` is not one."""
        end = self.line_end(self.at)
        data = self.buffer[self.at : end].rstrip(_SPACES)
        try:
            document = Document(self.offset + self.at, data, decode(data))
        except Rejected as rejected:
            return self._garbage_line(rejected)
        self.at = end
        return document

    # Garbage

    def _line_rest(self, start: int) -> bytes:
        return self.buffer[start : self.line_end(start)].strip(_SPACES)

    def _garbage_line(self, rejected: Rejected | None = None) -> Garbage:
        """The rest of the line, and of a pretty-printed document that begins there; reading resumes at the next line.

        `rejected` is the complaint where it is known already."""
        start, end = self.at, self.line_end(self.at)
        line = self.buffer[start:end].rstrip(_SPACES)
        if line[:1] in (b"{", b"[") and line[-1:] in (b"{", b"[", b","):
            found = _continuation(self._indentation(start)).match(self.buffer, end)
            end = found.end() if found else end
            if end == len(self.buffer) and not self.is_at_end and end - start <= self.max_record_bytes:
                raise NeedMore
        data = self.buffer[start:end].rstrip(_SPACES)
        self.at = end
        if self._array is _Array.OPEN:
            self._array = _Array.NONE if data.endswith(b"]") else _Array.BROKEN
        offset = self.offset + start
        if len(data) > self.max_record_bytes:
            return self._oversize(offset, data[:KEPT_BYTES], len(data))
        if self.corrupt and not self.buffer[end:].strip(_SPACES):
            corrupt, self.corrupt = self.corrupt, None
            return Garbage(offset, data, corrupt.reason, corrupt.detail)
        rejected = rejected or _complaint(data)
        return Garbage(offset, data, rejected.reason, rejected.detail)

    def _indentation(self, start: int) -> int:
        return start - self.line_start(start)

    def _oversize(self, offset: int, data: bytes, length: int) -> Garbage:
        over = f"a record of {length} bytes is over ENGAGEDB_MAX_RECORD_BYTES={self.max_record_bytes}"
        return Garbage(offset, data, Reason.TOO_LARGE, f"{over}; its first {len(data)} bytes are kept")

    def _skip_oversize(self, ends: DocumentEnd | LineEnd) -> Garbage:
        """Passes over what is too long to be held, without holding it."""
        offset, kept = self.offset + self.at, self.buffer[self.at : self.at + KEPT_BYTES]
        while (end := ends.find(self.buffer, self.at)) is None and not self.is_at_end:
            self.at = len(self.buffer)
            self.fill()
        self.at = len(self.buffer) if end is None else end
        return self._oversize(offset, kept, self.offset + self.at - offset)

    # The buffer

    def _finish(self) -> Iterator[Garbage]:
        """The complaints at the end of the body, or of a part of it that is corrupt."""
        corrupt, self.corrupt = self.corrupt, None
        if corrupt:
            yield Garbage(self.offset + self.at, corrupt.unread, corrupt.reason, corrupt.detail)
        elif self._array is _Array.OPEN:
            yield Garbage(self._array_at, b"[", Reason.NOT_JSON, "a JSON array is never closed")
        self._array = _Array.NONE
        self.fill()  # what comes after a corrupt part
        self.is_done = self.at == len(self.buffer)


def _complaint(data: bytes) -> Rejected:
    try:
        decode(data)
    except Rejected as rejected:
        return rejected
    return Rejected(Reason.NOT_JSON, "this is JSON where no document can begin")


@cache
def _continuation(indentation: int) -> re.Pattern[bytes]:
    """The lines that follow the first of a pretty-printed document: indented more than it, or closing it."""
    return re.compile(rb"(?:\n[ \t]{%d}(?:[ \t][^\n]*|[}\]][^\n]*))*" % indentation)
