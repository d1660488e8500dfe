"""Event rows and lakes for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch
from lake.datafiles import newest_files, read_files
from transforms.canonical import BACKFILLS, DEAD_LETTERS, EVENTS, INGEST_LOG, NOTICES, TABLES, Table
from transforms.pseudonyms import derive_first
from transforms.vocabulary import Channel, Stage

KEYRING = derive_first(b"k" * 32)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SENT = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)


def new_lake(folder: Path) -> Lake:
    return Lake.create(Settings(lake=str(folder)), KEYRING)


def row(table: Table, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(table.names) | values


def event(event_id: str, key: str | None = "m", stage: str = "sent", after: timedelta = timedelta(0), **values: Any) -> dict[str, Any]:
    """An event of message `key`, `after` its send time, which it states unless `requested_at` says otherwise."""
    given = {"event_time": SENT + after, "requested_at": SENT, "ingested_at": NOW, "direction": "outbound", "channel": "sms"}
    place = {"source_object": "landing/a", "source_offset": int.from_bytes(event_id.encode()[-4:], "big")}
    return row(EVENTS, event_id=event_id, message_key=key, message_id=key, stage=stage, **(given | place | values))


def batch(
    events: list[dict[str, Any]] = (),  # type: ignore[assignment]
    notices: list[dict[str, Any]] = (),  # type: ignore[assignment]
    dead_letters: list[dict[str, Any]] = (),  # type: ignore[assignment]
    log: list[dict[str, Any]] = (),  # type: ignore[assignment]
    **options: Any,
) -> Batch:
    kinds = zip((EVENTS, NOTICES, DEAD_LETTERS, INGEST_LOG), (events, notices, dead_letters, log), strict=True)
    *tables, logged = (pa.Table.from_pylist(list(rows), schema=table.schema) for table, rows in kinds)
    return Batch(*tables, log=lambda committed: logged, **options)


def notice(notice_id: str, **values: Any) -> dict[str, Any]:
    place = {"source_object": "landing/a", "source_offset": 0}
    return row(NOTICES, notice_id=notice_id, notice_time=SENT, ingested_at=NOW, notice_type="registration", **(place | values))


def dead_letter(dead_letter_id: str, **values: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"reason": "not_json", "detail": "no JSON", "sealed_record": b"sealed " + dead_letter_id.encode()}
    given |= {"key_id": "kk", "size_bytes": 3, "status": "open", "status_at": NOW, "ingested_at": NOW}
    given |= {"source_object": "landing/a", "source_offset": 7}
    return row(DEAD_LETTERS, dead_letter_id=dead_letter_id, **(given | values))


def log_row(object_key: str, etag: str = "1") -> dict[str, Any]:
    counts = dict.fromkeys(("record_count", "event_count", "notice_count", "duplicate_count", "control_count", "dead_letter_count"), 0)
    return row(INGEST_LOG, object_key=object_key, object=object_key, etag=etag, size_bytes=1, ingested_at=NOW, duration_s=0.5, **counts)


def backfill_row(backfill_id: str, **values: Any) -> dict[str, Any]:
    counts = {name: 0 for name in BACKFILLS.names if name.endswith("_count")}
    given = {"began_at": NOW, "first_day": SENT.date(), "last_day": SENT.date(), "reason": "a test", "template_versions": [("sms", "1")]}
    return row(BACKFILLS, backfill_id=backfill_id, **(counts | given | values))


def stored(lake: Lake, name: str) -> list[dict[str, Any]]:
    """Rows of the table's head, sorted by their first column."""
    definition = TABLES[name]
    rows = read_files(lake, definition, newest_files(lake.table(name))).to_pylist()
    return sorted(rows, key=lambda found: found[definition.names[0]])


def lifecycles() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Events of one to three messages on any channel: few instants, so that ties happen, over days, so that rows move."""
    return st.lists(_lifecycle(), min_size=1, max_size=3).map(_numbered)


@st.composite
def _lifecycle(draw: st.DrawFn) -> list[dict[str, Any]]:
    channel = draw(st.sampled_from([str(channel) for channel in Channel]))
    states_send_time = channel != "whatsapp"
    minutes = st.sampled_from([0, 1, 59, 60 * 15, 60 * 26, 60 * 24 * 9, 60 * 24 * 31])
    events = []
    for _ in range(draw(st.integers(1, 6))):
        stage = draw(st.sampled_from(list(Stage)))
        is_feedback = stage is Stage.FEEDBACK
        events.append(
            {
                "stage": str(stage),
                "after": timedelta(minutes=draw(minutes)),
                "channel": None if is_feedback else channel,
                "requested_at": SENT if states_send_time and not is_feedback else None,
                "provider_status": draw(st.sampled_from([None, "Permanent/General", "Transient/General", "DELIVERED"])),
                "is_final": draw(st.sampled_from([None, True, False])),
                "is_bot": draw(st.sampled_from([None, True, False])) if stage in (Stage.OPENED, Stage.CLICKED) else None,
                "feedback_status": draw(st.sampled_from(["received", "failed"])) if is_feedback else None,
                "feedback_expected": draw(st.sampled_from([None, True, False])),
                "message_price_usd": draw(st.sampled_from([None, Decimal("0.00645000"), Decimal("0.00700000")])),
                "carrier": draw(st.sampled_from([None, "Carrier A", "Carrier B"])),
                "direction": draw(st.sampled_from(["outbound", "inbound"])),
            }
        )
    return events


def _numbered(messages: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    found = []
    for number, events in enumerate(messages):
        for position, values in enumerate(events):
            found.append(event(f"e{number}-{position}", key=f"m{number}", **values))
    return found
