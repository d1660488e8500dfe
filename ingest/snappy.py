"""Snappy has no magic number: a body is told by its length preamble and by whether its first elements make sense.

Raw: one block, `varint length` then literals and back references. Hadoop: `u32 block length`, then `u32 size, raw
block` until the length is reached, and again. Back references of a raw block may reach anywhere, so it is read whole.
"""

from __future__ import annotations

import re
from typing import Protocol

import cramjam

MAX_RAW_BYTES = 512 * 1024 * 1024
"""A raw block decompresses in memory; Firehose buffers at most 128 MiB."""

MAX_BLOCK_BYTES = 64 * 1024 * 1024
"""A Hadoop block; writers use 256 KiB. It also keeps text apart: four text bytes read as a larger number."""

_HEAD_BYTES = 4096
_SURELY_SEEN = 2048  # decompressed bytes that a head of _HEAD_BYTES gives at least, where there are so many
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Reads(Protocol):
    """What is read from: `read(n)` gives n bytes, fewer only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Broken(Exception):
    """A block that cannot be decoded whole; `readable` is its decodable beginning."""

    def __init__(self, readable: bytes) -> None:
        super().__init__("this Snappy block is broken or cut")
        self.readable = readable


def is_raw(head: bytes, *, is_whole: bool) -> bool:
    """True when `head` begins a raw Snappy block that holds JSON somewhere. `is_whole` says that nothing follows `head`."""
    if is_whole and head[0] >= 0x80 and (whole := _whole(head)) is not None and b"{" in whole[:_SURELY_SEEN]:
        return len(head) <= compressed_limit(len(whole)) and not _is_text(head[:_HEAD_BYTES])
    stated, decoded, is_sound = _walk(head[:_HEAD_BYTES])
    if not is_sound or not (b"{" in decoded or b"[" in decoded) or len(head) > compressed_limit(stated) or _is_text(head[:_HEAD_BYTES]):
        return False
    # A length below 128 is one byte and could be text; such a block is short enough to be seen whole.
    return head[0] >= 0x80 or (is_whole and len(decoded) == stated)


def is_hadoop(head: bytes) -> bool:
    """True when `head` begins a Hadoop-framed Snappy stream: three lengths that agree, and elements that make sense.

    What the stream holds does not matter: its first record may be garbage.
    """
    block, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    if len(head) < 10 or not 0 < block <= MAX_BLOCK_BYTES or not 0 < size <= compressed_limit(block):
        return False
    if len(head) >= 8 + size and (whole := _whole(head[8 : 8 + size])) is not None:
        return 0 < len(whole) <= block
    stated, decoded, is_sound = _walk(head[8 : 8 + min(size, _HEAD_BYTES)])
    return is_sound and len(decoded) <= stated <= block


def stated_length(head: bytes) -> int:
    """The decompressed length that a raw block's preamble states."""
    return _walk(head[:5])[0]


def compressed_limit(length: int) -> int:
    """The most bytes that a raw block of `length` decompressed bytes can have."""
    return 32 + length + length // 6


def unpack(block: bytes) -> bytes:
    """The decompressed bytes of a raw block. Raises Broken with what could be decoded."""
    whole = _whole(block)
    if whole is None:
        raise Broken(bytes(_walk(block)[1]))
    return whole


def _whole(block: bytes) -> bytes | None:
    """The decompressed bytes of a raw block, None when it is none."""
    try:
        return bytes(cramjam.snappy.decompress_raw(block))
    except cramjam.DecompressionError:
        return None


def _is_text(data: bytes) -> bool:
    """True for UTF-8 without control characters; compressed bytes are never that for long."""
    if _CONTROL.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data) - error.start < 4  # a character cut at the end
    return True


def _walk(data: bytes) -> tuple[int, bytearray, bool]:
    """The stated length, what the elements give up to the end of `data`, and whether all of them are possible."""
    stated = at = 0
    for at, byte in enumerate(data[:5]):
        stated |= (byte & 127) << (7 * at)
        if byte < 128:
            break
    else:
        return stated, bytearray(), False
    decoded = bytearray()
    at += 1
    while at < len(data) and len(decoded) <= stated:
        tag, kind = data[at], data[at] & 3
        at += 1
        if kind == 0:
            size = tag >> 2
            if size >= 60:
                extra = size - 59
                size = int.from_bytes(data[at : at + extra], "little")
                at += extra
            decoded += data[at : at + size + 1]
            at += size + 1
            continue
        extra, size = (1, 4 + (tag >> 2 & 7)) if kind == 1 else (2 if kind == 2 else 4, 1 + (tag >> 2))
        if at + extra > len(data):
            break
        back = int.from_bytes(data[at : at + extra], "little") | (tag >> 5 << 8 if kind == 1 else 0)
        at += extra
        if not 0 < back <= len(decoded):
            return stated, decoded, False
        repeated = decoded[len(decoded) - back :][:size]
        decoded += (repeated * (size // len(repeated) + 1))[:size]
    return stated, decoded, 0 < len(decoded) <= stated
