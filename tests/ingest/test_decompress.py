"""Objects of any compression to their bodies, readable part first."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import cramjam
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from engagedb.errors import Reason
from ingest.decompress import CHUNK_BYTES, Corrupt, decompress
from ingest.documents import Document, Garbage, read_documents


def zipped(*bodies: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.mkdir("folder")
        for number, body in enumerate(bodies):
            archive.writestr(f"folder/{number}.json", body)
    return file.getvalue()


def hadoop(body: bytes, block_bytes: int = 300, part_bytes: int = 100) -> bytes:
    out = b""
    for at in range(0, len(body), block_bytes):
        block = body[at : at + block_bytes]
        out += struct.pack(">I", len(block))
        for part_at in range(0, len(block), part_bytes):
            packed = bytes(cramjam.snappy.compress_raw(block[part_at : part_at + part_bytes]))
            out += struct.pack(">I", len(packed)) + packed
    return out


SKIPPABLE = b"\x50\x2a\x4d\x18\x01\0\0\0x"

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda body: body,
    "gzip": gzip.compress,
    "gzip members": lambda body: b"".join(gzip.compress(body[at : at + 70]) for at in range(0, len(body), 70)),
    "gzip padded": lambda body: gzip.compress(body) + b"\0" * 512,
    "zip": zipped,
    "zip stored": lambda body: zipped(body, method=zipfile.ZIP_STORED),
    "zstd": zstandard.ZstdCompressor().compress,
    "zstd frames": lambda body: SKIPPABLE + b"".join(zstandard.compress(body[at : at + 70]) for at in range(0, len(body), 70)),
    "snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
    "hadoop snappy": hadoop,
}


class Unseekable(io.RawIOBase):
    """A stream as S3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = io.BytesIO(body)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._body.read(min(size, 1_000) if size > 0 else size)


def unpack(packed: bytes, *, seekable: bool = True) -> tuple[bytes, list[Corrupt]]:
    """What could be read, and the complaints on the way."""
    stream = decompress(io.BytesIO(packed) if seekable else Unseekable(packed))  # type: ignore[arg-type]
    parts: list[bytes] = []
    complaints: list[Corrupt] = []
    while True:
        try:
            part = stream.read(1_000)
        except Corrupt as corrupt:
            complaints.append(corrupt)
            continue
        if not part:
            return b"".join(parts), complaints
        parts.append(part)


def events(count: int) -> bytes:
    chance = random.Random(7)
    lines = (json.dumps({"eventType": "TEXT_DELIVERED", "n": n, "id": chance.randbytes(20).hex()}) for n in range(count))
    return "".join(f"{line}\n" for line in lines).encode()


MANY_FRAMES = {"gzip members", "zstd frames", "hadoop snappy"}  # thousands of tiny frames would say nothing more


@pytest.mark.parametrize(("packer", "count"), [(p, n) for p in PACKERS for n in (1, 3, 40, 20_000) if n < 20_000 or p not in MANY_FRAMES])
@pytest.mark.parametrize("seekable", [True, False])
def test_every_compression_gives_the_body_back(packer: str, seekable: bool, count: int) -> None:
    body = events(count)
    assert len(body) > 4 * CHUNK_BYTES or count < 20_000
    unpacked, complaints = unpack(PACKERS[packer](body), seekable=seekable)
    assert unpacked.rstrip(b"\n") == body.rstrip(b"\n")
    assert complaints == []


documents = st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers(), max_size=5), min_size=1, max_size=20)


@given(documents, st.sampled_from(sorted(PACKERS)), st.sampled_from(["", "\n"]))
def test_documents_survive_any_compression(held: list[dict[str, object]], packer: str, delimiter: str) -> None:
    body = delimiter.join(json.dumps(value) for value in held).encode()
    found = list(read_documents(decompress(io.BytesIO(PACKERS[packer](body))), max_record_bytes=1 << 24))
    assert [item.value for item in found if isinstance(item, Document)] == held
    assert len(found) == len(held)


