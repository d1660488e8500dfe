"""Every documented word of every provider has its stage, and every other word is kept with stage unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

One = Callable[[Any], dict[str, Any]]

TEXT = {
    "QUEUED": "queued", "PENDING": "queued", "SENT": "sent", "SUCCESSFUL": "accepted", "DELIVERED": "delivered", "BLOCKED": "blocked",
    "CARRIER_BLOCKED": "blocked", "CARRIER_UNREACHABLE": "failed", "INVALID": "failed", "INVALID_MESSAGE": "failed", "SPAM": "blocked",
    "TTL_EXPIRED": "expired", "UNKNOWN": "unknown", "UNREACHABLE": "failed", "PROTECT_BLOCKED": "blocked",
}  # fmt: skip
MEDIA = {
    **{word: stage for word, stage in TEXT.items() if word not in ("SENT", "PROTECT_BLOCKED")},
    "FILE_TYPE_UNSUPPORTED": "failed", "FILE_SIZE_EXCEEDED": "failed", "FILE_INACCESSIBLE": "failed",
}  # fmt: skip
VOICE = {
    "INITIATED": "sent", "RINGING": "sent", "ANSWERED": "delivered", "COMPLETED": "delivered", "BUSY": "failed", "NO_ANSWER": "failed",
    "FAILED": "failed", "TTL_EXPIRED": "expired",
}  # fmt: skip
RCS = {
    "QUEUED": "queued", "SENT": "sent", "DELIVERED": "delivered", "READ": "read", "FAILED": "failed", "TTL_EXPIRED": "expired",
    "PROTECT_BLOCKED": "blocked", "FALLEN_BACK_TO_SMS": "sent",
}  # fmt: skip
EUM = [
    (f"{prefix}_{word}", channel, stage)
    for prefix, channel, words in (("TEXT", "sms", TEXT), ("MEDIA", "mms", MEDIA), ("VOICE", "voice", VOICE), ("RCS", "rcs", RCS))
    for word, stage in words.items()
]
PENDING_WORDS = ("QUEUED", "PENDING", "SENT", "INITIATED", "RINGING", "ANSWERED", "FALLEN_BACK_TO_SMS")


def told(event_type: str, **fields: Any) -> dict[str, Any]:
    return {
        "eventType": event_type,
        "eventTimestamp": 1772619630123,
        "messageId": "m-1",
        "messageStatus": event_type.split("_", 1)[1],
        **fields,
    }


@pytest.mark.parametrize(("event_type", "channel", "stage"), EUM)
def test_a_documented_event_type_has_its_stage(event_type: str, channel: str, stage: str, make_one: One) -> None:
    row = make_one(told(event_type))
    assert (row["channel"], row["stage"], row["event_type"], row["direction"]) == (channel, stage, event_type, "outbound")


@pytest.mark.parametrize(("event_type", "channel", "stage"), EUM)
def test_without_is_final_the_event_type_decides(event_type: str, channel: str, stage: str, make_one: One) -> None:
    word = event_type.split("_", 1)[1]
    assert make_one(told(event_type))["is_final"] is (word not in PENDING_WORDS)


@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize("event_type", ["TEXT_SUCCESSFUL", "VOICE_ANSWERED", "TEXT_TELEPORTED"])
def test_the_provider_decides_what_is_final(event_type: str, said: bool, make_one: One) -> None:
    assert make_one(told(event_type, isFinal=said))["is_final"] is said


@pytest.mark.parametrize("prefix", ["TEXT", "MEDIA", "VOICE", "RCS"])
def test_an_unknown_event_type_is_kept_with_stage_unknown(prefix: str, make_one: One) -> None:
    row = make_one(told(f"{prefix}_TELEPORTED", messageStatus="DESTINATION_PHONE_NUMBER_OPTED_OUT"))
    assert (row["stage"], row["event_type"], row["provider_status"]) == (
        "unknown",
        f"{prefix}_TELEPORTED",
        "DESTINATION_PHONE_NUMBER_OPTED_OUT",
    )
    assert row.get("is_final") is None


SES = {
    "Send": "sent", "Reject": "failed", "Bounce": "failed", "Complaint": "complained", "Delivery": "delivered", "Open": "opened",
    "Click": "clicked", "Rendering Failure": "failed", "DeliveryDelay": "delayed", "Subscription": "unsubscribed", "Teleported": "unknown",
}  # fmt: skip


@pytest.mark.parametrize(("word", "stage"), SES.items())
@pytest.mark.parametrize("form", ["eventType", "notificationType"])
def test_a_word_of_ses_has_its_stage_in_both_forms(form: str, word: str, stage: str, make_one: One) -> None:
    row = make_one({form: word, "mail": {"timestamp": "2026-03-04T10:20:28.000Z", "messageId": "m-1", "destination": ["ana@example.com"]}})
    assert (row["stage"], row["event_type"], row["channel"]) == (stage, word, "email")


WHATSAPP = {
    "sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed", "deleted": "unknown",
    "warning": "unknown", "accepted": "unknown", "teleported": "unknown",
}  # fmt: skip


@pytest.mark.parametrize(("word", "stage"), WHATSAPP.items())
def test_a_whatsapp_status_has_its_stage_and_keeps_its_word(word: str, stage: str, make_one: One) -> None:
    status = {"id": "wamid.B1", "status": word, "timestamp": "1772619635", "recipient_id": "12065550123"}
    row = make_one({"id": "9", "changes": [{"field": "messages", "value": {"statuses": [status]}}]})
    assert (row["stage"], row["event_type"], row["provider_status"]) == (stage, word, word)


PINPOINT = [
    ("_SMS.BUFFERED", "PENDING", "queued"), ("_SMS.SUCCESS", "SUCCESSFUL", "accepted"), ("_SMS.SUCCESS", "DELIVERED", "delivered"),
    ("_SMS.SUCCESS", None, "accepted"), ("_SMS.FAILURE", "BLOCKED", "blocked"), ("_SMS.FAILURE", "CARRIER_BLOCKED", "blocked"),
    ("_SMS.FAILURE", "SPAM", "blocked"), ("_SMS.FAILURE", "TTL_EXPIRED", "expired"), ("_SMS.FAILURE", "UNKNOWN", "unknown"),
    ("_SMS.FAILURE", "INVALID", "failed"), ("_SMS.FAILURE", "OPTED_OUT", "failed"), ("_SMS.FAILURE", "MAX_PRICE_EXCEEDED", "failed"),
    ("_SMS.FAILURE", None, "failed"), ("_SMS.OPTOUT", "", "unsubscribed"), ("_SMS.OPTOUT", "DELIVERED", "unsubscribed"),
    ("_SMS.TELEPORTED", "DELIVERED", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("event_type", "status", "stage"), PINPOINT)
def test_a_pinpoint_text_message_has_the_stage_of_its_status(event_type: str, status: str | None, stage: str, make_one: One) -> None:
    attributes = {"message_id": "m-1", "record_status": status}
    row = make_one({"event_type": event_type, "event_timestamp": 1772619630000, "application": {}, "attributes": attributes})
    assert row["stage"] == stage
    assert row.get("provider_status") == (status or None)


PINPOINT_EMAIL = {
    "send": "sent", "delivered": "delivered", "rejected": "failed", "hardbounce": "failed", "softbounce": "failed",
    "complaint": "complained",
    "open": "opened", "click": "clicked", "unsubscribe": "unsubscribed", "rendering_failure": "failed",
    "teleported": "unknown",
}  # fmt: skip


@pytest.mark.parametrize(("word", "stage"), PINPOINT_EMAIL.items())
def test_a_pinpoint_email_has_its_stage_at_its_arrival_time(word: str, stage: str, make_one: One) -> None:
    mail = {"message_id": "m-1", "destination": ["ana@example.com"], "message_send_timestamp": 1772619630000}
    row = make_one({
        "event_type": f"_email.{word}", "event_timestamp": 1772619630000, "arrival_timestamp": 1772619690000,
        "facets": {"email_channel": {"mail_event": {"mail": mail}}},
    })  # fmt: skip
    assert row["stage"] == stage
    assert (row["event_time"] - row["requested_at"]).total_seconds() == 60
