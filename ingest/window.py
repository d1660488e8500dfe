"""The part of a body that is in memory, and where things end in it."""

from __future__ import annotations

import json
from typing import Protocol

from ingest.decode import holds_long_numbers, scan
from ingest.decompress import Corrupt
from ingest.oversize import DocumentEnd

CHUNK_BYTES = 256 * 1024
_GLANCE_BYTES = 4096
_NEAR_THE_END = 16  # an error this close to the buffer's end may be a token that is not all there yet


class Reads(Protocol):
    """What documents are read from: `read(n)` gives at most n bytes, b"" at the end."""

    def read(self, size: int, /) -> bytes: ...


class NeedMore(Exception):
    """The buffer ends before what stands at the place can be judged; `is_document` when it is good JSON so far."""

    def __init__(self, *, is_document: bool = False) -> None:
        self.is_document = is_document


class Window:
    """Bytes of the body from `offset` on; `at` is the place in them up to which everything has left."""

    def __init__(self, stream: Reads) -> None:
        self.buffer = b""
        self.offset = 0
        self.at = 0
        self.is_at_end = False
        self.corrupt: Corrupt | None = None  # why the body ends here, when it should not
        self.has_long_numbers = False
        self._stream = stream
        self._text = ""  # the buffer from _text_at on, as Latin-1
        self._text_at = -1

    def fill(self) -> None:
        """Reads on; as much again as is held when that was not enough, so that no byte is looked at often."""
        keep = self.line_start(self.at)  # with the indentation, which tells where a broken document ends
        parts = [self.buffer[keep:]]
        self.offset += keep
        self.at -= keep
        missing = max(CHUNK_BYTES, len(parts[0]))
        try:
            while missing > 0 and (part := self._stream.read(missing)):
                parts.append(part)
                missing -= len(part)
        except Corrupt as corrupt:
            self.corrupt = corrupt
        self.is_at_end = missing > 0
        self.buffer = b"".join(parts)
        self.has_long_numbers = holds_long_numbers(self.buffer)
        self._text_at = -1

    def line_end(self, start: int) -> int:
        """Where the line of `start` ends. Raises NeedMore when the buffer ends first."""
        end = self.buffer.find(b"\n", start)
        if end < 0:
            if not self.is_at_end:
                raise NeedMore
            end = len(self.buffer)
        return end

    def line_start(self, start: int) -> int:
        """Where the line of `start` begins; `start` itself when something else stands before it on the line."""
        begin = self.buffer.rfind(b"\n", 0, start) + 1
        return start if self.buffer[begin:start].strip(b" \t") else begin

    def scan(self, start: int) -> int | None:
        """Where the value at `start` ends, None when it is no JSON. Raises NeedMore when the buffer ends first."""
        window = self.buffer[start : start + _GLANCE_BYTES].decode("latin-1")  # an error costs time in proportion to its text
        is_whole = start + _GLANCE_BYTES >= len(self.buffer)
        try:
            end = scan(window, 0)
            return start + end if is_whole or end < len(window) else self._scan_all(start)
        except json.JSONDecodeError as error:
            if not _is_cut(error, window):
                return None
        except (RecursionError, ValueError):
            is_whole = False
        if is_whole and not self.is_at_end:
            raise NeedMore(is_document=True)
        return None if is_whole else self._scan_all(start)

    def _scan_all(self, start: int) -> int | None:
        if self._text_at < 0:
            self._text, self._text_at = self.buffer[start:].decode("latin-1"), start
        try:
            return scan(self._text, start - self._text_at) + self._text_at
        except json.JSONDecodeError as error:
            if _is_cut(error, self._text) and not self.is_at_end:
                raise NeedMore(is_document=True) from None
        except RecursionError:
            return self._end_of_deep(start)
        except ValueError:
            pass
        return None

    def _end_of_deep(self, start: int) -> int | None:
        """Where a value on one line ends that is nested too deep for the scanner: its brackets tell."""
        end = DocumentEnd().find(self.buffer[start : self.line_end(start)], 0)
        return None if end is None else start + end


def _is_cut(error: json.JSONDecodeError, text: str) -> bool:
    """Whether more text could put the error right."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - _NEAR_THE_END
