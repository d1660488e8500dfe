"""One committer at a time; a killed one does not hold up the next."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engagedb.errors import ConflictError, LakeError
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import commit
from lake.lease import hold_lease
from tests.lake.lifecycles import NOW, batch, event, new_lake, stored


def test_a_held_lease_keeps_the_next_out_and_names_its_holder(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    refused = pytest.raises(ConflictError, match=r"by erase \(process \d+ on ")
    with hold_lease(lake, "erase"), refused, hold_lease(lake, "ingest", patience_s=0.1):
        pass


def test_a_lease_is_given_back_also_after_a_failure(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    with pytest.raises(RuntimeError), hold_lease(lake, "ingest"):
        raise RuntimeError
    with hold_lease(lake, "ingest", patience_s=0.1):
        pass
    assert not Path(lake.root, "lease.json").exists()


def test_the_lease_of_a_killed_process_is_free(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from engagedb.settings import Settings; from lake.catalog import Lake; from lake.lease import hold_lease\n"
        "with hold_lease(Lake.open(Settings(lake=sys.argv[1])), 'ingest'): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, lake.root, str(Path(__file__).parents[2])], check=False).returncode == 9
    assert Path(lake.root, "lease.json").exists()
    with hold_lease(lake, "ingest", patience_s=1):
        pass


def test_commits_of_several_threads_all_land(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            commit(Lake.open(Settings(lake=lake.root)), batch([event(f"e{number}"), event("same")]), NOW)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row["event_id"] for row in stored(lake, "events")] == ["e0", "e1", "e2", "e3", "same"]
    assert [row["event_count"] for row in stored(lake, "messages")] == [5]


def test_a_lake_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    Path(lake.root, "lease.lock").mkdir()
    with pytest.raises(LakeError, match="cannot be read or written: Is a directory"), hold_lease(lake, "ingest"):
        pass
