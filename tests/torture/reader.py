"""Somebody who reads all the while: opens the lake again and again and complains about what no reader may ever see."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.query.session import Session
from tests.torture.ingester import event_of_forks, forked, queue_of_forks
from tests.torture.rows import complaint_of_reader

PAUSE_S: Final = 0.3
PAUSE_OF_BUCKET_S: Final = 2.0  # a look costs a hundred requests, which the tests' server answers one by one


class Watch:
    """What the reader saw, filled when it has ended."""

    def __init__(self) -> None:
        self.looks = 0
        self.complaints: list[str] = []


@contextmanager
def watching(settings: Settings) -> Iterator[Watch]:
    """A reader process beside the block."""
    watch, ended, told = Watch(), event_of_forks(), queue_of_forks()
    process = forked(_read, settings, ended, told)
    try:
        yield watch
    finally:
        ended.set()
        watch.looks, watch.complaints = told.get()
        process.join()


def _read(settings: Settings, ended: Any, told: Any) -> None:
    looks = 0
    complaints: list[str] = []
    while not complaints:
        looks += 1
        try:
            complaint = complaint_of_reader(Lake.open(settings)) or _complaint_of_session(settings)
        except Exception:
            complaint = traceback.format_exc()
        if complaint:
            complaints.append(complaint)
        if ended.is_set():
            break
        ended.wait(PAUSE_OF_BUCKET_S if settings.lake.startswith("s3://") else PAUSE_S)
    told.put((looks, complaints))


def _complaint_of_session(settings: Settings) -> str | None:
    session = Session.open(settings, datetime.now(UTC))
    try:
        answer = session.sql(
            "SELECT (SELECT sum(event_count) FROM messages) AS of_messages,"
            " (SELECT count(*) FROM events WHERE message_key IS NOT NULL) AS of_events"
        ).fetchone()
    finally:
        session.close()
    assert answer is not None
    return None if (answer[0] or 0) == answer[1] else f"messages count {answer[0]} events, there are {answer[1]}"
