"""The canonical tables: every column's name, type, unit, meaning and privacy class, stated once.

Iceberg schemas, SQL documentation, the checks of the row builder and the redaction of each column are derived
from these tables. Column order: identity, time, who, what, protect, feedback, money, context, lineage.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pyarrow as pa

from transforms.vocabulary import Stage

SCHEMA_VERSION: Final = 1

STRING: Final = pa.string()
BOOL: Final = pa.bool_()
INT: Final = pa.int64()
DOUBLE: Final = pa.float64()
TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
DATE: Final = pa.date32()
MONEY: Final = pa.decimal128(18, 8)
BYTES: Final = pa.large_binary()
MAP: Final = pa.map_(pa.string(), pa.string())
DATES: Final = pa.list_(pa.date32())


class Privacy(StrEnum):
    """How a column is kept free of personal values; `transforms/policy.yaml` names the operator of each class."""

    KEYED = "keyed"  # a keyed digest, made by the program
    PLAIN = "plain"  # made by the program, or from a closed vocabulary, a number or a time
    PUBLIC = "public"  # the customer's own names: originator, configuration set, campaign, template
    MACHINE = "machine"  # known machine values: the event's own identifiers are removed, text rules are not applied
    PERSON = "person"  # an identifier of a person: pseudonymised
    MESSAGE_ID = "message_id"  # kept unless it embeds a number: then `mid_...`
    TEXT = "text"  # free text: redacted
    LINK = "link"  # a URL: personal parts and tokens are removed, the rest stays
    MAP = "map"  # keys and values: each string is redacted
    SEALED = "sealed"  # encrypted bytes


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: pa.DataType
    privacy: Privacy
    description: str
    unit: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`partition_by` is a timestamp column, partitioned by its UTC day, or None."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    partition_by: str | None = None
    sort_by: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


P = Privacy

# Columns that events and messages share, by group.
_WHO: Final = (
    Column("account_id", STRING, P.PUBLIC, "AWS account that sent or received; from the payload, else the envelope, else a setting"),
    Column("region", STRING, P.PUBLIC, "AWS region; from the payload, else the envelope, else a setting"),
    Column("tenant_id", STRING, P.PUBLIC, "Tenant (organizationId) that the message belongs to"),
    Column("configuration_set", STRING, P.PUBLIC, "Configuration set used for sending"),
    Column("originator", STRING, P.PUBLIC, "Origination identity on the company's side: number, sender id, RCS agent, e-mail address"),
    Column(
        "originator_type",
        STRING,
        P.PLAIN,
        "short_code, long_code, toll_free, sender_id, rcs_agent, email_identity, whatsapp_number, unknown",
    ),
    Column(
        "recipient_id",
        STRING,
        P.PERSON,
        "Pseudonym of the person on the other side: ph_ (phone and WhatsApp), em_ (e-mail), wa_ (WhatsApp id)",
    ),
    Column("customer_id", STRING, P.PERSON, "Pseudonym of the sender's own identifier for the person; ties phone and e-mail together"),
    Column("recipient_country", STRING, P.PLAIN, "Country of the person, ISO 3166-1 alpha-2"),
    Column(
        "number_range",
        STRING,
        P.PLAIN,
        "E.164 number without its last four digits; null unless valid, with seven national digits or more, and all ten thousand are assigned",
    ),
    Column("recipient_domain", STRING, P.PLAIN, "Domain of the person's e-mail address, lower case"),
    Column("carrier", STRING, P.MACHINE, "Carrier's name as the provider states it"),
    Column("mcc", STRING, P.MACHINE, "Mobile country code"),
    Column("mnc", STRING, P.MACHINE, "Mobile network code"),
)
_PROTECT: Final = (
    Column("protect_configuration_id", STRING, P.PUBLIC, "Protect configuration that applied"),
    Column("protect_mode", STRING, P.PLAIN, "Country rule in force: allow, block, monitor, filter"),
    Column("protect_recommendation", STRING, P.PLAIN, "Verdict of the AIT model: allow or block"),
    Column("protect_reason", STRING, P.MACHINE, "Why the model recommended blocking"),
)
_MONEY: Final = (
    Column("message_price_usd", MONEY, P.PLAIN, "Price of the whole message, repeated on each of its events", "USD"),
    Column("carrier_fee_usd", MONEY, P.PLAIN, "Carrier fee of the whole message, repeated on each of its events", "USD"),
    Column("pricing_category", STRING, P.MACHINE, "WhatsApp or RCS pricing category"),
    Column("pricing_model", STRING, P.MACHINE, "WhatsApp pricing model"),
    Column("billable", BOOL, P.PLAIN, "True when the provider says that the message is billed"),
)
_LABELS: Final = (
    Column("message_type", STRING, P.PLAIN, "transactional or promotional"),
    Column("content_type", STRING, P.MACHINE, "Kind of content: text, image, interactive, MMS, ..."),
    Column("body", STRING, P.TEXT, "Text of the message, redacted"),
    Column("subject", STRING, P.TEXT, "Subject line, redacted"),
)
_CAMPAIGN: Final = (
    Column("conversation_id", STRING, P.MESSAGE_ID, "Conversation or session that the message belongs to"),
    Column("in_reply_to", STRING, P.MESSAGE_ID, "Message id that this one answers or refers to"),
    Column("campaign", STRING, P.PUBLIC, "Campaign or journey"),
    Column("template_name", STRING, P.PUBLIC, "Message template"),
    Column("use_case", STRING, P.PUBLIC, "Use case stated by the sender"),
)
_LINEAGE: Final = (
    Column("source", STRING, P.PLAIN, "Template that made the row"),
    Column("template_version", STRING, P.PLAIN, "Content hash of that template"),
    Column("source_object", STRING, P.TEXT, "Landing object that held the record, its name redacted"),
    Column("source_offset", INT, P.PLAIN, "Where the record's document starts in the decompressed object", "bytes"),
    Column(
        "raw_event",
        STRING,
        P.MAP,
        "The whole payload, redacted, as JSON, with the ids of its envelopes as $delivery_ids; null unless the setting raw_event is on",
    ),
)

EVENTS: Final = Table(
    name="events",
    grain="one row per thing that happened to a message",
    partition_by="event_time",
    sort_by=("channel", "message_id", "event_time"),
    columns=(
        Column(
            "event_id",
            STRING,
            P.KEYED,
            "Keyed digest of the template's identity paths; the same event always gets the same id",
            required=True,
        ),
        Column("message_id", STRING, P.MESSAGE_ID, "Provider's message id, or mid_... when that id embeds a number"),
        Column(
            "message_key",
            STRING,
            P.KEYED,
            "Keyed digest of provider and message id, and for e-mail the recipient; null when the event belongs to no messages row",
        ),
        Column("event_time", TIMESTAMP, P.PLAIN, "When it happened, by the event's own clock", "UTC", required=True),
        Column("requested_at", TIMESTAMP, P.PLAIN, "When the send was requested, where the source states it", "UTC"),
        Column("received_at", TIMESTAMP, P.PLAIN, "When the event arrived at AWS, where an envelope states it", "UTC"),
        Column("ingested_at", TIMESTAMP, P.PLAIN, "When engagedb read the record", "UTC", required=True),
        *_WHO,
        Column("channel", STRING, P.PLAIN, "sms, mms, voice, rcs, email, whatsapp; null when the source cannot know it (message feedback)"),
        Column("direction", STRING, P.PLAIN, "outbound (company to person) or inbound", required=True),
        Column("stage", STRING, P.PLAIN, "Common lifecycle word: " + ", ".join(Stage), required=True),
        Column("event_type", STRING, P.MACHINE, "Provider's word for the event"),
        Column("provider_status", STRING, P.MACHINE, "Provider's status word"),
        Column("status_reason", STRING, P.TEXT, "Provider's explanation, redacted"),
        Column("is_final", BOOL, P.PLAIN, "True when the provider expects no later status"),
        *_LABELS,
        Column("link_domain", STRING, P.PLAIN, "Domain of a clicked link"),
        Column("link", STRING, P.LINK, "Clicked link, redacted"),
        Column("is_bot", BOOL, P.PLAIN, "True when an open or click is likely a scanner's; null when nobody says"),
        Column("parts", INT, P.PLAIN, "Segments of the message", "segments"),
        Column("encoding", STRING, P.MACHINE, "Character encoding, upper case"),
        Column("duration_s", DOUBLE, P.PLAIN, "Length of the call", "seconds"),
        *_CAMPAIGN,
        *_PROTECT,
        Column("feedback_status", STRING, P.PLAIN, "received or failed, on feedback events"),
        Column("feedback_expected", BOOL, P.PLAIN, "True when the sender said that feedback will be reported"),
        *_MONEY,
        Column("tags", MAP, P.MAP, "The sender's tags and context, redacted"),
        Column("attributes", MAP, P.MAP, "Every leaf of the payload that the template neither reads nor drops, by path, redacted"),
        *_LINEAGE,
    ),
)

STAGES: Final = tuple(Stage)


def _stage_times() -> tuple[Column, ...]:
    return tuple(
        Column(f"{edge}_{stage}_at", TIMESTAMP, P.PLAIN, f"{edge.capitalize()} event of stage {stage}", "UTC")
        for stage in STAGES
        for edge in ("first", "last")
    )


MESSAGES: Final = Table(
    name="messages",
    grain="one row per message; for e-mail one per message and recipient",
    partition_by="message_time",
    sort_by=("channel", "message_key"),
    columns=(
        Column("message_key", STRING, P.KEYED, "Key of the message", required=True),
        Column("message_id", STRING, P.MESSAGE_ID, "Provider's message id, or mid_... when that id embeds a number"),
        Column("message_time", TIMESTAMP, P.PLAIN, "Earliest stated send time, else the earliest event", "UTC", required=True),
        Column("requested_at", TIMESTAMP, P.PLAIN, "Earliest stated send time", "UTC"),
        Column("first_event_at", TIMESTAMP, P.PLAIN, "Earliest event", "UTC", required=True),
        Column("last_event_at", TIMESTAMP, P.PLAIN, "Latest event", "UTC", required=True),
        Column("event_days", DATES, P.PLAIN, "UTC days that hold the message's events, sorted", required=True),
        Column("event_count", INT, P.PLAIN, "Events of the message", "events", required=True),
        *_WHO,
        Column("channel", STRING, P.PLAIN, "sms, mms, voice, rcs, email, whatsapp; null while only feedback is known"),
        Column("direction", STRING, P.PLAIN, "outbound or inbound", required=True),
        Column(
            "outcome",
            STRING,
            P.PLAIN,
            "What became of the message. delivered: a delivery, read, open or click; accepted: the carrier's final acceptance without a receipt"
            " from the handset; failed, blocked, expired: the provider's last word without a delivery; unknown: the carrier never said; pending:"
            " no word yet; received: inbound. A permanent bounce takes back a delivery, a transient one does not",
            required=True,
        ),
        Column("event_type", STRING, P.MACHINE, "Provider's word for the latest event that is not feedback, an open or a click"),
        Column("provider_status", STRING, P.MACHINE, "Provider's status word on that event"),
        Column("status_reason", STRING, P.TEXT, "Provider's explanation on that event, redacted"),
        *_LABELS,
        Column("parts", INT, P.PLAIN, "Segments of the message", "segments"),
        Column("encoding", STRING, P.MACHINE, "Character encoding"),
        Column("duration_s", DOUBLE, P.PLAIN, "Length of the call", "seconds"),
        *_CAMPAIGN,
        *_stage_times(),
        Column("final_accepted_at", TIMESTAMP, P.PLAIN, "Last carrier acceptance that the provider calls final", "UTC"),
        Column(
            "permanent_failure_at", TIMESTAMP, P.PLAIN, "Last failure that cannot be followed by a delivery (a permanent bounce)", "UTC"
        ),
        Column("open_count", INT, P.PLAIN, "Opens by people, or by nobody knows whom", "events", required=True),
        Column("bot_open_count", INT, P.PLAIN, "Opens by scanners", "events", required=True),
        Column("click_count", INT, P.PLAIN, "Clicks by people, or by nobody knows whom", "events", required=True),
        Column("bot_click_count", INT, P.PLAIN, "Clicks by scanners", "events", required=True),
        *_PROTECT,
        Column("feedback_status", STRING, P.PLAIN, "Latest feedback: received or failed"),
        Column("feedback_at", TIMESTAMP, P.PLAIN, "Time of the latest feedback", "UTC"),
        Column("feedback_expected", BOOL, P.PLAIN, "True when any event of the message says so, or feedback exists", required=True),
        *_MONEY,
        Column("accepted_latency_s", DOUBLE, P.PLAIN, "Send request to first carrier acceptance", "seconds"),
        Column("delivered_latency_s", DOUBLE, P.PLAIN, "Send request to first delivery", "seconds"),
        Column("read_latency_s", DOUBLE, P.PLAIN, "Send request to first read", "seconds"),
        Column("opened_latency_s", DOUBLE, P.PLAIN, "Send request to first open by a person", "seconds"),
    ),
)

NOTICES: Final = Table(
    name="notices",
    grain="one row per account-level event",
    partition_by="notice_time",
    columns=(
        Column("notice_id", STRING, P.KEYED, "Keyed digest of the template's identity paths", required=True),
        Column("notice_time", TIMESTAMP, P.PLAIN, "When it happened, by the notice's own clock", "UTC", required=True),
        Column("received_at", TIMESTAMP, P.PLAIN, "When it arrived at AWS, where an envelope states it", "UTC"),
        Column("ingested_at", TIMESTAMP, P.PLAIN, "When engagedb read the record", "UTC", required=True),
        Column("account_id", STRING, P.PUBLIC, "AWS account"),
        Column("region", STRING, P.PUBLIC, "AWS region"),
        Column("channel", STRING, P.PLAIN, "Channel that it concerns, where it is known"),
        Column("notice_type", STRING, P.MACHINE, "Provider's word for the notice", required=True),
        Column(
            "resource_type",
            STRING,
            P.PLAIN,
            "What it is about: registration, whatsapp_account, whatsapp_template, phone_number, flow, identity, campaign, journey, session",
        ),
        Column("resource_id", STRING, P.MACHINE, "Id or name of that resource"),
        Column("status", STRING, P.MACHINE, "Status that it reports"),
        Column("status_reason", STRING, P.TEXT, "Explanation, redacted"),
        Column("attributes", MAP, P.MAP, "Every other leaf of the payload, by path, redacted"),
        *_LINEAGE,
    ),
)

DEAD_LETTERS: Final = Table(
    name="dead_letters",
    grain="one row per record that could not become an event",
    columns=(
        Column("dead_letter_id", STRING, P.KEYED, "Keyed digest of the record's bytes; redelivery makes no second row", required=True),
        Column("ingested_at", TIMESTAMP, P.PLAIN, "When engagedb read the record", "UTC", required=True),
        Column("received_at", TIMESTAMP, P.PLAIN, "When it arrived at AWS, where an envelope states it", "UTC"),
        Column("reason", STRING, P.PLAIN, "Stable reason code", required=True),
        Column("detail", STRING, P.TEXT, "What exactly was wrong, redacted", required=True),
        Column("source", STRING, P.PLAIN, "Template that refused it, where one matched"),
        Column("template_version", STRING, P.PLAIN, "Version of that template"),
        Column("excerpt", STRING, P.TEXT, "First characters of the record, redacted"),
        Column("sealed_record", BYTES, P.SEALED, "The outermost record and its arrival context, AES-GCM encrypted", required=True),
        Column("key_id", STRING, P.PLAIN, "Key that sealed it", required=True),
        Column("size_bytes", INT, P.PLAIN, "Size of the record", "bytes", required=True),
        Column("status", STRING, P.PLAIN, "open, replayed or discarded", required=True),
        Column("status_at", TIMESTAMP, P.PLAIN, "When the status last changed", "UTC", required=True),
        Column("source_object", STRING, P.TEXT, "Landing object that held the record, its name redacted"),
        Column("source_offset", INT, P.PLAIN, "Where the record's document starts in the decompressed object", "bytes"),
    ),
)

INGEST_LOG: Final = Table(
    name="ingest_log",
    grain="one row per landing object and content, once it is wholly committed",
    columns=(
        Column("object_key", STRING, P.KEYED, "Keyed digest of the object's full name", required=True),
        Column("object", STRING, P.TEXT, "Name of the object, redacted", required=True),
        Column("etag", STRING, P.PLAIN, "Version of its content: S3 ETag, or size and modification time of a file", required=True),
        Column("size_bytes", INT, P.PLAIN, "Size as stored", "bytes", required=True),
        Column("record_count", INT, P.PLAIN, "Records in it, the sum of the five fates", "records", required=True),
        Column("event_count", INT, P.PLAIN, "Records that became events", "records", required=True),
        Column("notice_count", INT, P.PLAIN, "Records that became notices", "records", required=True),
        Column("duplicate_count", INT, P.PLAIN, "Records recognised as duplicates", "records", required=True),
        Column("control_count", INT, P.PLAIN, "Envelope housekeeping", "records", required=True),
        Column("dead_letter_count", INT, P.PLAIN, "Records that became dead letters", "records", required=True),
        Column("ingested_at", TIMESTAMP, P.PLAIN, "When reading it began", "UTC", required=True),
        Column("duration_s", DOUBLE, P.PLAIN, "Reading and transforming, commit apart", "seconds", required=True),
        Column(
            "late_count", INT, P.PLAIN, "Those of the events that were late; null in what engagedb logged before it counted them", "records"
        ),
    ),
)

BACKFILLS: Final = Table(
    name="backfills",
    grain="one row per backfill that was begun",
    columns=(
        Column("backfill_id", STRING, P.PLAIN, "Random id", required=True),
        Column("began_at", TIMESTAMP, P.PLAIN, "When it began to read", "UTC", required=True),
        Column("finished_at", TIMESTAMP, P.PLAIN, "When its days were published; null when it was stopped: run it again", "UTC"),
        Column("first_day", DATE, P.PLAIN, "First UTC day of events that it rebuilt", required=True),
        Column("last_day", DATE, P.PLAIN, "Last UTC day of events that it rebuilt", required=True),
        Column("reason", STRING, P.TEXT, "Why, in the words of who ran it, redacted", required=True),
        Column("template_versions", MAP, P.PLAIN, "Version of each template that made rows, by source", required=True),
        Column("object_count", INT, P.PLAIN, "Landing objects that were read", "objects", required=True),
        Column("record_count", INT, P.PLAIN, "Records in them", "records", required=True),
        Column("refused_count", INT, P.PLAIN, "Records that the templates refused; their stored events stay", "records", required=True),
        Column("events_before_count", INT, P.PLAIN, "Events of these days before", "events", required=True),
        Column("events_after_count", INT, P.PLAIN, "Events of these days after", "events"),
        Column("rebuilt_count", INT, P.PLAIN, "Stored events that were made anew", "events"),
        Column("added_count", INT, P.PLAIN, "Events that the lake did not hold", "events"),
        Column("withdrawn_count", INT, P.PLAIN, "Stored events that the templates make no more", "events"),
        Column("kept_count", INT, P.PLAIN, "Stored events that stayed because their objects are gone, changed or refused", "events"),
    ),
)

ERASURES: Final = Table(
    name="erasures",
    grain="one row per person, pseudonym or message that is to be forgotten",
    columns=(
        Column(
            "subject_key",
            STRING,
            P.KEYED,
            "Keyed digest, by the lake's root secret, of the person or pseudonym; of a message its message_key",
            required=True,
        ),
        Column("kind", STRING, P.PLAIN, "person, pseudonym or message", required=True),
        Column("erased_at", TIMESTAMP, P.PLAIN, "Records up to this moment are forgotten when they come again", "UTC", required=True),
        Column("erasure_id", STRING, P.PLAIN, "Random id of the erasure, as its report names it", required=True),
    ),
)

LINKS: Final = Table(
    name="pseudonym_links",
    grain="one row per person that was met after a rotation, and older key",
    columns=(
        Column("pseudonym", STRING, P.PERSON, "Pseudonym of the person under the key that was current", required=True),
        Column("key_id", STRING, P.PLAIN, "Id of the older key whose pseudonym of the same person is sealed here", required=True),
        Column("sealed_pseudonym", BYTES, P.SEALED, "That older pseudonym, AES-GCM encrypted under its own key", required=True),
        Column("linked_at", TIMESTAMP, P.PLAIN, "When the link was made", "UTC", required=True),
    ),
)

TABLES: Final = {t.name: t for t in (EVENTS, MESSAGES, NOTICES, DEAD_LETTERS, INGEST_LOG, BACKFILLS, ERASURES, LINKS)}
ADDED_LATER: Final = frozenset({BACKFILLS.name, ERASURES.name, LINKS.name})
"""Tables that lakes of earlier versions lack: they read as empty, and are made when they are written to."""
COLUMNS_ADDED_LATER: Final = {INGEST_LOG.name: frozenset({"late_count"})}
"""Columns that tables of earlier versions lack: they read as null, and are added when the table is written to."""
