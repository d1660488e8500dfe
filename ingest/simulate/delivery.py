"""Delivery as Firehose does it: records are buffered by time and size and stored under dated keys, compressed or not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cramjam
import numpy as np
import zstandard

from ingest.simulate.draw import UUID, pick, uuid_fields

BUFFER_MS: Final = 900_000
BUFFER_CHARACTERS: Final = 16 * 1024 * 1024
_HADOOP_BLOCK: Final = 256 * 1024


def store(out: Path, prefix: str, stream: str, records: Iterable[tuple[int, str]], rng: np.random.Generator) -> tuple[int, int]:
    """Writes the records (arrival in Unix ms, text with its delimiter; in order of arrival) as objects. Returns objects and bytes."""
    objects = size = 0
    for oldest, body in _buffers(records):
        at = datetime.fromtimestamp(oldest / 1000, UTC)
        suffix, compress = FORMATS[int(pick(rng, [weight for weight, _, _ in _MIX], 1)[0])]
        uuid = UUID % tuple(field.item() for field in uuid_fields(rng.integers(0, 1 << 62, 1)))
        name = f"{stream}-1-{at:%Y-%m-%d-%H-%M-%S}-{uuid}"
        folder = out / prefix / f"{at:%Y/%m/%d/%H}"
        folder.mkdir(parents=True, exist_ok=True)
        data = compress(body.encode(), name, at)
        (folder / f"{name}{suffix}").write_bytes(data)
        objects += 1
        size += len(data)
    return objects, size


def _buffers(records: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Time of the oldest record and the whole body, object by object."""
    texts: list[str] = []
    oldest = size = 0
    for arrival, text in records:
        if texts and (arrival >= oldest + BUFFER_MS or size >= BUFFER_CHARACTERS):
            yield oldest, "".join(texts)
            texts, size = [], 0
        if not texts:
            oldest = arrival
        texts.append(text)
        size += len(text)
    if texts:
        yield oldest, "".join(texts)


def _plain(data: bytes, name: str, at: datetime) -> bytes:
    return data


def _gzip(data: bytes, name: str, at: datetime) -> bytes:
    return bytes(cramjam.gzip.compress(data, 1))


def _zip(data: bytes, name: str, at: datetime) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), data, zipfile.ZIP_DEFLATED, 1)
    return buffer.getvalue()


def _snappy(data: bytes, name: str, at: datetime) -> bytes:
    return bytes(cramjam.snappy.compress_raw(data))


def _hadoop_snappy(data: bytes, name: str, at: datetime) -> bytes:
    """Blocks, each as its length, its compressed length and raw snappy."""
    blocks = []
    for start in range(0, len(data), _HADOOP_BLOCK):
        block = data[start : start + _HADOOP_BLOCK]
        packed = bytes(cramjam.snappy.compress_raw(block))
        blocks += [len(block).to_bytes(4, "big"), len(packed).to_bytes(4, "big"), packed]
    return b"".join(blocks)


def _zstd(data: bytes, name: str, at: datetime) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(data)


_Compress = Callable[[bytes, str, datetime], bytes]
_MIX: Final[tuple[tuple[int, str, _Compress], ...]] = (
    (78, ".gz", _gzip), (8, "", _plain), (4, ".zip", _zip), (3, ".snappy", _snappy), (3, ".hsnappy", _hadoop_snappy), (4, ".zst", _zstd),
)  # fmt: skip
FORMATS: Final = tuple((suffix, compress) for _, suffix, compress in _MIX)