@pytest.mark.parametrize("packer", [name for name in PACKERS if name != "plain"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_object_gives_its_beginning_and_one_undecodable_garbage(packer: str, share: float) -> None:
    body = events(300)
    packed = PACKERS[packer](body)
    cut = packed[: int(len(packed) * share)]
    if packer == "gzip padded":
        cut = cut[: len(gzip.compress(body)) - 20]
    found = list(read_documents(decompress(io.BytesIO(cut)), max_record_bytes=1 << 24))
    whole = body.splitlines()
    assert [item.data for item in found[:-1]] == whole[: len(found) - 1]
    last = found[-1]
    assert isinstance(last, Garbage)
    assert last.reason is Reason.UNDECODABLE
    assert last.data
    assert len(found) - 1 >= 300 * share * 0.5 or packer in {"zstd"}  # so small a zstd frame is one block


def test_a_cut_gzip_object_gives_everything_before_the_cut() -> None:
    body = events(5_000)
    cut = gzip.compress(body)[:100_000]
    readable = zlib.decompressobj(31).decompress(cut)
    found = list(read_documents(decompress(io.BytesIO(cut)), max_record_bytes=1 << 24))
    assert b"".join(item.data + b"\n" for item in found).startswith(readable)


@pytest.mark.parametrize("packer", ["gzip", "zip"])  # the others have no checksum of their own
def test_a_flipped_byte_loses_nothing_before_it(packer: str) -> None:
    body = events(300)
    packed = bytearray(PACKERS[packer](body))
    packed[len(packed) // 2] ^= 0xFF
    packed[len(packed) // 2 + 1] ^= 0xFF
    unpacked, complaints = unpack(bytes(packed))
    assert complaints
    assert all(complaint.reason is Reason.UNDECODABLE for complaint in complaints)
    common = next((at for at, (a, b) in enumerate(zip(unpacked, body, strict=False)) if a != b), min(len(unpacked), len(body)))
    assert common > len(body) // 4


def test_a_damaged_member_of_a_zip_does_not_hide_the_others() -> None:
    packed = bytearray(zipped(b'{"a":1}', events(50), b'{"c":3}'))
    at = packed.index(b"folder/1.json") + 40
    packed[at : at + 10] = b"\xff" * 10
    found = list(read_documents(decompress(io.BytesIO(bytes(packed))), max_record_bytes=1 << 24))
    values = [item.value for item in found if isinstance(item, Document)]
    assert (values[0], values[-1]) == ({"a": 1}, {"c": 3})
    assert Reason.UNDECODABLE in [item.reason for item in found if isinstance(item, Garbage)]


def test_an_encrypted_zip_is_undecodable() -> None:
    packed = bytearray(zipped(b'{"a":1}'))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.rindex(signature) + flags] |= 1
    body, complaints = unpack(bytes(packed))
    assert body.strip() == b""
    assert [complaint.reason for complaint in complaints] == [Reason.UNDECODABLE]


def test_an_empty_object_and_an_empty_archive_give_nothing() -> None:
    assert unpack(b"") == (b"", [])
    assert unpack(gzip.compress(b"")) == (b"", [])
    assert unpack(zipped()) == (b"", [])


def test_a_small_object_that_grows_without_bound_is_read_in_small_pieces() -> None:
    for packed in (gzip.compress(b" " * 30_000_000), zstandard.compress(b" " * 30_000_000)):
        stream = decompress(io.BytesIO(packed))
        assert len(stream.read(1 << 30)) <= 33_000_000
        total = 0
        while part := stream.read(CHUNK_BYTES):
            total += len(part)
        assert total <= 30_000_000


@pytest.mark.parametrize(
    "text",
    [
        b'{ "a": 1}',
        b'{"a":1}',
        b'{\n  "a": 1\n}',
        b'[ {"a":1} ]',
        b'\xef\xbb\xbf{ "a": 1}',
        "é{}".encode(),
        b"hello",
        b"\x00\x00",
        b"\xff\xfe{\0}\0",
        b" ",
    ],
)
def test_what_is_not_snappy_stays_as_it_is(text: bytes) -> None:
    assert unpack(text) == (text, [])
    assert unpack(text + b" " * 100_000) == (text + b" " * 100_000, [])


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_in_another_way(packed: bytes) -> None:
    for prefix in (b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\0\0\1\0\0\0\0\x20"):
        unpack(prefix + packed)


def test_a_spooled_archive_leaves_no_file_behind(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    stream = decompress(Unseekable(zipped(events(100))))  # type: ignore[arg-type]
    assert stream.read(10)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("packer", ["snappy", "hadoop snappy"])
@pytest.mark.parametrize("garbage", [b"upstream connect error or disconnect/reset before headers\n", bytes(range(256)) * 3 + b"\n"])
def test_an_object_whose_first_record_is_garbage_is_still_told_by_its_lengths(packer: str, garbage: bytes) -> None:
    body = garbage + b'{"eventType": "TEXT_DELIVERED", "n": 1}\n' * 40
    assert unpack(PACKERS[packer](body)) == (body, [])
