"""The envelopes there are: each function gives the layer when it recognises its shape, None otherwise.

Shapes are told by their keys, never by where an object came from. A list of members (`Records`, `records`, `Messages`,
`logEvents`) is only cut apart here; what a member is, the member's own shape says when it is opened in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.envelope.layers import Encoding, Json, Layer, Member, around, around_one
from ingest.envelope.stated import UNSTATED, account, delivery_ids, from_arn, inside, instant, region
from transforms.record import Arrival

_CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
_SES_HELLO = "Successfully validated SNS topic for Amazon SES event publishing."
_SES_HELLO_TYPE = "AmazonSnsSubscriptionSucceeded"
_FEEDBACK_SOURCE = "sms-voice.amazonaws.com"
_FEEDBACK_CALL = "PutMessageFeedback"


def _sns(value: Json) -> Layer | None:
    """An SNS notification: `Message` is a string, in hand-written ones also a JSON value or a list named `Messages`."""
    if "TopicArn" not in value and value.get("Type") != "Notification":
        return None
    topic = from_arn(value.get("TopicArn"))
    arrival = Arrival(
        stated_at=instant(value.get("Timestamp")),
        account_id=topic.account_id,
        region=topic.region,
        delivery_ids=delivery_ids(value.get("MessageId")),
    )
    if value.get("Type") in _CONFIRMATIONS:
        return Layer(arrival, control=value["Type"])
    key = "Message" if "Message" in value else "Messages"
    if key not in value:
        return None
    message = value[key]
    if isinstance(message, str) and message.strip() == _SES_HELLO:
        return Layer(arrival, control="TopicValidation")
    return Layer(arrival, (_text_or_value(message, around(value, key)),))


def _lambda_sns(value: Json) -> Layer | None:
    if not isinstance(value.get("Sns"), dict):
        return None
    return Layer(from_arn(value.get("EventSubscriptionArn")), (Member(value["Sns"], Encoding.VALUE, around(value, "Sns")),))


def _sqs(value: Json) -> Layer | None:
    """An SQS message as Lambda sees it (`body`) or as the API gives it (`Body`)."""
    key = "body" if "body" in value else "Body"
    if key not in value or not ("receiptHandle" in value or "ReceiptHandle" in value or value.get("eventSource") == "aws:sqs"):
        return None
    attributes = value.get("attributes", value.get("Attributes"))
    sent = attributes.get("SentTimestamp") if isinstance(attributes, dict) else None
    stated = Arrival(
        received_at=instant(sent),
        region=region(value.get("awsRegion")),
        delivery_ids=delivery_ids(value.get("messageId", value.get("MessageId"))),
    )
    arrival = inside(from_arn(value.get("eventSourceARN")), stated)
    body = value[key]
    if isinstance(body, str) and body.strip() == _SES_HELLO:
        return Layer(arrival, control="TopicValidation")
    return Layer(arrival, (_text_or_value(body, around(value, key)),))


def _kinesis(value: Json) -> Layer | None:
    record = value.get("kinesis")
    if not isinstance(record, dict) or "data" not in record:
        return None
    stated = Arrival(received_at=instant(record.get("approximateArrivalTimestamp")), region=region(value.get("awsRegion")))
    wrap = around(record, "data")
    member = Member(record["data"], Encoding.BASE64, lambda content: {**value, "kinesis": wrap(content)})
    return Layer(inside(from_arn(value.get("eventSourceARN")), stated), (member,))


def _firehose_record(value: Json) -> Layer | None:
    """One record of a Firehose Lambda request; in a response it has a `result` and is no envelope."""
    if not {"recordId", "data", "approximateArrivalTimestamp"} <= value.keys() or "result" in value:
        return None
    arrival = Arrival(received_at=instant(value["approximateArrivalTimestamp"]), delivery_ids=delivery_ids(value["recordId"]))
    return Layer(arrival, (Member(value["data"], Encoding.BASE64, around(value, "data")),))


def _firehose_failure(value: Json) -> Layer | None:
    """A line of a Firehose error object: `rawData` is the original record."""
    if "rawData" not in value or not ("errorCode" in value or "attemptsMade" in value):
        return None
    arrival = inside(from_arn(value.get("lambdaArn")), Arrival(received_at=instant(value.get("arrivalTimestamp"))))
    return Layer(arrival, (Member(value["rawData"], Encoding.BASE64, around(value, "rawData")),))


def _event_bridge(value: Json) -> Layer | None:
    if "detail-type" not in value or "detail" not in value:
        return None
    detail_type, resources = value["detail-type"], value.get("resources")
    arrival = Arrival(
        stated_at=instant(value.get("time")),
        account_id=account(value.get("account")),
        region=region(value.get("region")),
        detail_type=detail_type if isinstance(detail_type, str) else None,
        resources=tuple(name for name in resources if isinstance(name, str)) if isinstance(resources, list) else (),
        delivery_ids=delivery_ids(value.get("id")),
    )
    return Layer(arrival, (_text_or_value(value["detail"], around(value, "detail")),))


def _cloud_trail(value: Json) -> Layer | None:
    """An API call: successful message feedback is a record, every other call is housekeeping."""
    if "eventName" not in value or not str(value.get("eventSource")).endswith(".amazonaws.com"):
        return None
    name = value["eventName"]
    arrival = Arrival(
        stated_at=instant(value.get("eventTime")),
        account_id=account(value.get("recipientAccountId")),
        region=region(value.get("awsRegion")),
        detail_type=name if isinstance(name, str) else None,
    )
    if name != _FEEDBACK_CALL or value["eventSource"] != _FEEDBACK_SOURCE:
        return Layer(arrival, control="ApiCall")
    if value.get("errorCode") is not None:
        return Layer(arrival, control="FailedApiCall")
    return Layer(arrival, is_record=True)


def _cloud_watch_logs(value: Json) -> Layer | None:
    """A subscription's batch of log lines, or the Lambda form of it."""
    wrapped = value.get("awslogs")
    if isinstance(wrapped, dict) and "data" in wrapped:
        wrap = around(wrapped, "data")
        return Layer(UNSTATED, (Member(wrapped["data"], Encoding.BASE64, lambda content: {**value, "awslogs": wrap(content)}),))
    if "logGroup" not in value or "logEvents" not in value:
        return None
    arrival = Arrival(account_id=account(value.get("owner")))
    if value.get("messageType") == "CONTROL_MESSAGE":
        return Layer(arrival, control="LogSubscription")
    lines = value["logEvents"]
    if not isinstance(lines, list) or not all(isinstance(line, dict) and isinstance(line.get("message"), str) for line in lines):
        return None
    return _batch(arrival, tuple(_log_line(value, line) for line in lines))


