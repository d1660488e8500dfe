"""S3 servers on loopback: moto's, which honours conditional writes, and `rclone serve s3`, which keeps real files."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

RCLONE: Final = Path(sys.executable).with_name("rclone")
PATIENCE_S: Final = 60.0

Address = tuple[str, int]


@contextmanager
def moto_server() -> Iterator[Address]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells every request
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        yield running.get_host_and_port()
    finally:
        running.stop()


@contextmanager
def rclone_server(folder: Path) -> Iterator[Address]:
    """A server whose buckets are the folders of this one."""
    log = folder.with_name(f"{folder.name}.log")
    words = [RCLONE, "serve", "s3", "--auth-key", "test,test", "--addr", "127.0.0.1:0", folder, "--dir-cache-time", "1ms"]
    with log.open("w") as told:
        server = subprocess.Popen(words, stderr=told)
    try:
        yield "127.0.0.1", _told_port(server, log)
    finally:
        server.terminate()
        server.wait()


def reach(address: Address) -> Any:
    """A client of the server; the environment of this process names it from now on."""
    import boto3

    host, port = address
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "3",
        "no_proxy": "127.0.0.1",
    }
    return boto3.client("s3")


def _told_port(server: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + PATIENCE_S
    while server.poll() is None and time.monotonic() < until:
        if found := re.search(r"Starting s3 server on \[http://127\.0\.0\.1:(\d+)/", log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"rclone does not serve: {log.read_text()}")
