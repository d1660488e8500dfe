"""A stand-in for Amazon Comprehend on loopback: the documented request and response of DetectPiiEntities, and its errors.

It proves what we send and how we take an answer, never what Comprehend finds: it finds the values that a test names.
It speaks the two protocols of the service's model, JSON and CBOR, whichever the installed SDK chooses.
"""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Entity = dict[str, Any]
STATUS = {"InternalServerException": 500, "ServiceUnavailable": 503}  # the other errors are 400


class StandIn:
    """What it knows (value -> type), what it was asked, and the faults that the next requests meet, one each."""

    def __init__(self, knows: Mapping[str, str] | None = None) -> None:
        self.knows = dict(knows or {})
        self.asked: list[dict[str, Any]] = []
        self.faults: list[str | list[Entity] | bytes | dict[str, Any]] = []  # an error, the entities, a body, a whole answer
        self.always: str | None = None
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()

    @property
    def texts(self) -> list[str]:
        return [request["Text"] for request in self.asked]

    def answer(self, request: dict[str, Any]) -> tuple[int, Any]:
        with self._lock:
            self.asked.append(request)
            fault = self.always or (self.faults.pop(0) if self.faults else None)
        if isinstance(fault, str):
            return STATUS.get(fault, 400), {"__type": f"com.amazonaws.comprehend#{fault}", "message": "of the stand-in"}
        if isinstance(fault, (bytes, dict)):
            return 200, fault
        return 200, {"Entities": self.entities(request["Text"]) if fault is None else fault}

    def entities(self, text: str) -> list[Entity]:
        return [
            {"Score": 0.99, "Type": kind, "BeginOffset": text.index(value), "EndOffset": text.index(value) + len(value)}
            for value, kind in self.knows.items()
            if value in text
        ]

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        yield
        with self._lock:
            self._busy -= 1


@contextmanager
def serving(stand_in: StandIn) -> Iterator[str]:
    """The address of a server that answers as the stand-in says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with stand_in.counted():
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_cbor = "cbor" in self.headers["Content-Type"]
                operation = self.path if is_cbor else self.headers["X-Amz-Target"]
                assert operation.endswith("Comprehend_20171127/operation/DetectPiiEntities" if is_cbor else "_20171127.DetectPiiEntities")
                status, answer = stand_in.answer(decoded(body)[0] if is_cbor else json.loads(body))
                data = answer if isinstance(answer, bytes) else encoded(answer) if is_cbor else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", self.headers["Content-Type"])
            if is_cbor:
                self.send_header("smithy-protocol", "rpc-v2-cbor")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """A test's output is no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def encoded(value: Any) -> bytes:
    """CBOR (RFC 8949) of the values that answers hold."""
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encoded, value))
    return _head(5, len(value)) + b"".join(encoded(key) + encoded(member) for key, member in value.items())


def _head(major: int, number: int) -> bytes:
    for marker, size, letter in ((24, 1, "B"), (25, 2, "H"), (26, 4, "I")):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 256**size:
            return bytes([major << 5 | marker]) + struct.pack(f">{letter}", number)
    raise ValueError(number)


def decoded(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value at a place of CBOR data that holds maps and strings only, and where it ends."""
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if low >= 24 and low != 31:
        size = 1 << (low - 24)
        low, at = int.from_bytes(data[at : at + size]), at + size
        number = low
    else:
        number = low
    if major == 3:
        return data[at : at + number].decode(), at + number
    assert major == 5, "a request holds strings"
    found = {}
    while len(found) < number or number == 31:
        if number == 31 and data[at] == 0xFF:
            return found, at + 1
        key, at = decoded(data, at)
        found[key], at = decoded(data, at)
    return found, at
