"""Generated lifecycles of messages as their providers tell them: raw payloads for each channel, both ways.

Few instants, so that ties happen, over days, so that rows move; statuses in no sensible order, because carriers have none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

SENT: Final = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
MINUTES: Final = (0, 1, 59, 60 * 15, 60 * 26, 60 * 24 * 3, 60 * 24 * 31)
YEAR_LATER: Final = (*MINUTES, 60 * 24 * 150)  # only where the event states the send time, which tells it where its message is
PERSON: Final = "+12065550123"
COMPANY: Final = "+18005550199"
AGENT: Final = "rcs-0123456789abcdef0123456789abcdef"

Payload = dict[str, Any]
Payloads = st.SearchStrategy[list[Payload]]


def _ms(minutes: int) -> int:
    return int((SENT + timedelta(minutes=minutes)).timestamp() * 1000)


def _iso(minutes: int) -> str:
    return (SENT + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Told = tuple[tuple[Any, ...], Payload]
"""A payload and what tells it apart: copies of one event are equal, so two payloads never tell the same event differently."""


def _some(one: st.SearchStrategy[Told]) -> Payloads:
    return st.lists(one, min_size=1, max_size=5, unique_by=lambda told: told[0]).map(lambda several: [payload for _, payload in several])


def _maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


def _end_user_messaging(prefix: str, words: tuple[str, ...], originator: str) -> Callable[[str], Payloads]:
    """Statuses of AWS End User Messaging, with message feedback and the application's own log of the send between them."""

    def lifecycle(message_id: str) -> Payloads:
        status = st.builds(
            lambda word, after, price, final, carrier, expected: ((word, after), {
                "eventType": f"{prefix}_{word}",
                "messageStatus": word,
                "eventTimestamp": _ms(after),
                "isFinal": final,
                "originationPhoneNumber": originator,
                "destinationPhoneNumber": PERSON,
                "messageId": message_id,
                "messageRequestTimestamp": _ms(0),
                "totalMessagePrice": price,
                "carrierName": carrier,
                "context": {"feedback": expected},
            }),
            st.sampled_from(words), st.sampled_from(YEAR_LATER), _maybe(0.00645, 0.007, 0.0), _maybe(True, False),
            _maybe("Carrier A", "Carrier B"), _maybe("expected"),
        )  # fmt: skip
        feedback = st.builds(
            lambda word, after: (
                ("feedback", word, after), {"messageFeedback": {"messageId": message_id, "status": word, "timestamp": _ms(after)}}
            ),
            st.sampled_from(["RECEIVED", "FAILED"]), st.sampled_from(MINUTES),
        )  # fmt: skip
        logged = _log(message_id, "sms" if prefix == "TEXT" else prefix.lower(), "outbound") if prefix in ("TEXT", "VOICE") else feedback
        return _some(st.one_of(status, status, feedback, logged))

    return lifecycle


def _log(message_id: str, channel: str, direction: str) -> st.SearchStrategy[Told]:
    """The application's own record of a message: of the moment when it was sent, for that is the send time that it states."""
    ours, theirs = ("orders@shop.example.com", "ana@example.com") if channel == "email" else (COMPANY, PERSON)
    return st.builds(
        lambda after, words: (("log", after), {
            "messageId": message_id,
            "channel": channel,
            "direction": direction,
            "sendingAddress": theirs if direction == "inbound" else ours,
            "destinationAddress": ours if direction == "inbound" else theirs,
            "timestamp": _ms(after),
            "message": words,
        }),
        st.sampled_from([minutes for minutes in MINUTES if minutes <= 60]), st.sampled_from(["yes", "stop"]),
    )  # fmt: skip


def _received(channel: str) -> Callable[[str], Payloads]:
    return lambda message_id: _some(_log(message_id, channel, "inbound"))


def _reply(originator: str) -> Callable[[str], Payloads]:
    """Two-way SMS and RCS: without a time of its own, so in its envelope; one message may be told in several deliveries."""

    def lifecycle(message_id: str) -> Payloads:
        reply = st.builds(
            lambda after, words: {
                "Type": "Notification",
                "MessageId": f"{message_id}-{after}",
                "TopicArn": "arn:aws:sns:eu-west-1:111122223333:replies",
                "Timestamp": _iso(after),
                "Message": json.dumps(
                    {"originationNumber": PERSON, "destinationNumber": originator, "inboundMessageId": message_id, "messageBody": words}
                ),
            },
            st.sampled_from(MINUTES), st.just("yes"),
        )  # fmt: skip
        return reply.map(lambda payload: [payload])

    return lifecycle


