"""The envelope that SNS puts around a message before Firehose stores it: no signature fields, the message a JSON string."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np

from ingest.simulate.draw import UUID, Ints
from ingest.simulate.world import ACCOUNT, REGION


def escape(text: str, times: int = 1) -> str:
    """The text as it stands inside a JSON string that is nested that deep."""
    for _ in range(times):
        text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text


def envelope(topic: str, message: str) -> str:
    """A format for the SNS document: UUID fields, the fields of `message`, then the time as ISO text."""
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
    return (
        f'{{"Type":"Notification","MessageId":"{UUID}","TopicArn":"{arn}","Message":"{escape(message)}","Timestamp":"%s",'
        f'"UnsubscribeURL":"https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}:6f0f5c0e-4ce1-4a25-9d8f-3f0a5f2f9b11"}}'
    )


def iso_times(at: Ints) -> list[str]:
    """ISO 8601 texts in UTC with milliseconds, such as 2026-01-05T08:00:00.123Z."""
    return [f"{text}Z" for text in np.datetime_as_string(at.astype("datetime64[ms]"), unit="ms").tolist()]


def subscription_confirmation(topic: str, at: int) -> str:
    """What SNS sends first to a new subscriber; it is housekeeping and no event."""
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
    document = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "2336412f37f" + "0" * 40,
        "TopicArn": arn,
        "Message": f"You have chosen to subscribe to the topic {arn}.",
        "SubscribeURL": f"https://sns.{REGION}.amazonaws.com/?Action=ConfirmSubscription&TopicArn={arn}",
        "Timestamp": datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    return json.dumps(document, separators=(",", ":"))
