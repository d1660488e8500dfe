"""Subjects of an erasure as people name them: a phone number, an e-mail address, or a pseudonym that the lake shows.

No message here repeats what was given, for it may be personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import phonenumbers

from engagedb.errors import ConfigurationError
from transforms.forget import PSEUDONYM, Digests, TombstoneKind
from transforms.pseudonyms import Keyring, PersonKind, Pseudonymiser

_PHONE: Final = re.compile(r"(?:\+|00)[\d\s().\-/]{7,24}", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]+\.[^\s@<>,;:\".\d]{2,}")
_PHONE_DIGITS: Final = (7, 15)
_NATIONAL_DIGITS: Final = 8  # of a number without its country code, at least, to be taken for the same number

FORMS: Final = "Write a phone number with + and country code, an e-mail address, or a pseudonym (ph_..., em_..., wa_... or cu_...) whole."


@dataclass(frozen=True, slots=True)
class Subject:
    """One person to forget. A pseudonym alone has no value."""

    tombstones: tuple[tuple[TombstoneKind, str], ...]
    pseudonyms: frozenset[str]
    value: str | None = field(default=None, repr=False)  # canonical
    kind: PersonKind | None = None

    @property
    def national_digits(self) -> str | None:
        """The number as people of its country write it, without leading zeros."""
        if self.value is None or self.kind is not PersonKind.PHONE:
            return None
        try:
            national = phonenumbers.national_significant_number(phonenumbers.parse(self.value)).lstrip("0")
        except phonenumbers.NumberParseException:
            return None
        return national if len(national) >= _NATIONAL_DIGITS else None


class SubjectReader:
    """Makes subjects, with every pseudonym key of the keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._digests = Digests(keyring)
        self._makers = [Pseudonymiser(replace(keyring, pseudonym_keys=(key,))) for key in keyring.pseudonym_keys]

    def read(self, text: str, place: str) -> Subject:
        """The subject that the text names. Raises ConfigurationError that names the place and never the text."""
        stated = text.strip()
        if PSEUDONYM.fullmatch(stated):
            return Subject(((TombstoneKind.PSEUDONYM, self._digests.pseudonym(stated)),), frozenset((stated,)))
        kind = PersonKind.EMAIL if "@" in stated else PersonKind.PHONE
        value = self._keyring.canonical(stated, kind)
        is_number = _PHONE.fullmatch(stated) is not None and _PHONE_DIGITS[0] <= len(value) - 1 <= _PHONE_DIGITS[1]
        if not (_EMAIL.fullmatch(stated) if kind is PersonKind.EMAIL else is_number):
            raise ConfigurationError(f"{place} is no subject that can be erased. {FORMS}")
        pseudonyms = self.pseudonyms(stated, kind)
        stones = [(TombstoneKind.PERSON, self._digests.person(stated, kind))]
        stones += [(TombstoneKind.PSEUDONYM, self._digests.pseudonym(name)) for name in sorted(pseudonyms)]
        return Subject(tuple(stones), pseudonyms, value, kind)

    def pseudonyms(self, value: str, kind: PersonKind) -> frozenset[str]:
        """The person's pseudonym under each key."""
        return frozenset(maker.person(value, kind) for maker in self._makers)

    def read_lines(self, lines: Iterable[str], place: str) -> list[Subject]:
        """One subject per line; empty lines and lines that begin with # are none."""
        return [
            self.read(line, f"Line {number} of {place}")
            for number, line in enumerate(lines, start=1)
            if line.strip() and not line.lstrip().startswith("#")
        ]
