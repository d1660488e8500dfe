from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.decompress import decompress
from ingest.simulate.delivery import BUFFER_CHARACTERS, BUFFER_MS, FORMATS, store
from tests.ingest.simulate.landing import History

KEY = re.compile(
    r"(?P<prefix>[a-z]+)/(\d{4})/(\d\d)/(\d\d)/(\d\d)/[a-z-]+-1-\2-\3-\4-\5-\d\d-\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.[a-z]+)?"
)


def objects(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def body(path: Path) -> bytes:
    with path.open("rb") as stream:
        whole = decompress(stream)
        return b"".join(iter(lambda: whole.read(1 << 20), b""))


def test_keys_are_those_of_firehose(history: History) -> None:
    names = [str(path.relative_to(history.folder)) for path in objects(history.folder)]
    assert len(names) == history.truth["objects"]
    prefixes = set()
    for name in names:
        match = KEY.fullmatch(name)
        assert match, name
        prefixes.add(match["prefix"])
    assert prefixes == {"sms", "ses", "whatsapp", "feedback", "conversation", "notices"}


def test_every_compression_occurs_and_gzip_mostly(history: History) -> None:
    suffixes = [path.suffix if path.suffix in {".gz", ".zip", ".snappy", ".hsnappy", ".zst"} else "" for path in objects(history.folder)]
    assert {suffix for suffix, _ in FORMATS} == set(suffixes)
    assert suffixes.count(".gz") > 0.6 * len(suffixes)


@pytest.mark.parametrize(("suffix", "compress"), FORMATS)
def test_each_compression_reads_back(tmp_path: Path, suffix: str, compress: Callable[[bytes, str, datetime], bytes]) -> None:
    data = b'{"eventType":"TEXT_DELIVERED","n":12345}' * 20_000
    path = tmp_path / f"object{suffix}"
    path.write_bytes(compress(data, "object", datetime(2026, 1, 5, tzinfo=UTC)))
    assert body(path).rstrip(b"\n") == data  # the reader ends each member of an archive with a line break


def test_user_messaging_puts_nothing_between_records_and_the_others_a_line_break(history: History) -> None:
    concatenated = [b for p in objects(history.folder) if "/eum-" in str(p) and b"\n" not in (b := body(p))]
    assert any(b"}{" in b for b in concatenated)
    for path in objects(history.folder / "ses"):
        assert body(path).endswith(b"\n")


def test_a_buffer_ends_by_time_or_by_size(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    by_time = store(tmp_path / "time", "p", "s", [(at, "x") for at in range(0, 3 * BUFFER_MS, BUFFER_MS // 3)], rng)
    assert by_time[0] == 3
    by_size = store(tmp_path / "size", "p", "s", [(at, "x" * (BUFFER_CHARACTERS // 2)) for at in range(4)], rng)
    assert by_size[0] == 2
