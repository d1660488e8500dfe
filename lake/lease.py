"""One committer at a time: a lease in the lake, held while a batch is committed.

Folder: an operating system lock on lease.lock, which a killed process gives back by itself; lease.json only tells who
waits for whom. S3: the object lease.json, made and taken over by conditional writes, renewed while it is held, and
anybody's once it was not renewed for EXPIRY_S by the server's own clock. A server that ignores conditions, or a
stalled holder, lets two in: then compare-and-swap on the tables keeps both from doing harm (lake/commit.py).
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from engagedb.errors import ConflictError
from lake.bucket import s3_client, split_uri
from lake.catalog import Lake
from lake.failures import telling_lake_errors

EXPIRY_S: Final = 60.0
RENEWAL_S: Final = 15.0
POLL_S: Final = 0.5
PATIENCE_S: Final = 1800.0


@contextmanager
def hold_lease(lake: Lake, purpose: str, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Waits for the lease, holds it inside the block, gives it back. Raises ConflictError that names the holder."""
    with _hold_lock(lake, purpose, patience_s) if lake.is_folder else _hold_object(lake, purpose, patience_s):
        yield


def _statement(purpose: str) -> dict[str, Any]:
    """Who holds the lease, for those who wait: no name of a person."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"purpose": purpose, "host": socket.gethostname(), "process": os.getpid(), "since": since}


def _refusal(lake: Lake, statement: str | None, patience_s: float) -> ConflictError:
    try:
        told = json.loads(statement or "{}")
        holder = f"{told['purpose']} (process {told['process']} on {told['host']} since {told['since']})"
    except (ValueError, KeyError):
        holder = "another program"
    return ConflictError(f"{lake.root} is being changed by {holder}; waited {patience_s:.0f} s. Run again when it has ended.")


@contextmanager
def _hold_lock(lake: Lake, purpose: str, patience_s: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    note = Path(lake.root, "lease.json")
    lock = FileLock(Path(lake.root, "lease.lock"), poll_interval=0.05)
    try:
        lock.acquire(timeout=patience_s)
        note.write_text(json.dumps(_statement(purpose)) + "\n", encoding="utf-8")
    except Timeout:
        statement = note.read_text(encoding="utf-8") if note.exists() else None
        raise _refusal(lake, statement, patience_s) from None
    except OSError:
        lock.release()
        with telling_lake_errors(lake.root):
            raise
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


@contextmanager
def _hold_object(lake: Lake, purpose: str, patience_s: float) -> Iterator[None]:
    lease = _LeaseObject(lake, purpose)
    deadline = time.monotonic() + patience_s
    with telling_lake_errors(lake.root):
        while not lease.take():
            if time.monotonic() > deadline:
                raise _refusal(lake, lease.holder, patience_s)
            time.sleep(POLL_S)
    ended = threading.Event()
    renewing = threading.Thread(target=lease.keep, args=(ended,), name="engagedb-lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()
        lease.give_back()


class _LeaseObject:
    """lease.json in the bucket. Only who knows its current ETag can replace it."""

    def __init__(self, lake: Lake, purpose: str) -> None:
        bucket, prefix = split_uri(lake.root)
        self._client = s3_client()
        self._place = {"Bucket": bucket, "Key": f"{prefix}/lease.json".lstrip("/")}
        self._statement = _statement(purpose)
        self._etag: str | None = None
        self.holder: str | None = None

    def take(self) -> bool:
        """True when the lease is ours now: nobody had it, or its holder stopped renewing it."""
        from botocore.exceptions import ClientError

        if self._put({"IfNoneMatch": "*"}):
            return True
        try:
            answer = self._client.get_object(**self._place)
        except ClientError as error:
            if _code(error) == "NoSuchKey":
                return False
            raise
        self.holder = answer["Body"].read().decode(errors="replace")
        clock = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        stale = (clock - answer["LastModified"]).total_seconds() > EXPIRY_S
        return stale and self._put({"IfMatch": answer["ETag"]})

    def keep(self, ended: threading.Event) -> None:
        """Renews the lease until `ended`, or until somebody else has it."""
        while not ended.wait(RENEWAL_S):
            with suppress(Exception):  # a failed renewal is tried again; a lost lease only costs the protection it gave
                self._put({"IfMatch": self._etag})

    def give_back(self) -> None:
        """Removes the object if it is still ours; otherwise it belongs to who took it over."""
        with suppress(Exception):
            if self._client.head_object(**self._place)["ETag"] == self._etag:
                self._client.delete_object(**self._place)

    def _put(self, condition: dict[str, Any]) -> bool:
        from botocore.exceptions import ClientError

        body = json.dumps(self._statement | {"nonce": uuid.uuid4().hex}).encode()
        try:
            self._etag = self._client.put_object(**self._place, Body=body, **condition)["ETag"]
        except ClientError as error:
            if _code(error) in ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"):
                return False
            raise
        return True


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
