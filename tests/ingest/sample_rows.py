"""Provider events as rows of the events table of AWS's engagement database sample, and that table's Parquet files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

_TEXT: Final = ("accountid", "organizationid", "sendingid", "sendingaddress", "channel", "type", "status", "statuscode", "statusmessage")
_MAP: Final = pa.map_(pa.string(), pa.string())
SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in (*_TEXT, "rawstatus", "isocountrycode", "messageid", "rawevent")),
        ("timestamp", pa.int64()),
        ("destinationaddress", pa.list_(pa.string())),
        ("tags", _MAP),
        ("channeldata", _MAP),
    ]
)
ACCOUNT: Final = "444455556666"
Row = dict[str, Any]


def sample_row(event: Row, **changes: Any) -> Row:
    """The row that the sample's templates make of an SMS, SES or WhatsApp event; empty texts where it knows nothing."""
    row = dict.fromkeys((*_TEXT, "rawstatus", "isocountrycode"), "") | {"accountid": ACCOUNT, "tags": {}, "channeldata": {}}
    if "mail" in event:
        mail = event["mail"]
        row |= {
            "channel": "email",
            "type": event.get("eventType"),
            "status": event.get("eventType"),
            "messageid": mail.get("messageId"),
            "sendingaddress": mail.get("source"),
            "destinationaddress": mail.get("destination"),
            "channeldata": {"subject": (mail.get("commonHeaders") or {}).get("subject")},
            "timestamp": 1767607200000,
        }
    elif "changes" in event:
        value = event["changes"][0]["value"]
        item = (value.get("statuses") or value.get("messages"))[0]
        person = item.get("recipient_id") or item.get("from") or ""
        row |= {
            "channel": "whatsapp",
            "type": "messageStatus" if "statuses" in value else "message",
            "messageid": item["id"],
            "destinationaddress": [f"+{person}"],
            "timestamp": 1767607200000,
        }
    else:
        row |= {
            "channel": "text",
            "type": event.get("messageType"),
            "status": event.get("eventType"),
            "messageid": event.get("messageId"),
            "destinationaddress": [event.get("destinationPhoneNumber")],
            "timestamp": event.get("eventTimestamp"),
            "channeldata": {"isocountrycode": str(event.get("isoCountryCode"))},
        }
    return row | {"rawevent": json.dumps(event)} | changes


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """A Parquet file as Firehose writes it for the sample's table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {}
    for field in SCHEMA:
        values = [row.get(field.name) for row in rows]
        columns[field.name] = pa.array(
            [list(value.items()) if isinstance(value, dict) else value for value in values] if field.type == _MAP else values, field.type
        )
    pq.write_table(pa.table(columns, schema=SCHEMA), path, compression="snappy", row_group_size=100)
    return path