def _log_line(batch: Json, line: Json) -> Member:
    def wrap(content: Any) -> Json:
        return {**batch, "logEvents": [{**line, "message": content}]}

    return Member(line["message"], Encoding.TEXT, wrap, Arrival(stated_at=instant(line.get("timestamp"))))


def _records(value: Json) -> Layer | None:
    """The batches: Lambda events and CloudTrail files (`Records`), SQS answers (`Messages`), Firehose requests (`records`)."""
    for key in ("Records", "Messages"):
        if _holds_envelopes(value.get(key)):
            return _told_by_members(value, key)
    if not isinstance(value.get("records"), list):
        return None
    if "invocationId" in value or "deliveryStreamArn" in value:
        arrival = inside(from_arn(value.get("deliveryStreamArn")), Arrival(region=region(value.get("region"))))
        wrap = around_one(value, "records")
        return _batch(arrival, tuple(Member(member, Encoding.VALUE, wrap) for member in value["records"]))
    if "requestId" in value and all(isinstance(record, dict) and "data" in record for record in value["records"]):
        return _endpoint_request(value)
    return None


def _endpoint_request(value: Json) -> Layer:
    """What Firehose posts to an HTTP endpoint: `records` with nothing but data, one time for all."""
    members = tuple(_endpoint_record(value, record) for record in value["records"])
    return _batch(Arrival(received_at=instant(value.get("timestamp"))), members)


def _endpoint_record(request: Json, record: Json) -> Member:
    def wrap(content: Any) -> Json:
        return {**request, "records": [{**record, "data": content}]}

    return Member(record["data"], Encoding.BASE64, wrap)


def _told_by_members(value: Json, key: str) -> Layer:
    """A batch that only its members tell: one that would not tell it alone is kept in a plain list, which says as little."""

    def wrap(content: Any) -> Any:
        return {**value, key: [content]} if _holds_envelopes([content]) else [content]

    return _batch(UNSTATED, tuple(Member(member, Encoding.VALUE, wrap) for member in value[key]))


def _batch(arrival: Arrival, members: tuple[Member, ...]) -> Layer:
    return Layer(arrival, members) if members else Layer(arrival, control="EmptyBatch")


def _holds_envelopes(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(member, dict) and recognise(member) is not None for member in value)


def _text_or_value(content: Any, wrap: Callable[[Any], Json]) -> Member:
    return Member(content, Encoding.TEXT if isinstance(content, str) else Encoding.VALUE, wrap)


def _ses_hello(value: Json) -> Layer | None:
    """What SES sends once when a topic is set for an identity's notifications."""
    return Layer(UNSTATED, control="TopicValidation") if value.get("notificationType") == _SES_HELLO_TYPE else None


def _sample_row(value: Json) -> Layer | None:
    """A row of the events table of AWS's engagement database sample: the event as its provider sent it stands in `rawevent`.

    The columns beside it repeat parts of it; a row without it is no envelope, and no template knows it.
    """
    keys = {key.lower(): key for key in value}
    if not {"rawevent", "channeldata", "messageid", "channel"} <= keys.keys() or value[keys["rawevent"]] in (None, ""):
        return None
    arrival = Arrival(account_id=account(value.get(keys.get("accountid", ""))))
    return Layer(arrival, (_text_or_value(value[keys["rawevent"]], around(value, keys["rawevent"])),))


_SHAPES = (
    _sns, _lambda_sns, _sqs, _kinesis, _firehose_record, _firehose_failure, _event_bridge, _cloud_trail,
    _cloud_watch_logs, _records, _ses_hello, _sample_row,
)  # fmt: skip

_TELLING_KEYS = frozenset({
    "TopicArn", "Message", "Messages", "Sns", "body", "Body", "kinesis", "recordId", "rawData", "detail", "eventName", "awslogs",
    "logEvents", "Records", "records", "notificationType", "rawevent", "rawEvent",
})  # fmt: skip


def may_be_envelope(value: Json) -> bool:
    """False when no shape can recognise it: a quick answer for the bare records that most objects hold."""
    return not _TELLING_KEYS.isdisjoint(value)


def recognise(value: Json) -> Layer | None:
    """The envelope that `value` is, None when it is a record."""
    if not may_be_envelope(value):
        return None
    for shape in _SHAPES:
        if (layer := shape(value)) is not None:
            return layer
    return None
