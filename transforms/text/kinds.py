"""The kinds of personal value that text redaction knows, and the token that replaces each."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a span is; the token in the redacted text is this word in square brackets."""

    TOKEN = "TOKEN"  # the secret part of a link
    EMAIL = "EMAIL"
    IP = "IP"
    IBAN = "IBAN"
    GEO = "GEO"
    BIRTH = "DOB"
    CARD = "CARD"
    SSN = "SSN"
    NATIONAL_ID = "ID"
    PHONE = "PHONE"
    CODE = "CODE"
    ADDRESS = "ADDRESS"
    PERSON = "PERSON"

    @property
    def token(self) -> str:
        """The replacement: letters in brackets, so that no rule takes it for a number, an address or a name."""
        return f"[{self.value}]"
