"""S3 servers on loopback: moto's, which honours conditional writes, and `rclone serve s3`, which keeps real files."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

RCLONE: Final = Path(sys.executable).with_name("rclone")
PATIENCE_S: Final = 20.0

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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [RCLONE, "serve", "s3", "--auth-key", "test,test", "--addr", f"127.0.0.1:{port}", folder, "--dir-cache-time", "1ms"]
    server = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield "127.0.0.1", port
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


def _wait(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("rclone does not answer")