def _email(message_id: str) -> Payloads:
    people = ["ana@example.com", "ben@example.com"]

    def event(kind: str, after: int, named: int, destinations: int, bounce: tuple[str, str], bot: str | None) -> Told:
        at, person, feedback = _iso(after), people[named % destinations], f"{message_id}-{kind}-{after}"
        to = [{"emailAddress": person}]
        details: Payload = {
            "Bounce": {"bounce": {"timestamp": at, "bounceType": bounce[0], "bounceSubType": bounce[1], "feedbackId": feedback,
                                  "bouncedRecipients": to}},
            "Complaint": {"complaint": {"timestamp": at, "feedbackId": feedback, "complainedRecipients": to}},
            "Delivery": {"delivery": {"timestamp": at, "recipients": [person]}},
            "DeliveryDelay": {"deliveryDelay": {"timestamp": at, "delayType": "MailboxFull", "delayedRecipients": to}},
            "Open": {"open": {"timestamp": at, "ipAddress": "192.0.2.1", "isBotEvent": bot}},
            "Click": {"click": {"timestamp": at, "ipAddress": "192.0.2.1", "link": "https://shop.example.com/", "isBotEvent": bot}},
            "Send": {"send": {}},
            "Reject": {"reject": {"reason": "Bad content"}},
        }[kind]  # fmt: skip
        mail = {"timestamp": _iso(0), "messageId": message_id, "source": "orders@shop.example.com", "destination": people[:destinations]}
        return (kind, after), {"eventType": kind, "mail": mail | {"commonHeaders": {"subject": "Your order"}}, **details}

    kinds = st.sampled_from(["Send", "Send", "Delivery", "Bounce", "Complaint", "DeliveryDelay", "Open", "Click", "Reject"])
    bounces = st.sampled_from([("Permanent", "General"), ("Transient", "MailboxFull")])
    return st.integers(1, 2).flatmap(
        lambda destinations: _some(
            st.builds(
                event, kinds, st.sampled_from(YEAR_LATER), st.integers(0, 1), st.just(destinations), bounces, _maybe("Likely", "Unlikely")
            )
        )
    )


def _webhook(value: Payload, field: str = "messages") -> Payload:
    metadata = {"display_phone_number": COMPANY.lstrip("+"), "phone_number_id": "100200300400"}
    entry = {"id": "900800700600", "changes": [{"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}, "field": field}]}
    return {"context": {}, "whatsAppWebhookEntry": json.dumps(entry), "aws_account_id": "111122223333"}


def _whatsapp_statuses(message_id: str) -> Payloads:
    def webhook(words: list[str], after: int, category: str | None, echo: bool) -> Told:
        at = str(_ms(after) // 1000)
        pricing = {"pricing": {"billable": True, "pricing_model": "PMP", "category": category}} if category else {}
        if echo:
            sent = {"id": message_id, "from": COMPANY, "to": PERSON, "timestamp": at, "type": "text", "text": {"body": "hello"}}
            return (after, echo), _webhook({"message_echoes": [sent]}, "smb_message_echoes")
        statuses = [{"id": message_id, "status": word, "timestamp": at, "recipient_id": PERSON.lstrip("+"), **pricing} for word in words]
        return (after, echo), _webhook({"statuses": statuses})

    words = st.lists(st.sampled_from(["sent", "delivered", "read", "played", "failed", "deleted"]), min_size=1, max_size=2, unique=True)
    return _some(st.builds(webhook, words, st.sampled_from(MINUTES), _maybe("marketing", "utility"), st.sampled_from([False, False, True])))


def _whatsapp_messages(message_id: str) -> Payloads:
    """A message from a customer, told once more under another time, and a reaction that refers to it."""

    def webhook(after: int, is_reaction: bool) -> Told:
        about = (
            {"type": "reaction", "reaction": {"message_id": message_id, "emoji": "+1"}}
            if is_reaction
            else {"type": "text", "text": {"body": "oi"}}
        )
        item = {
            "from": PERSON.lstrip("+"),
            "id": f"{message_id}{'r' if is_reaction else ''}",
            "timestamp": str(_ms(after) // 1000),
            **about,
        }
        return (after, is_reaction), _webhook(
            {"contacts": [{"profile": {"name": "Ana Example"}, "wa_id": PERSON.lstrip("+")}], "messages": [item]}
        )

    return _some(st.builds(webhook, st.sampled_from(MINUTES), st.booleans()))


TEXT_WORDS: Final = ("QUEUED", "PENDING", "SENT", "SUCCESSFUL", "DELIVERED", "BLOCKED", "UNREACHABLE", "INVALID", "TTL_EXPIRED", "UNKNOWN")
VOICE_WORDS: Final = ("INITIATED", "RINGING", "ANSWERED", "COMPLETED", "BUSY", "NO_ANSWER", "FAILED", "TTL_EXPIRED")
RCS_WORDS: Final = ("QUEUED", "SENT", "DELIVERED", "READ", "FAILED", "TTL_EXPIRED", "FALLEN_BACK_TO_SMS")

WAYS: Final[dict[tuple[str, str], Callable[[str], Payloads]]] = {
    ("sms", "outbound"): _end_user_messaging("TEXT", TEXT_WORDS, COMPANY),
    ("mms", "outbound"): _end_user_messaging("MEDIA", TEXT_WORDS, COMPANY),
    ("voice", "outbound"): _end_user_messaging("VOICE", VOICE_WORDS, COMPANY),
    ("rcs", "outbound"): _end_user_messaging("RCS", RCS_WORDS, AGENT),
    ("email", "outbound"): _email,
    ("whatsapp", "outbound"): _whatsapp_statuses,
    ("sms", "inbound"): _reply(COMPANY),
    ("mms", "inbound"): _received("mms"),
    ("voice", "inbound"): _received("voice"),
    ("rcs", "inbound"): _reply(AGENT),
    ("email", "inbound"): _received("email"),
    ("whatsapp", "inbound"): _whatsapp_messages,
}
"""A strategy of one message's payloads for each channel and direction; they are told apart by the message id that it is given."""


def lifecycles() -> Payloads:
    """The payloads of two messages on each way, message after message."""
    strategies = [lifecycle(f"{channel}-{direction}-{number}") for (channel, direction), lifecycle in WAYS.items() for number in (1, 2)]
    return st.tuples(*strategies).map(lambda messages: [payload for payloads in messages for payload in payloads])
