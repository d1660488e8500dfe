"""Nothing is lost on the way through envelopes, and each record's kept bytes open to the same record."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagedb.errors import Reason
from ingest.decompress import decompress
from ingest.documents import Document, Garbage, read_documents
from ingest.envelope import open_document
from tests.ingest.envelope.wrappers import (
    ENVELOPES,
    EVENT,
    OTHER,
    SNS,
    assert_kept_bytes_open_to_the_same,
    b64,
    dump,
    event_bridge,
    firehose_failure,
    firehose_record,
    firehose_request,
    gist,
    only,
    opened,
    sns,
)
from transforms.record import RawRecord, Unreadable


def test_a_bare_record_stands_where_its_document_stood() -> None:
    records = opened(dump(EVENT) + b"\n" + dump(OTHER))
    assert [
        (item.payload, item.place.source_object, item.place.offset, item.place.ordinal, item.outermost)
        for item in records
        if isinstance(item, RawRecord)
    ] == [
        (EVENT, "object", 0, 0, dump(EVENT)),
        (OTHER, "object", len(dump(EVENT)) + 1, 0, dump(OTHER)),
    ]


def test_several_members_are_cut_into_envelopes_with_one() -> None:
    requests = firehose_request(EVENT)
    requests["records"] += [
        firehose_record(OTHER),
        {**firehose_record(None), "data": b64(b"Hello World")},
        {**firehose_record(None), "data": "%%%"},
    ]
    found = opened(requests)
    assert [gist(item)[0] for item in found] == [EVENT, OTHER, Reason.NOT_JSON, Reason.UNDECODABLE]
    assert [item.place.ordinal for item in found] == [0, 1, 2, 3]
    assert_kept_bytes_open_to_the_same(found)
    first = found[0]
    assert isinstance(first, RawRecord)
    assert json.loads(first.outermost)["records"] == requests["records"][:1]


def test_a_message_may_hold_several_documents() -> None:
    found = opened({**SNS, "Message": '{"a":1}{"b":123456789012345678901}\n[{"c":3},{"d":0.12345678901234567890}]'})
    assert len(found) == 4
    assert [next(iter(item.payload)) for item in found if isinstance(item, RawRecord)] == ["a", "b", "c", "d"]
    assert_kept_bytes_open_to_the_same(found)


def test_a_message_may_be_an_object_or_a_list_of_them() -> None:
    assert only({**SNS, "Message": EVENT}).payload == EVENT
    found = opened({**SNS, "Messages": [EVENT, OTHER]})
    assert [item.payload for item in found if isinstance(item, RawRecord)] == [EVENT, OTHER]
    assert_kept_bytes_open_to_the_same(found)


def test_a_string_of_json_in_a_string_is_opened_too() -> None:
    assert only({**SNS, "Message": json.dumps(json.dumps(EVENT))}).payload == EVENT


def test_base64_in_a_message_is_opened_when_json_comes_out() -> None:
    assert only({**SNS, "Message": b64(gzip.compress(dump(EVENT)))}).payload == EVENT
    assert only({**SNS, "Message": b64(dump(EVENT))}).payload == EVENT


def test_data_that_was_never_encoded_is_read_as_it_is() -> None:
    assert only({**firehose_failure(None), "rawData": json.dumps(EVENT)}).payload == EVENT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({**SNS, "Message": "This is a test message."}, Reason.NOT_JSON),
        ({**SNS, "Message": ""}, Reason.NOT_JSON),
        ({**SNS, "Message": " \n"}, Reason.NOT_JSON),
        ({**SNS, "Message": None}, Reason.UNKNOWN_SOURCE),
        ({**SNS, "Message": '{"cut":'}, Reason.NOT_JSON),
        ({**SNS, "Message": '{"a":"\\ud800"}'}, Reason.UNDECODABLE),
        (firehose_failure(None) | {"rawData": "data"}, Reason.NOT_JSON),
        (firehose_failure(None) | {"rawData": ""}, Reason.NOT_JSON),
        (firehose_failure(None) | {"rawData": "no base64!"}, Reason.UNDECODABLE),
        (firehose_failure(None) | {"rawData": "abcde"}, Reason.UNDECODABLE),
        (firehose_failure(None) | {"rawData": 5}, Reason.UNDECODABLE),
        (firehose_failure(None) | {"rawData": b64(gzip.compress(dump(EVENT))[:30])}, Reason.UNDECODABLE),
        (firehose_failure(None) | {"rawData": b64(b"\xff\xfe\xfd")}, Reason.NOT_JSON),
        (firehose_failure(None) | {"rawData": b64(b'{"a":"\xff"}')}, Reason.UNDECODABLE),
    ],
)  # fmt: skip
def test_content_that_cannot_be_read_keeps_its_whole_envelope(body: dict[str, Any], reason: Reason) -> None:
    (found,) = opened(body)
    assert isinstance(found, Unreadable)
    assert (found.reason, found.outermost) == (reason, dump(body))
    assert_kept_bytes_open_to_the_same([found])


def test_good_and_bad_documents_in_one_message_part_ways() -> None:
    found = opened({**firehose_failure(None), "rawData": b64(dump(EVENT) + b"\n\xff\xff oops\n" + dump(OTHER))})
    assert [gist(item)[0] for item in found] == [EVENT, Reason.NOT_JSON, OTHER]
    assert_kept_bytes_open_to_the_same(found)


@pytest.mark.parametrize("data", [b"12", b"null", b"true", b'"text"', b"[[]]", b'{"Records":[{"kinesis":{"data":"MTI="}}]}'])
def test_json_that_is_no_object_is_an_unknown_source(data: bytes) -> None:
    (found,) = opened(data)
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.UNKNOWN_SOURCE


def test_envelopes_nested_beyond_reason_are_refused() -> None:
    body: dict[str, Any] = EVENT
    for _ in range(100):
        body = event_bridge(body)
    (found,) = opened(body)
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.NOT_JSON


@pytest.mark.parametrize("wrap", ENVELOPES)
def test_a_record_alone_in_its_envelopes_is_found_at_a_look_as_it_is_with_care(
    wrap: Callable[[Any], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = [wrap(EVENT), sns(wrap(EVENT)), event_bridge(wrap(EVENT)), sns(sns(sns(wrap(EVENT)))), wrap("no object"), wrap([EVENT, OTHER])]
    at_a_look = [opened(body) for body in bodies]
    monkeypatch.setattr("ingest.envelope.opening.FEW_LAYERS", 0)
    assert at_a_look == [opened(body) for body in bodies]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["Records", "records", "Message", "TopicArn", "Type", "body", "receiptHandle", "kinesis", "data", "Sns", "detail",
                         "detail-type", "rawData", "errorCode", "eventName", "eventSource", "logEvents", "logGroup", "message", "recordId",
                         "invocationId", "requestId", "approximateArrivalTimestamp", "awslogs", "attributes", "Messages", "resources"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_no_document_is_lost_or_breaks_the_opening_whatever_its_shape(value: Any) -> None:
    document = Document(0, dump(value), value)
    found = list(open_document(document, "object"))
    assert found
    assert [item.place.ordinal for item in found] == list(range(len(found)))


def test_every_payload_of_the_corpus_opens_and_reopens(shared: Path) -> None:
    paths = [path for path in sorted((shared / "formats" / "corpus").rglob("*")) if path.is_file()]
    for path in paths:
        with path.open("rb") as file:
            documents = list(read_documents(decompress(file), max_record_bytes=1 << 24))
        assert not [item for item in documents if isinstance(item, Garbage)], path
        found = [item for document in documents if isinstance(document, Document) for item in open_document(document, str(path))]
        assert found
        assert_kept_bytes_open_to_the_same(found)


def test_the_plain_texts_of_the_corpus_are_its_only_unreadable_contents(shared: Path) -> None:
    corpus = shared / "formats" / "corpus"
    refused = {
        str(path.relative_to(corpus))
        for path in corpus.rglob("*.json")
        for found in opened(path.read_bytes())
        if isinstance(found, Unreadable)
    }
    assert refused == {
        "firehose/lambda_request_direct_put.json",
        "firehose/lambda_request_eum_batch.json",
        "firehose/lambda_request_kinesis_source.json",
        "firehose/processing_failed_record_doc.json",
        "firehose/splunk_error_record_doc.json",
        "sns/firehose_http_endpoint_body.json",
        "sns/firehose_s3_envelope.json",
        "sns/firehose_s3_no_attributes.json",
        "sns/lambda_sns_event.json",
        "sns/sqs_http_envelope_signed.json",
        "sqs/lambda_sqs_event.json",
    }


def test_every_planted_event_opens_into_one_record(shared: Path) -> None:
    lines = (shared / "pii" / "dev" / "events_planted.jsonl").read_bytes().splitlines()
    assert len([only(line) for line in lines]) == 90
