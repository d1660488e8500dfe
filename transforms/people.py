"""What a row may tell of its people: keys and pseudonyms, and what may be known of the recipient.

Raw identifiers come in, nothing of them goes out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from transforms import phone
from transforms.filters import domain_of
from transforms.links import domain
from transforms.originator import originator_type
from transforms.pseudonyms import PersonKind, Pseudonymiser, person_kind
from transforms.vocabulary import Channel, Direction

_RECIPIENTS_REMEMBERED: Final = 16_384
_PROVIDERS: Final[dict[str | None, str]] = {Channel.EMAIL: "ses", Channel.WHATSAPP: "meta"}
_END_USER_MESSAGING: Final = "eum"
_EXPECTING: Final = frozenset({Channel.SMS, Channel.MMS})


KNOWN: Final = (
    "message_key", "recipient_id", "number_range", "recipient_domain", "customer_id", "link_domain",
    "recipient_country", "originator_type", "feedback_expected",
)  # fmt: skip
"""Columns that are known of a row's people. The last three stand there unless the template says otherwise."""

Known = tuple[str | None, str | None, str | None, str | None, str | None, str | None, str | None, str, bool | None]
_Told = tuple[PersonKind, str | None, str | None, str | None]


class People:
    """Tells of the people of rows with one keyring."""

    def __init__(self, pseudonymiser: Pseudonymiser, customer_id_keys: tuple[str, ...], *, feedback_expected: bool) -> None:
        self.customer_id_keys: Final = customer_id_keys
        self._pseudonymiser = pseudonymiser
        self._feedback_expected = feedback_expected
        self._told = lru_cache(_RECIPIENTS_REMEMBERED)(_told)

    def known(
        self,
        has_message: bool,
        recipient: str | None,
        customer: str | None,
        message_id: str | None,
        channel: str | None,
        direction: str | None,
        originator: str | None,
        link: str | None,
        tags: dict[str, Any] | None,
    ) -> Known:
        """The `KNOWN` columns, from what the template's columns of these names say."""
        by_recipient = channel == "email"
        message_key = None
        if has_message and message_id and (recipient or not by_recipient):
            provider = _PROVIDERS.get(channel, _END_USER_MESSAGING)
            message_key = self._pseudonymiser.message_key(provider, message_id, recipient if by_recipient else None)
        recipient_id = number_range = recipient_domain = country = None
        if recipient:
            kind, number_range, recipient_domain, country = self._told(recipient)
            recipient_id = self._pseudonymiser.person(recipient, kind)
        customer = customer or (self._customer(tags) if tags else None)
        is_expecting = self._feedback_expected and channel in _EXPECTING and direction in (None, Direction.OUTBOUND)
        return (
            message_key,
            recipient_id,
            number_range,
            recipient_domain,
            self._pseudonymiser.person(customer, PersonKind.CUSTOMER) if customer else None,
            domain(link) if link is not None else None,
            country,
            originator_type(originator, channel),
            True if is_expecting else None,
        )

    def _customer(self, tags: dict[str, Any]) -> str | None:
        """The sender's own id of the person, taken out of the tags so that it stands nowhere in clear."""
        for key in self.customer_id_keys:
            value = tags.get(key)
            if isinstance(value, list):
                value = value[0] if value else None
            if value is not None and str(value).strip():
                return str(value)
        return None


def _told(recipient: str) -> _Told:
    """The recipient's kind, number range, domain and country."""
    kind = person_kind(recipient)
    if kind is PersonKind.EMAIL:
        return kind, None, domain_of(recipient), None
    if kind is PersonKind.PHONE and (number := phone.e164(recipient)):
        described = phone.describe(number)
        return kind, described.number_range, None, described.country
    return kind, None, None, None
