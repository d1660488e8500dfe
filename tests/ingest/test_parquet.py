"""Parquet files as landing objects: their rows are JSON documents, and what is damaged is told after what could be read."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engagedb.errors import Reason
from ingest.decompress import decompress
from ingest.documents import Document, Garbage, read_documents


def file_of(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def documents(data: bytes) -> list[Document | Garbage]:
    return list(read_documents(decompress(io.BytesIO(data)), max_record_bytes=1 << 20))


def values(data: bytes) -> list[Any]:
    return [found.value for found in documents(data) if isinstance(found, Document)]


def test_rows_are_documents_with_maps_lists_times_and_exact_money() -> None:
    table = pa.table(
        {
            "text": pa.array(["a", None]),
            "tags": pa.array([[("k", "v")], []], pa.map_(pa.string(), pa.string())),
            "people": pa.array([["x", "y"], None], pa.list_(pa.string())),
            "at": pa.array([datetime(2026, 1, 5, tzinfo=UTC), None], pa.timestamp("ms", "UTC")),
            "price": pa.array([Decimal("0.00645"), None], pa.decimal128(18, 8)),
            "big": pa.array([2**62, None], pa.int64()),
        }
    )
    first, second = values(file_of(table))
    assert first == {
        "text": "a",
        "tags": {"k": "v"},
        "people": ["x", "y"],
        "at": "2026-01-05T00:00:00Z",
        "price": "0.00645000",
        "big": 2**62,
    }
    assert second == {"text": None, "tags": {}, "people": None, "at": None, "price": None, "big": None}


def test_rows_of_any_number_keep_their_places_at_every_reading() -> None:
    data = file_of(pa.table({"n": list(range(5_000)), "text": ["x" * (n % 90) for n in range(5_000)]}), row_group_size=777)
    first = [(found.offset, found.data) for found in documents(data)]
    assert len(first) == 5_000
    assert first == [(found.offset, found.data) for found in documents(data)]
    assert values(file_of(pa.table({"n": pa.array([], pa.int64())}))) == []


def test_a_text_that_is_no_utf_8_makes_its_own_row_undecodable() -> None:
    found = documents(file_of(pa.table({"text": _unchecked([b"good", b"\xff\xfe", b"fine"])})))
    assert [item.value["text"] for item in found if isinstance(item, Document)] == ["good", "fine"]
    (garbage,) = [item for item in found if isinstance(item, Garbage)]
    assert garbage.reason is Reason.UNDECODABLE
    assert b"\xff\xfe" in garbage.data


def _unchecked(texts: list[bytes]) -> pa.Array:
    binary = pa.array(texts, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(texts), binary.buffers())


def test_a_cut_file_is_told_and_a_damaged_page_gives_what_came_before_it() -> None:
    table = pa.table({"text": [json.dumps({"n": n, "pad": "x" * 400}) for n in range(4_000)]})
    data = file_of(table, row_group_size=1_000, compression="gzip", use_dictionary=False)
    (cut,) = documents(data[: len(data) // 2])
    assert isinstance(cut, Garbage)
    assert (cut.reason, "damaged or cut" in cut.detail) == (Reason.UNDECODABLE, True)
    group = pq.read_metadata(io.BytesIO(data)).row_group(1).column(0)
    at = group.data_page_offset + group.total_compressed_size // 2
    spoiled = documents(data[:at] + bytes(600) + data[at + 600 :])
    assert len([item for item in spoiled if isinstance(item, Document)]) >= 3_000
    assert [item.reason for item in spoiled if isinstance(item, Garbage)] == [Reason.UNDECODABLE]
    assert isinstance(spoiled[-1], Document)


def test_text_that_only_begins_like_a_parquet_file_is_told() -> None:
    (found,) = documents(b'PAR1 {"eventType": "x"}\n')
    assert isinstance(found, Garbage)
    assert found.data == b'PAR1 {"eventType": "x"}\n'
