"""What all WhatsApp records share: AWS's header around one Meta entry as a JSON string, SNS around that, and message ids."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from ingest.simulate.draw import UUID, Ints, scatter, uuid_fields
from ingest.simulate.people import RANGES, phone_of
from ingest.simulate.sns import envelope, escape, iso_times
from ingest.simulate.world import ACCOUNT, REGION

TOPIC: Final = "whatsapp-events"
BUSINESS_NUMBER: Final = "447700900342"
BUSINESS_NUMBER_ID: Final = "106540352242922"
WABA: Final = "102290129340398"
WHERE: Final = ("BR", "IN", "MX", "ID", "DE", "ES", "IT", "GB", "ZA", "NG", "AE", "AR", "CO", "CL", "PE", "TR", "MY", "SG", "PT", "NL")
INNER: Final = 3  # how deep a text of an entry is nested: in SNS, in AWS's header, in the entry itself

_ARN: Final = f"arn:aws:social-messaging:{REGION}:{ACCOUNT}"
METADATA: Final = (
    f'"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{BUSINESS_NUMBER}","phone_number_id":"{BUSINESS_NUMBER_ID}"}}'
)


def record(entry: str) -> str:
    """A format for the record of one entry: UUID fields, the entry's fields, AWS's time, UUID fields, SNS's time."""
    header = (
        f'{{"context":{{"MetaWabaIds":[{{"wabaId":"{WABA}","arn":"{_ARN}:waba/8c1f64b2a7ce4d5b9d0e73a15f9b2c60"}}],'
        f'"MetaPhoneNumberIds":[{{"metaPhoneNumberId":"{BUSINESS_NUMBER_ID}","arn":"{_ARN}:phone-number-id/2e7d1b90c45f4a6fb83c9d5e0a7f1426"}}]}},'
        f'"whatsAppWebhookEntry":"{escape(entry)}","aws_account_id":"{ACCOUNT}","message_timestamp":"%s","messageId":"{UUID}"}}'
    )
    return envelope(TOPIC, header)


def entry(value: str, field: str = "messages", time: str = "") -> str:
    """One Meta entry with one change."""
    return f'{{"id":"{WABA}",{time}"changes":[{{"value":{{{value}}},"field":"{field}"}}]}}'


def front(ids: Ints) -> list[list[int]]:
    """The columns before an entry's fields: SNS's message id."""
    return [column.tolist() for column in uuid_fields(ids ^ 8)]


def back(ids: Ints, arrivals: Ints) -> list[list[int] | list[str]]:
    """The columns after an entry's fields: AWS's receipt time with nanoseconds, AWS's message id, SNS's time."""
    rest = scatter(ids, 51, 1_000_000).tolist()
    nanoseconds = [f"{text[:-1]}{below:06d}Z" for text, below in zip(iso_times(arrivals - 60), rest, strict=True)]
    return [nanoseconds, *(column.tolist() for column in uuid_fields(ids ^ 16)), iso_times(arrivals - 20)]


def digits_of(person: Ints) -> list[str]:
    """Phone numbers as WhatsApp writes them, without the plus sign."""
    number_range, last = phone_of(person)
    return [f"{prefix[1:]}{digits:04d}" for prefix, digits in zip(RANGES[number_range].tolist(), last.tolist(), strict=True)]


def wamids(numbers: list[str], ids: Ints, inbound: bool) -> list[str]:
    """WhatsApp message ids: base64 over a small structure that holds the customer's number in clear."""
    middle = b"\x15\x02\x00\x12\x18\x14" if inbound else b"\x15\x02\x00\x11\x18\x12"
    shape = "3A4F%016X" if inbound else "5E%016X"
    return [
        "wamid." + b64encode(b"\x1c\x18" + bytes([len(number)]) + number.encode() + middle + (shape % id).encode() + b"\x00").decode()
        for number, id in zip(numbers, ids.tolist(), strict=True)
    ]
