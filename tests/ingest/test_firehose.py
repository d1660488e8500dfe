"""The transformation handler keeps Firehose's contract whatever it is given."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagedb.settings import Settings
from ingest.firehose import RESPONSE_BYTES, handler, transform
from ingest.transformer import Transformer
from tests.ingest.conftest import text_event
from transforms.pseudonyms import derive_first

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
KEY = bytes(range(32))
NORMALIZER = Transformer(Settings(), derive_first(KEY)).normalizer


def request(*bodies: Any) -> dict[str, Any]:
    encoded = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    return {
        "invocationId": "one",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/events",
        "region": "eu-west-1",
        "records": [
            {"recordId": f"r{n}", "approximateArrivalTimestamp": 1772620830000, "data": base64.b64encode(body).decode()}
            for n, body in enumerate(encoded)
        ],
    }


def answer(event: dict[str, Any]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = transform(event, NORMALIZER, ingested_at=NOW, max_record_bytes=16 * 1024 * 1024)["records"]
    return results


def lines(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in base64.b64decode(result["data"]).splitlines()]


def test_an_event_comes_back_as_a_redacted_row_with_its_day_in_utc() -> None:
    late = text_event(eventTimestamp="2026-03-04T23:30:00-02:00")
    (result,) = answer(request(late))
    assert (result["recordId"], result["result"]) == ("r0", "Ok")
    (row,) = lines(result)
    assert row["recipient_id"].startswith("ph_")
    assert row["received_at"] == "2026-03-04T10:40:30Z"
    assert "2065550123" not in json.dumps(row)
    assert result["metadata"]["partitionKeys"] == {
        "kind": "event", "channel": "sms", "year": "2026", "month": "03", "day": "05", "hour": "01",
    }  # fmt: skip


def test_several_rows_of_one_record_are_lines_of_one_answer() -> None:
    mail = {
        "timestamp": "2026-03-04T10:20:28Z",
        "messageId": "m-1",
        "source": "a@shop.example",
        "destination": ["b@example.com", "c@example.com"],
    }
    (result,) = answer(request({"eventType": "Send", "send": {}, "mail": mail}))
    assert len({row["recipient_id"] for row in lines(result)}) == 2


def test_housekeeping_is_dropped_and_what_is_no_event_fails() -> None:
    confirmation = {
        "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Message": "c",
        "Timestamp": "2026-03-04T10:20:30.456Z", "Token": "t", "SubscribeURL": "https://sns.example.com/",
    }  # fmt: skip
    results = answer(request(confirmation, b"garbage", {"hello": "world"}, text_event(eventTimestamp=None)))
    assert [result["result"] for result in results] == ["Dropped", "ProcessingFailed", "ProcessingFailed", "ProcessingFailed"]


def test_the_same_request_gives_the_same_answer() -> None:
    event = request(text_event(), {"hello": "world"})
    assert answer(event) == answer(event)


def test_the_response_limit_is_kept_without_cutting_a_record() -> None:
    events = [text_event(f"id-{n}", messageStatusDescription=f"{n} " + "word " * 100_000) for n in range(16)]
    results = answer(request(*events))
    assert len(json.dumps({"records": results}).encode()) <= RESPONSE_BYTES
    assert [result["recordId"] for result in results] == [f"r{n}" for n in range(16)]
    kept = [result for result in results if result["result"] == "Ok"]
    assert 0 < len(kept) < 16
    assert all(lines(result)[0]["status_reason"].endswith("word ") for result in kept)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.binary(max_size=40),
            st.text(max_size=40),
            st.integers(),
            st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
        ),
        max_size=6,
    )
)
def test_whatever_comes_each_record_id_answers_once(bodies: list[Any]) -> None:
    event = {
        "records": [
            {"recordId": f"r{n}", "data": base64.b64encode(b).decode() if isinstance(b, bytes) else b} for n, b in enumerate(bodies)
        ]
    }
    results = answer(event)
    assert [result["recordId"] for result in results] == [f"r{n}" for n in range(len(bodies))]
    assert {result["result"] for result in results} <= {"Ok", "Dropped", "ProcessingFailed"}


def test_without_a_key_every_record_fails_and_nothing_is_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("ENGAGEDB_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    assert [result["result"] for result in handler(request(text_event()), None)["records"]] == ["ProcessingFailed"]


def test_with_a_key_in_the_environment_the_handler_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_PSEUDONYM_KEY", KEY.hex())
    assert [result["result"] for result in handler(request(text_event()), None)["records"]] == ["Ok"]


def documented(name: str) -> Callable[[Path], dict[str, Any]]:
    return lambda shared: json.loads((shared / "formats/corpus/firehose" / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lambda_request_direct_put.json", ["ProcessingFailed", "ProcessingFailed"]),
        ("lambda_request_kinesis_source.json", ["ProcessingFailed", "ProcessingFailed"]),
        ("lambda_request_eum_batch.json", ["Ok", "Ok", "Ok", "ProcessingFailed"]),
    ],
)
def test_documented_requests_are_answered(shared: Path, name: str, expected: list[str]) -> None:
    event = documented(name)(shared)
    results = answer(event)
    assert [result["recordId"] for result in results] == [record["recordId"] for record in event["records"]]
    assert [result["result"] for result in results] == expected


def test_members_that_are_no_records_fail_without_an_exception() -> None:
    assert [result["result"] for result in answer({"records": [None, 7, {"recordId": "r"}]})] == ["ProcessingFailed"] * 2
    assert answer({"records": None}) == []
