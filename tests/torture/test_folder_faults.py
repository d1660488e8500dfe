"""A lake folder on a bad day: a full disk, no permission, damaged and missing files. One sentence each, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engagedb.errors import LakeError
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.snapshot import Published
from tests.ingest.conftest import text_event
from tests.torture.conftest import message_id
from tests.torture.ingester import KEYRING, Errand, ingest_here
from tests.torture.rows import complaint_of_reader, rows_of

COUNT = 60


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    folder.mkdir()
    for part in range(3):
        lines = (json.dumps(text_event(message_id(part * 20 + number))) for number in range(20))
        (folder / str(part)).write_text("\n".join(lines))
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(lake=str(tmp_path / "lake"), batch_records=20)
    Lake.create(settings, KEYRING)
    return settings


def assert_complete(settings: Settings) -> None:
    lake = Lake.open(settings)
    assert rows_of(lake, KEYRING)["events"].num_rows == COUNT
    assert complaint_of_reader(lake) is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, with room for a new lake and little else."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here; it takes root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_told_and_the_ingest_goes_on_when_there_is_room(small_disk: Path, landing: Path) -> None:
    settings = Settings(lake=str(small_disk / "lake"), batch_records=20)
    Lake.create(settings, KEYRING)
    for spare_kilobytes in (4, 24, 60, 100):
        ballast = small_disk / "ballast"
        room = os.statvfs(small_disk)
        ballast.write_bytes(b"x" * (room.f_bavail * room.f_frsize - spare_kilobytes * 1024))
        with pytest.raises(LakeError, match=r"is full|free space"):
            ingest_here(Errand(settings, [str(landing)]))
        ballast.unlink()
        assert complaint_of_reader(Lake.open(settings)) is None
    ingest_here(Errand(settings, [str(landing)]))
    assert_complete(settings)


def test_a_read_only_lake_is_told(tmp_path: Path, landing: Path, settings: Settings) -> None:
    bound = subprocess.run(["mount", "--bind", settings.lake, settings.lake], capture_output=True, check=False)
    if bound.returncode != 0:
        pytest.skip("a folder cannot be mounted read-only here; it takes root")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", settings.lake], check=True)
        with pytest.raises(LakeError, match="may not be written"):
            ingest_here(Errand(settings, [str(landing)]))
        assert complaint_of_reader(Lake.open(settings)) is None
    finally:
        subprocess.run(["umount", "-l", settings.lake], check=True)
    ingest_here(Errand(settings, [str(landing)]))
    assert_complete(settings)


def test_a_damaged_catalog_is_told_with_exit_code_2_and_no_traceback(tmp_path: Path, landing: Path, settings: Settings) -> None:
    ingest_here(Errand(settings, [str(landing)]))
    catalog = Path(settings.lake, "catalog.db")
    whole = catalog.read_bytes()
    key = tmp_path / "key"
    key.write_text(KEYRING.root.hex())
    key.chmod(0o600)
    command = [sys.executable, "-m", "engagedb", "ingest", str(landing), "--lake", settings.lake, "--key-file", str(key)]
    for damaged in (b"", b"no database" * 1000, whole[: len(whole) // 2]):
        catalog.write_bytes(damaged)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert "catalog" in done.stderr
    catalog.write_bytes(whole)
    assert_complete(settings)


@pytest.mark.parametrize("kind", ["parquet", "avro", "metadata.json"])
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_missing_or_damaged_file_is_told_by_ingest_and_queries(landing: Path, settings: Settings, kind: str, damage: str) -> None:
    ingest_here(Errand(settings, [str(landing)]))
    lake = Lake.open(settings)
    events = lake.table("events")
    victim = Path(
        {
            "parquet": Published(lake).files("events")[0],
            "avro": lake.physical(events.current_snapshot().manifest_list),  # type: ignore[union-attr]
            "metadata.json": lake.physical(events.metadata_location),
        }[kind]
    )
    whole = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
    else:
        victim.write_bytes(b"no such format" * 100)
    (landing / "more").write_text(json.dumps(text_event(message_id(0), totalMessageParts=2)))
    with pytest.raises(LakeError, match="Restore the lake from a backup") as told:
        ingest_here(Errand(settings, [str(landing)]))
    assert "\n" not in str(told.value)
    victim.write_bytes(whole)
    ingest_here(Errand(settings, [str(landing)]))
    assert_complete(settings)
