"""A record in every envelope there is, and what tests ask of opened ones."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ingest.documents import Document, read_documents
from ingest.envelope import open_document
from transforms.record import Arrival, Control, Opened, RawRecord, Unreadable

EVENT: dict[str, Any] = {"eventType": "TEXT_DELIVERED", "messageId": "m-1", "eventTimestamp": 1686975103470}
OTHER: dict[str, Any] = {"eventType": "Bounce", "mail": {"messageId": "m-2"}}

SNS = {
    "Type": "Notification",
    "MessageId": "n",
    "TopicArn": "arn:aws:sns:us-east-1:333333333333:topic",
    "Timestamp": "2020-11-26T23:48:02.032Z",
}
AT_SNS = datetime(2020, 11, 26, 23, 48, 2, 32000, tzinfo=UTC)
SQS = {
    "messageId": "q", "receiptHandle": "h", "eventSource": "aws:sqs", "awsRegion": "us-west-2",
    "eventSourceARN": "arn:aws:sqs:us-west-2:123456789012:queue", "attributes": {"SentTimestamp": "1520621625029"},
}  # fmt: skip
CALL = {
    "eventVersion": "1.08",
    "eventTime": "2025-03-01T10:00:00Z",
    "eventSource": "sms-voice.amazonaws.com",
    "eventName": "PutMessageFeedback",
    "awsRegion": "eu-west-1",
    "recipientAccountId": "444455556666",
    "requestParameters": {"messageId": "m", "messageFeedbackStatus": "RECEIVED"},
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def sns(value: Any) -> dict[str, Any]:
    return {**SNS, "Message": json.dumps(value) + "\n"}


def lambda_sns(value: Any) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "EventSubscriptionArn": "arn:aws:sns:EXAMPLE", "Sns": sns(value)}]}


def sqs(value: Any) -> dict[str, Any]:
    return {"Records": [{**SQS, "body": json.dumps(value)}]}


def sqs_answer(value: Any) -> dict[str, Any]:
    return {
        "Messages": [{"MessageId": "q", "ReceiptHandle": "h", "Body": json.dumps(value), "Attributes": {"SentTimestamp": "1520621625029"}}]
    }


def event_bridge(value: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "e",
        "detail-type": "Text Message Delivery Status Updated",
        "source": "aws.sms-voice",
        "account": "555555555555",
        "time": "2024-10-16T17:20:24Z",
        "region": "eu-west-2",
        "resources": ["arn:aws:sms-voice:x"],
        "detail": value,
    }


def kinesis(value: Any) -> dict[str, Any]:
    record = {"partitionKey": "k", "data": b64(dump(value)), "approximateArrivalTimestamp": 1545084650.987}
    return {
        "Records": [{"kinesis": record, "eventSource": "aws:kinesis", "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}]
    }


def firehose_request(value: Any) -> dict[str, Any]:
    record = {"recordId": "r", "approximateArrivalTimestamp": 1664029185290, "data": b64(dump(value) + b"\n")}
    return {
        "invocationId": "i",
        "deliveryStreamArn": "arn:aws:firehose:us-east-2:123456789012:deliverystream/d",
        "region": "us-east-2",
        "records": [record],
    }


def firehose_record(value: Any) -> dict[str, Any]:
    return {"recordId": "r", "approximateArrivalTimestamp": 1664029185290, "data": b64(dump(value))}


def firehose_endpoint(value: Any) -> dict[str, Any]:
    return {"requestId": "i", "timestamp": 1606255960435, "records": [{"data": b64(dump(value))}]}


def firehose_failure(value: Any) -> dict[str, Any]:
    return {"attemptsMade": 4, "arrivalTimestamp": 1729099300400, "errorCode": "Lambda.FunctionError", "rawData": b64(dump(value))}


def compressed_failure(value: Any) -> dict[str, Any]:
    return {"attemptsMade": "4", "arrivalTimestamp": "1729099300400", "errorCode": "E", "rawData": b64(gzip.compress(dump(value)))}


def log_subscription(value: Any) -> dict[str, Any]:
    lines = [{"id": "1", "timestamp": 1700000000000, "message": json.dumps(value)}]
    batch = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789123",
        "logGroup": "g",
        "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": lines,
    }
    return {"awslogs": {"data": b64(gzip.compress(dump(batch)))}}


ENVELOPES: list[Callable[[Any], dict[str, Any]]] = [
    sns, lambda_sns, sqs, sqs_answer, event_bridge, kinesis, firehose_request, firehose_record, firehose_endpoint, firehose_failure,
    compressed_failure, log_subscription,
]  # fmt: skip


def opened(body: bytes | dict[str, Any], arrival: Arrival | None = None) -> list[Opened]:
    """What a body gives, its garbage left out of account."""
    data = body if isinstance(body, bytes) else dump(body)
    documents = [item for item in read_documents(io.BytesIO(data), max_record_bytes=1 << 24) if isinstance(item, Document)]
    return [found for item in documents for found in open_document(item, "object", *([arrival] if arrival else []))]


def only(body: bytes | dict[str, Any]) -> RawRecord:
    (record,) = opened(body)
    assert isinstance(record, RawRecord)
    return record


def gist(found: Opened) -> tuple[object, ...]:
    """What must not differ when the kept bytes are opened again."""
    match found:
        case RawRecord():
            return (found.payload, found.arrival)
        case Unreadable():
            return (found.reason, found.detail, found.arrival)
        case Control():
            return (found.kind,)


def assert_kept_bytes_open_to_the_same(found: list[Opened]) -> None:
    for item in found:
        if isinstance(item, RawRecord | Unreadable):
            (again,) = opened(item.outermost)
            assert gist(again) == gist(item)
