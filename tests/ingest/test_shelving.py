"""What a backfill keeps on the local disk is there no longer than the backfill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingest.shelving import shelving_folder


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_its_owners_and_goes_at_the_end(room: Path) -> None:
    with shelving_folder() as folder:
        (folder / "rows.parquet").write_bytes(b"rows")
        assert [entry.stat().st_mode & 0o777 for entry in room.iterdir()] == [0o700]
    assert list(room.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_uses_stays(room: Path) -> None:
    script = "import os, sys, time\nfrom ingest.shelving import shelving_folder\n"
    script += "with shelving_folder() as folder:\n (folder / 'rows').write_bytes(b'rows'); print(folder.parent, flush=True); time.sleep(60)"
    processes = [
        subprocess.Popen([sys.executable, "-c", script], env=os.environ | {"TMPDIR": str(room)}, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    killed, living = (Path(str(process.stdout.readline()).strip()) for process in processes if process.stdout)
    processes[0].send_signal(signal.SIGKILL)
    processes[0].wait()
    try:
        with shelving_folder():
            assert not killed.exists()
            assert (living / "shelves/rows").exists()
    finally:
        processes[1].kill()
        processes[1].wait()
