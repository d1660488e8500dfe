"""A lake of made-up canonical rows, drawn by DuckDB and appended day by day: no payload, no transform, no folding yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import duckdb
import pyarrow as pa

from lake.catalog import Lake
from lake.datafiles import write_rows
from lake.publish import stage_events
from lake.query.engine import SQL_TYPES
from lake.query.relations import Relations
from lake.query.render import render_reference
from transforms.canonical import EVENTS

DAYS: Final = 90
FIRST: Final = date(2026, 1, 1)
LAST: Final = FIRST + timedelta(days=DAYS - 1)
NOW: Final = datetime(2026, 4, 15, tzinfo=UTC)
EVENTS_A_MESSAGE: Final = 3.25
COUNTRIES: Final = 120
RANGES: Final = 1_000  # of a country, the low ones more popular: most hours of a range hold one message

# One row per message of a day; every choice is a share of a hash, so that the same day is the same again. Who writes and who is
# written to are the same people, each of one country and number range.
_MESSAGES: Final = """
    WITH numbers AS (
        SELECT n, hash(n, {day}, 1) % {people} AS person, share(n, {day}, 4) AS way FROM range({messages}) AS numbers (n)
    ),

    people AS (
        SELECT
            *,
            CASE WHEN way < 0.70 THEN 'sms' WHEN way < 0.90 THEN 'email' ELSE 'whatsapp' END AS channel,
            CAST(1 + least(hash(person, 0, 2) % {countries}, hash(person, 0, 3) % {countries}) AS BIGINT) AS country_number,
            least(hash(person, 0, 12) % {ranges}, hash(person, 0, 13) % {ranges}) AS range_number
        FROM numbers
    )

    SELECT
        md5('m' || {day} || '-' || n) AS message_key,
        'id-' || {day} || '-' || n AS message_id,
        CASE WHEN channel = 'email' THEN 'em_a_' ELSE 'ph_a_' END || md5('p' || person) AS recipient_id,
        CASE WHEN channel <> 'email' THEN (SELECT list(country ORDER BY country) FROM known)[country_number] END AS recipient_country,
        CASE WHEN channel <> 'email' THEN '+' || (100 + country_number) || lpad(CAST(range_number AS VARCHAR), 4, '0') END AS number_range,
        channel,
        CASE WHEN channel <> 'email' AND share(n, {day}, 14) < 0.05 THEN 'inbound' ELSE 'outbound' END AS direction,
        '+1800555' || lpad(CAST(hash(person, 0, 5) % 40 AS VARCHAR), 4, '0') AS originator,
        'tenant-' || (hash(n, {day}, 6) % 12) AS tenant_id,
        lpad(CAST(hash(n, {day}, 7) % 3 + 1 AS VARCHAR), 12, '1') AS account_id,
        CASE hash(n, {day}, 8) % 3 WHEN 0 THEN 'otp' WHEN 1 THEN 'marketing' ELSE 'transactional' END AS use_case,
        share(n, {day}, 9) AS luck,
        share(n, {day}, 10) AS interest,
        CAST({day} || ' 00:00:00+00' AS TIMESTAMPTZ) + to_microseconds(CAST(share(n, {day}, 11) * 86400e6 AS BIGINT)) AS requested_at
    FROM people
"""
_EVENTS: Final = """
    SELECT
        md5(message_key || stage) AS event_id,
        *,
        requested_at + to_microseconds(CAST(delay_s * 1e6 AS BIGINT)) AS event_time,
        requested_at + to_microseconds(CAST(delay_s * 1e6 AS BIGINT)) AS ingested_at,
        channel AS source,
        stage IN ('delivered', 'failed', 'blocked') AS is_final,
        CASE WHEN stage IN ('opened', 'clicked') THEN luck < 0.2 END AS is_bot,
        CASE WHEN channel = 'sms' AND stage IN ('accepted', 'delivered') THEN CAST(0.0058 AS DECIMAL(18, 8)) END AS message_price_usd,
        CASE WHEN channel = 'sms' AND stage = 'delivered' THEN CAST(0.003 AS DECIMAL(18, 8)) END AS carrier_fee_usd,
        CASE WHEN stage = 'feedback' THEN 'received' END AS feedback_status,
        CASE WHEN channel = 'sms' AND direction = 'outbound' AND use_case = 'otp' THEN TRUE END AS feedback_expected,
        CASE WHEN channel = 'sms' AND direction = 'outbound' THEN 'protect-' || (length(tenant_id) % 2) END AS protect_configuration_id,
        CASE WHEN channel = 'sms' AND direction = 'outbound' AND stage <> 'feedback' THEN
            CASE WHEN hash(number_range) % 50 = 0 THEN 'block' ELSE 'allow' END
        END AS protect_recommendation,
        CASE WHEN channel = 'email' THEN 'example.com' END AS recipient_domain,
        CASE WHEN channel = 'sms' THEN 'Carrier ' || originator[-1:] END AS carrier,
        CASE WHEN use_case = 'marketing' THEN 'campaign-' || (length(message_id) + hash(originator) % 20) END AS campaign,
        MAP {{'environment': 'production'}} AS tags
    FROM (
        SELECT drawn.*, told.stage, told.delay_s
        FROM drawn, LATERAL (
            SELECT 'received' AS stage, 0.0 AS delay_s WHERE direction = 'inbound'
            UNION ALL SELECT 'sent', 0.0 WHERE direction = 'outbound'
            UNION ALL SELECT 'accepted', 1.0 + luck WHERE direction = 'outbound'
            UNION ALL
            SELECT CASE WHEN luck < 0.93 THEN 'delivered' WHEN luck < 0.98 THEN 'failed' ELSE 'blocked' END, 3.0 + 600 * luck * luck
            WHERE direction = 'outbound'
            UNION ALL SELECT CASE channel WHEN 'sms' THEN 'feedback' WHEN 'email' THEN 'opened' ELSE 'read' END, 700.0 + 80000 * interest
            WHERE interest < 1.0 / 3 AND luck < 0.93 AND direction = 'outbound'
            UNION ALL SELECT 'clicked', 760.0 + 80000 * interest WHERE interest < 0.1 AND luck < 0.93 AND channel = 'email'
        ) AS told
    )
"""


def append_events(lake: Lake, events: int, relations: Relations) -> int:
    """The number of events appended to the lake, over DAYS days; messages are not folded from them yet."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE MACRO share(a, b, c) AS hash(a, b, c) % 1000003 / 1000003.0")
    connection.execute(f"CREATE TABLE known AS {render_reference(relations.folder, 'countries')}")
    made = 0
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        messages = round(events / EVENTS_A_MESSAGE * (number + 1) / DAYS) - round(events / EVENTS_A_MESSAGE * number / DAYS)
        words = {"day": f"'{day}'", "messages": messages, "people": max(1, events // 12), "countries": COUNTRIES, "ranges": RANGES}
        text = _MESSAGES.format(**words)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE drawn AS {text}")
        rows = _canonical(connection.sql(_EVENTS.format()))
        table = lake.table(EVENTS.name)
        stage_events(table, write_rows(table, EVENTS, rows)).commit_transaction()
        made += rows.num_rows
    return made


def _canonical(drawn: duckdb.DuckDBPyRelation) -> pa.Table:
    columns = ", ".join(
        f"CAST({column.name if column.name in drawn.columns else 'NULL'} AS {SQL_TYPES[column.type]}) AS {column.name}"
        for column in EVENTS.columns
    )
    return drawn.project(columns).to_arrow_table().cast(EVENTS.schema)
