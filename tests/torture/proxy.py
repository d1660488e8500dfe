"""A proxy on loopback before an S3 server, that answers some requests as a bad day would."""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

STALL_S: Final = 4.0


class Fault(StrEnum):
    SLOW_DOWN = "503 SlowDown"
    INTERNAL_ERROR = "500 InternalError"
    EXPIRED = "403 ExpiredToken"
    STALL = "no answer"
    RESET = "reset in mid-body"
    TRUNCATED = "body ends early"
    SHORT = "short body, as if it were whole"
    STALE = "the answer of before"


ANSWERS: Final = {
    Fault.SLOW_DOWN: (503, "SlowDown"),
    Fault.INTERNAL_ERROR: (500, "InternalError"),
    Fault.EXPIRED: (403, "ExpiredToken"),
}


@dataclass
class Rule:
    """`fault` for the requests whose "METHOD /path" matches, after the first `after`, at most `times`."""

    fault: Fault
    requests: str
    times: int = 1_000_000
    after: int = 0
    met: int = 0

    def applies(self, request: str) -> bool:
        if not re.search(self.requests, request):
            return False
        self.met += 1
        return self.after < self.met <= self.after + self.times

    @property
    def is_used(self) -> bool:
        return self.met > self.after


@dataclass
class Proxy:
    """Where clients reach the server; `rules` may be changed at any time."""

    address: tuple[str, int] = ("", 0)
    rules: list[Rule] = field(default_factory=list)
    answers: dict[str, tuple[int, list[tuple[str, str]], bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def endpoint(self) -> str:
        return "http://{}:{}".format(*self.address)

    def fault(self, request: str) -> Fault | None:
        with self.lock:
            return next((rule.fault for rule in self.rules if rule.applies(request)), None)


@contextmanager
def proxy_before(host: str, port: int) -> Iterator[Proxy]:
    """A running proxy before the server at host and port."""
    proxy = Proxy()

    class Handler(_Handler):
        pass

    Handler.proxy, Handler.server_address = proxy, (host, port)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.address = ("127.0.0.1", server.server_address[1])
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        running.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    server_address: tuple[str, int]

    def do_GET(self) -> None:
        fault = self.proxy.fault(f"{self.command} {self.path}")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else self._chunks()
        if fault in ANSWERS:
            status, code = ANSWERS[fault]
            told = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
            self._answer(status, [("Content-Type", "application/xml")], told)
            return
        if fault is Fault.STALL:
            time.sleep(STALL_S)
            self.close_connection = True
            return
        if fault is Fault.STALE and self.path in self.proxy.answers:
            self._answer(*self.proxy.answers[self.path])
            return
        status, headers, data = self._forward(body)
        self.proxy.answers[self.path] = (status, headers, data)
        self._answer(status, headers, data, fault)

    do_PUT = do_POST = do_HEAD = do_DELETE = do_GET

    def _chunks(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return b""
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(*type(self).server_address, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("transfer-encoding", "connection", "expect")}
        connection.request(self.command, self.path, body, headers | {"Content-Length": str(len(body))})
        answer = connection.getresponse()
        data = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("transfer-encoding", "connection")]
        connection.close()
        return answer.status, kept, data

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, fault: Fault | None = None) -> None:
        half = data[: len(data) // 2]
        self.send_response_only(status)
        stated = next((value for name, value in headers if name.lower() == "content-length"), str(len(data)))
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        self.send_header("Content-Length", stated if is_head else str(len(half) if fault is Fault.SHORT else len(data)))
        self.end_headers()
        if is_head:
            return
        self.wfile.write(half if fault in (Fault.SHORT, Fault.TRUNCATED, Fault.RESET) else data)
        self.wfile.flush()
        if fault in (Fault.TRUNCATED, Fault.RESET):
            if fault is Fault.RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Says nothing: the tests tell what matters."""
