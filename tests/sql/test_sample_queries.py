"""Queries as users of the AWS sample write them, for Athena, run on DuckDB over this lake, and their figures are right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lake.query.session import Session
from tests.canonical_rows import session_of

AT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
SMS = {"message_id": "s1", "recipient_id": "ph_a_x", "recipient_country": "US", "account_id": "111122223333", "event_time": AT}
EMAIL = {"message_id": "e1", "channel": "email", "recipient_id": "em_a_x", "subject": "Your order", "event_time": AT}
WHATSAPP = {"message_id": "w1", "channel": "whatsapp", "event_time": AT}
EVENTS: list[dict[str, Any]] = [
    SMS | {"stage": "sent", "event_type": "TEXT_SENT", "message_price_usd": "0.0125"},
    SMS | {"stage": "delivered", "event_type": "TEXT_DELIVERED", "message_price_usd": "0.0125", "carrier_fee_usd": "0.0025"},
    SMS | {"message_id": "s2", "tenant_id": "acme", "stage": "delivered", "event_type": "TEXT_DELIVERED", "message_price_usd": "0.0125"},
    SMS | {"message_id": "s3", "recipient_country": "BR", "stage": "sent", "event_type": "TEXT_SENT"},
    EMAIL | {"stage": "sent", "event_type": "Send"},
    EMAIL | {"stage": "delivered", "event_type": "Delivery", "event_time": AT + timedelta(minutes=5)},
    EMAIL | {"stage": "complained", "event_type": "Complaint", "event_time": AT + timedelta(hours=1)},
    WHATSAPP | {"stage": "sent", "event_type": "sent"},
    WHATSAPP | {"stage": "read", "event_type": "read", "event_time": AT + timedelta(minutes=9)},
    SMS | {"message_id": "old", "stage": "sent", "event_type": "TEXT_SENT", "event_time": AT - timedelta(days=60)},
]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(tmp_path, EVENTS, AT + timedelta(days=1))


def rows(session: Session, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in session.sql(query).to_arrow_table().to_pylist()]


def test_everything_about_one_message(session: Session) -> None:
    found = rows(
        session,
        """SELECT status, timestamp FROM "engagementdb-glue-db"."engagementdb-events-table" events
        WHERE "messageid" = 's1' AND ingest_timestamp >= DATE_ADD('day', -7, CURRENT_TIMESTAMP) ORDER BY timestamp, status DESC""",
    )
    assert found == [("TEXT_SENT", int(AT.timestamp() * 1000)), ("TEXT_DELIVERED", int(AT.timestamp() * 1000))]


def test_events_per_channel(session: Session) -> None:
    found = rows(
        session,
        """SELECT channel, count(channel) FROM "engagementdb-glue-db"."engagementdb-events-table" events
        WHERE ingest_timestamp >= DATE_ADD('day', -30, CURRENT_TIMESTAMP) GROUP BY 1 ORDER BY 2 desc, 1""",
    )
    assert found == [("text", 4), ("email", 3), ("whatsapp", 2)]


def test_costs_per_country_count_each_message_once(session: Session) -> None:
    found = rows(
        session,
        """SELECT channeldata['isocountrycode'] AS country,
            SUM(CAST(channeldata['totalmessageprice'] AS DECIMAL(10,4))) AS price,
            SUM(COALESCE(CAST(channeldata['totalcarrierfee'] AS DECIMAL(10,4)), 0)) AS fee
        FROM "engagementdb-glue-db"."engagementdb-events-table"
        WHERE channeldata['isocountrycode'] IS NOT NULL AND channeldata['totalmessageprice'] IS NOT NULL AND channel = 'text'
            AND ingest_timestamp >= DATE_ADD('day', -30, CURRENT_TIMESTAMP)
        GROUP BY channeldata['isocountrycode'] ORDER BY country""",
    )
    assert found == [("US", Decimal("0.0250"), Decimal("0.0025"))]


def test_costs_per_account_and_organization(session: Session) -> None:
    found = rows(
        session,
        """SELECT accountid, COALESCE(organizationid, 'unknown') AS organizationid, COUNT(*) AS total_messages,
            SUM(CAST(channeldata['totalmessageprice'] AS DECIMAL(10,4))) AS price
        FROM "engagementdb-events-table"
        WHERE accountid IS NOT NULL AND channeldata['totalmessageprice'] IS NOT NULL AND channel = 'text'
        GROUP BY accountid, COALESCE(organizationid, 'unknown') ORDER BY accountid, COALESCE(organizationid, 'unknown')""",
    )
    assert found == [("111122223333", "acme", 1, Decimal("0.0125")), ("111122223333", "unknown", 1, Decimal("0.0125"))]


def test_subjects_sent_to_one_person(session: Session) -> None:
    found = rows(
        session,
        """SELECT destinationaddress[1] AS email_address, channeldata['subject'] AS subject_line, timestamp AS sent_timestamp
        FROM "engagementdb-events-table"
        WHERE channel = 'email' AND cardinality(destinationaddress) > 0 AND destinationaddress[1] = 'em_a_x' AND status = 'Send'
        ORDER BY timestamp DESC""",
    )
    assert found == [("em_a_x", "Your order", int(AT.timestamp() * 1000))]


@pytest.mark.parametrize(
    ("channel", "words", "counts"),
    [("email", ("Send", "Delivery", "Complaint"), [(1, 1, 0), (0, 0, 1)]), ("whatsapp", ("sent", "delivered", "read"), [(1, 0, 1)])],
)
def test_counts_by_hour(channel: str, words: tuple[str, ...], counts: list[tuple[int, ...]], session: Session) -> None:
    sums = ", ".join(f"SUM(CASE WHEN status = '{word}' THEN 1 ELSE 0 END) AS n_{word}" for word in words)
    found = rows(
        session,
        f"""SELECT DATE_TRUNC('hour', ingest_timestamp) time_window, {sums} FROM "engagementdb-events-table"
        WHERE channel = '{channel}' AND type IS NOT NULL AND ingest_timestamp >= DATE_ADD('day', -30, CURRENT_TIMESTAMP)
        GROUP BY 1 ORDER BY 1""",
    )
    assert [tuple(map(int, row[1:])) for row in found] == counts


def test_cardinality_counts_lists_and_maps(session: Session) -> None:
    assert rows(session, "SELECT cardinality(['a', 'b']), cardinality(MAP {'a': 1}), cardinality(CAST(NULL AS VARCHAR[]))") == [
        (2, 1, None)
    ]


def test_athenas_words_for_times_and_json_are_understood(session: Session) -> None:
    found = rows(
        session,
        """SELECT from_unixtime(timestamp / 1000) AS moment, to_unixtime(ingest_timestamp) AS seconds,
            json_extract_scalar('{"a": {"b": "x"}}', '$.a.b') AS inner_text
        FROM "engagementdb-events-table" WHERE messageid = 's3'""",
    )
    assert found == [(AT, AT.timestamp(), "x")]


def test_rates_are_asked_under_the_samples_names(session: Session) -> None:
    found = rows(
        session,
        """SELECT iso_country_code, total_messages, successful_messages, success_rate_percentage
        FROM "engagementdb-glue-db"."sms_conversion_rates_view" WHERE message_date >= DATE_ADD('day', -30, CURRENT_DATE)
        ORDER BY iso_country_code""",
    )
    assert found == [("BR", 1, 0, 0.0), ("US", 2, 2, 1.0)]
