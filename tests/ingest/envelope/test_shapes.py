"""Which shapes are envelopes, and what they state."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.envelope.wrappers import (
    AT_SNS,
    CALL,
    ENVELOPES,
    EVENT,
    SNS,
    assert_kept_bytes_open_to_the_same,
    dump,
    event_bridge,
    firehose_request,
    only,
    opened,
    sns,
    sqs,
)
from transforms.record import Arrival, Control, RawRecord


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_each_envelope_gives_its_record(envelope: Callable[[Any], dict[str, Any]]) -> None:
    body = envelope(EVENT)
    record = only(body)
    assert record.payload == EVENT
    assert record.outermost == dump(body)
    assert record.arrival.stated_at or record.arrival.received_at


@given(
    st.lists(st.sampled_from(ENVELOPES), max_size=5),
    st.dictionaries(st.sampled_from(["a", "mail", "text"]), st.text(max_size=9), max_size=3),
)
def test_envelopes_come_off_in_any_nesting(around: list[Callable[[Any], dict[str, Any]]], payload: dict[str, str]) -> None:
    body: dict[str, Any] = payload
    for envelope in around:
        body = envelope(body)
    record = only(body)
    assert record.payload == payload
    assert record.outermost == dump(body)


def test_the_inner_envelope_wins_and_the_outer_one_fills_in() -> None:
    assert only(sqs(sns(EVENT))).arrival == Arrival(
        stated_at=AT_SNS,
        received_at=datetime(2018, 3, 9, 18, 53, 45, 29000, tzinfo=UTC),
        account_id="333333333333",
        region="us-east-1",
        delivery_ids=("q", "n"),
    )
    assert only(firehose_request(event_bridge(EVENT))).arrival == Arrival(
        stated_at=datetime(2024, 10, 16, 17, 20, 24, tzinfo=UTC),
        received_at=datetime(2022, 9, 24, 14, 19, 45, 290000, tzinfo=UTC),
        account_id="555555555555",
        region="eu-west-2",
        detail_type="Text Message Delivery Status Updated",
        resources=("arn:aws:sms-voice:x",),
        delivery_ids=("r", "e"),
    )


def test_without_an_arrival_the_stated_time_stands_for_it() -> None:
    assert only(sns(EVENT)).arrival.received_at == AT_SNS


def test_what_is_stated_around_the_document_counts_least() -> None:
    around = Arrival(received_at=datetime(2021, 1, 1, tzinfo=UTC), account_id="000000000000", region="eu-north-1")
    (record,) = opened(sns(EVENT), around)
    assert isinstance(record, RawRecord)
    assert (record.arrival.received_at, record.arrival.account_id) == (around.received_at, "333333333333")


@pytest.mark.parametrize("stated", ["timestamp", "", None, 10**30, 1e300, "9" * 40, {}, True, "20-11-2020", "0001-01-01T00:00:00+14:00"])
def test_a_malformed_time_is_not_stated(stated: object) -> None:
    arrival = only({**SNS, "Timestamp": stated, "Message": json.dumps(EVENT)}).arrival
    assert (arrival.stated_at, arrival.received_at) == (None, None)


@pytest.mark.parametrize("stated", [None, 5, {}, ""])
def test_a_malformed_delivery_id_is_not_stated(stated: object) -> None:
    assert only({**SNS, "MessageId": stated, "Message": json.dumps(EVENT)}).arrival.delivery_ids == ()


@pytest.mark.parametrize("arn", ["arn:aws:sns:EXAMPLE", None, 5, "", "arn:aws:sns:US:12:topic"])
def test_a_malformed_arn_states_nothing(arn: object) -> None:
    arrival = only({**SNS, "TopicArn": arn, "Message": json.dumps(EVENT)}).arrival
    assert (arrival.account_id, arrival.region) == (None, None)


def test_api_calls_other_than_successful_feedback_are_housekeeping() -> None:
    failed = {**CALL, "errorCode": "ResourceNotFoundException"}
    other = {**CALL, "eventName": "SendTextMessage"}
    foreign = {**CALL, "eventSource": "s3.amazonaws.com"}
    found = opened({"Records": [CALL, failed, other, foreign, {**CALL, "errorCode": None}]})
    assert [type(item) for item in found] == [RawRecord, Control, Control, Control, RawRecord]
    first = found[0]
    assert isinstance(first, RawRecord)
    assert first.payload == CALL
    at = datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert first.arrival == Arrival(
        stated_at=at, received_at=at, account_id="444455556666", region="eu-west-1", detail_type="PutMessageFeedback"
    )
    assert_kept_bytes_open_to_the_same(found)


def test_an_api_call_may_come_through_event_bridge() -> None:
    record = only(event_bridge(CALL))
    assert (record.payload, record.arrival.account_id, record.arrival.detail_type) == (CALL, "444455556666", "PutMessageFeedback")


@pytest.mark.parametrize(
    "body",
    [
        {**SNS, "Type": "SubscriptionConfirmation", "Token": "t", "Message": "You have chosen to subscribe"},
        {**SNS, "Type": "UnsubscribeConfirmation", "Message": "You have chosen to deactivate"},
        {**SNS, "Message": "Successfully validated SNS topic for Amazon SES event publishing."},
        sns({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have successfully subscribed"}),
        sqs({**SNS, "Type": "SubscriptionConfirmation"}),
        {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "", "logEvents": []},
        {**firehose_request(EVENT), "records": []},
    ],
)
def test_housekeeping_is_counted_and_not_kept(body: dict[str, Any]) -> None:
    (found,) = opened(body)
    assert isinstance(found, Control)


@pytest.mark.parametrize(
    "body",
    [
        {"records": [{"recordId": "r0", "result": "Ok", "data": "e30K"}]},
        {"Records": [{"s3": {"bucket": {}}, "eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]},
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": []}]},
        {"context": {}, "whatsAppWebhookEntry": '{"id":"1"}', "message_timestamp": "2025-01-16T23:32:53.651Z"},
        {"Records": []},
        {"Message": "hello"},
        {"body": "hello", "detail": {}},
        {"rawData": "e30K"},
        {},
    ],
)
def test_what_only_resembles_an_envelope_is_a_record(body: dict[str, Any]) -> None:
    record = only(body)
    assert record.payload == body
    assert record.arrival == Arrival()


@pytest.mark.parametrize(
    "as_written", [str, lambda key: {"rawevent": "rawEvent", "channeldata": "channelData", "messageid": "messageId"}.get(key, key)]
)
def test_a_row_of_the_aws_sample_gives_the_event_that_it_holds(as_written: Callable[[str], str]) -> None:
    row = {"accountid": "444455556666", "channel": "text", "messageid": "m-1", "channeldata": {}, "rawevent": json.dumps(EVENT)}
    body = {as_written(key): value for key, value in row.items()}
    record = only(body)
    assert (record.payload, record.outermost) == (EVENT, dump(body))
    assert record.arrival == Arrival(account_id="444455556666" if "accountid" in body else None)
    assert only(body | {as_written("rawevent"): EVENT}).payload == EVENT
    assert_kept_bytes_open_to_the_same(opened(body | {as_written("rawevent"): json.dumps([EVENT, EVENT])}))
    torn = opened(body | {as_written("rawevent"): '{"eventType": '})
    assert [type(item).__name__ for item in torn] == ["Unreadable"]
    assert_kept_bytes_open_to_the_same(torn)


@pytest.mark.parametrize("missing", ["", None])
def test_a_row_of_the_aws_sample_without_its_event_is_a_record_that_no_shape_knows(missing: str | None) -> None:
    row = {"accountid": "444455556666", "channel": "text", "messageid": "m-1", "channeldata": {}, "rawevent": missing}
    assert only(row).payload == row
