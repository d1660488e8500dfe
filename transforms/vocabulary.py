"""The closed vocabularies of the canonical tables. The providers' own words stand beside them, never inside."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    MMS = "mms"
    VOICE = "voice"
    RCS = "rcs"
    EMAIL = "email"
    WHATSAPP = "whatsapp"


class Direction(StrEnum):
    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Stage(StrEnum):
    """Lifecycle of a message, in the order that breaks ties between events of the same instant."""

    QUEUED = "queued"
    SENT = "sent"
    DELAYED = "delayed"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    FAILED = "failed"
    BLOCKED = "blocked"
    DELIVERED = "delivered"
    READ = "read"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    RECEIVED = "received"
    FEEDBACK = "feedback"


class OriginatorType(StrEnum):
    SHORT_CODE = "short_code"
    LONG_CODE = "long_code"
    TOLL_FREE = "toll_free"
    SENDER_ID = "sender_id"
    RCS_AGENT = "rcs_agent"
    EMAIL_IDENTITY = "email_identity"
    WHATSAPP_NUMBER = "whatsapp_number"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of a message; computed when asked, never stored."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    FAILED = "failed"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    PENDING = "pending"
    RECEIVED = "received"


class Fate(StrEnum):
    """Where a record went; every record has exactly one."""

    EVENT = "event"
    NOTICE = "notice"
    DUPLICATE = "duplicate"
    CONTROL = "control"
    DEAD_LETTER = "dead_letter"


class DeadLetterStatus(StrEnum):
    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
