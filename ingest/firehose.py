"""The Firehose transformation handler: the same templates and redaction inside a delivery stream.

Every record id of a request leaves exactly once, as Ok (canonical rows as JSON lines), Dropped (envelope housekeeping)
or ProcessingFailed (Firehose keeps the original under its error prefix, from where `engagedb ingest` reads it again).
The handler never raises: whatever goes wrong is ProcessingFailed for the records concerned.
"""

from __future__ import annotations

import base64
import binascii
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from engagedb.errors import EngagedbError, EngineError, Reason, Rejected
from ingest.documents import Garbage, read_documents
from ingest.envelope import open_document
from transforms.normalize import Normalizer, Row
from transforms.record import Arrival, Control, Opened, RawRecord

if TYPE_CHECKING:
    from ingest.transformer import Transformer

RESPONSE_BYTES: Final = 6 * 1024 * 1024
_OVERHEAD: Final = 64  # the brackets of the response itself
_logger = logging.getLogger("engagedb.firehose")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The response to one invocation; `context` is Lambda's and unused. Configure it by the ENGAGEDB_ variables."""
    try:
        transformer, max_record_bytes = _transformer()
    except EngagedbError as error:
        _logger.error("engagedb is not configured: %s", error)
        return {"records": [_failed(record) for record in event.get("records") or [] if isinstance(record, dict)]}
    ingested_at = datetime.now(UTC)
    return transform(
        event, transformer.normalizer, ingested_at=ingested_at, max_record_bytes=max_record_bytes, ask_ahead=transformer.ask_ahead
    )


@lru_cache(maxsize=1)
def _transformer() -> tuple[Transformer, int]:
    from engagedb.settings import Settings
    from ingest.transformer import Transformer
    from lake.keyring import require_keyring

    settings = Settings.from_environment()
    return Transformer(settings, require_keyring(settings, settings.lake)), settings.max_record_bytes


def transform(
    event: dict[str, Any],
    normalizer: Normalizer,
    *,
    ingested_at: datetime,
    max_record_bytes: int,
    ask_ahead: Callable[[Iterator[Opened]], None] = lambda records: None,
) -> dict[str, Any]:
    """The response for one request: one result per record id, in order, at most 6 MB with base64 included.

    `ask_ahead` asks a text engine for all records at once; when it does not answer all of them have failed.
    """
    stream = str(event.get("deliveryStreamArn") or "firehose")
    room = RESPONSE_BYTES - _OVERHEAD
    results: dict[str, dict[str, Any]] = {}
    requests = [record if isinstance(record, dict) else {} for record in event.get("records") or []]
    try:
        ask_ahead(_readable(requests, stream, max_record_bytes))
    except EngineError as error:
        _logger.error("%s", error)
        return {"records": list({str(record.get("recordId")): _failed(record) for record in requests}.values())}
    for record in requests:
        # Room for a bare failure of every record still to come, so that no result is ever cut off.
        reserved = sum(len(_encoded(_failed(other))) + 1 for other in requests[len(results) + 1 :]) if room < RESPONSE_BYTES // 2 else 0
        result = _result(record, stream, normalizer, ingested_at, max_record_bytes)
        size = len(_encoded(result)) + 1
        if size > room - reserved:
            result = _failed(record)
            size = len(_encoded(result)) + 1
        room -= size
        results[str(record.get("recordId"))] = result
    return {"records": list(results.values())}


def _result(record: dict[str, Any], stream: str, normalizer: Normalizer, ingested_at: datetime, max_record_bytes: int) -> dict[str, Any]:
    try:
        rows = list(_rows(record, stream, normalizer, ingested_at, max_record_bytes))
    except Rejected as refusal:
        _logger.warning("record refused: %s", refusal.reason)
        return _failed(record)
    except Exception as error:  # the contract: an exception would make Firehose retry the whole batch, and then drop it
        _logger.error("record failed: %s", type(error).__name__)
        return _failed(record)
    if not rows:
        return {"recordId": record.get("recordId"), "result": "Dropped", "data": ""}
    lines = b"".join(_encoded({"kind": row.kind, **row.values}) + b"\n" for row in rows)
    return {
        "recordId": record.get("recordId"),
        "result": "Ok",
        "data": base64.b64encode(lines).decode(),
        "metadata": {"partitionKeys": _partition_keys(rows[0])},
    }


def _readable(requests: Iterable[dict[str, Any]], stream: str, max_record_bytes: int) -> Iterator[Opened]:
    """The records that can be read; the others are refused in their turn."""
    for request in requests:
        with suppress(Exception):
            yield from _opened(request, stream, max_record_bytes)


def _rows(record: dict[str, Any], stream: str, normalizer: Normalizer, ingested_at: datetime, max_record_bytes: int) -> Iterator[Row]:
    for opened in _opened(record, stream, max_record_bytes):
        if isinstance(opened, RawRecord):
            yield from normalizer.rows(opened, ingested_at)
        elif not isinstance(opened, Control):
            raise Rejected(opened.reason, opened.detail)


def _opened(record: dict[str, Any], stream: str, max_record_bytes: int) -> Iterator[Opened]:
    try:
        data = base64.b64decode(record["data"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise Rejected(Reason.UNDECODABLE, "data is not base64") from None
    arrived = record.get("approximateArrivalTimestamp")
    arrival = Arrival(received_at=datetime.fromtimestamp(arrived / 1000, UTC) if isinstance(arrived, (int, float)) else None)
    for found in read_documents(io.BytesIO(data), max_record_bytes=max_record_bytes):
        if isinstance(found, Garbage):
            raise Rejected(found.reason, found.detail)
        yield from open_document(found, stream, arrival)


def _failed(record: dict[str, Any]) -> dict[str, Any]:
    return {"recordId": record.get("recordId"), "result": "ProcessingFailed", "data": ""}


def _partition_keys(row: Row) -> dict[str, str]:
    """Partition keys of a row, its day and hour in UTC."""
    moment = row.values.get("event_time") or row.values["notice_time"]
    channel = row.values.get("channel") or "none"
    iso = moment.isoformat()
    return {"kind": row.kind, "channel": channel, "year": iso[:4], "month": iso[5:7], "day": iso[8:10], "hour": iso[11:13]}


def _encoded(value: Any) -> bytes:
    return orjson.dumps(value, default=lambda other: str(other) if isinstance(other, Decimal) else None, option=orjson.OPT_UTC_Z)
