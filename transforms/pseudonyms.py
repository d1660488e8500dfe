"""Keyed digests: the same person, message or record always gets the same letters, and nobody without the key can try values.

`HMAC-SHA256(key, type || 0x00 || canonical value)`, 128 bits of it, written with the letters a to p only, so that no
rule for phone numbers, cards or codes takes a digest for a personal value. A pseudonym of a person names the key that
made it, because those keys rotate; ids of events, messages, objects and dead letters hang on the root, which never does.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from binascii import hexlify
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
DIGEST_LETTERS: Final = 32  # four bits each: 128 bits
_DIGEST_BYTES: Final = DIGEST_LETTERS // 2
KEY_ID_LETTERS: Final = 6
PERSONS_REMEMBERED: Final = 32_768
_MESSAGES_REMEMBERED: Final = 16_384

_LETTERS: Final = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")
_BLOCK: Final = 64  # of SHA-256, bytes


class PersonKind(StrEnum):
    """What a person's identifier is; the value is the prefix of the pseudonym and separates the types in the digest."""

    PHONE = "ph"  # also a WhatsApp id that is a phone number, so that both channels meet in one person
    EMAIL = "em"
    WHATSAPP = "wa"  # a WhatsApp id that is no phone number
    CUSTOMER = "cu"  # the sender's own identifier


class EmailPart(StrEnum):
    """What a lake may take for no difference between two e-mail addresses."""

    PLUS_TAG = "plus_tag"  # ana+news@example.com is ana@example.com
    GMAIL_DOTS = "gmail_dots"  # a.na@gmail.com is ana@gmail.com; elsewhere dots tell people apart


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secrets of one lake: the root, and the keys of person pseudonyms with the current one last.

    `email_ignores` is no secret: it says, for this lake, which e-mail addresses are one person.
    """

    root: bytes = field(repr=False)
    pseudonym_keys: tuple[PseudonymKey, ...]
    email_ignores: frozenset[str] = frozenset()

    def canonical(self, value: str, kind: PersonKind) -> str:
        """The one spelling that all identifiers of one person of that kind share in this lake."""
        spelled = canonical(value, kind)
        return _without(self.email_ignores, spelled) if self.email_ignores and kind is PersonKind.EMAIL else spelled

    def subkey(self, purpose: str) -> bytes:
        """A key that only the root gives, different for every purpose."""
        return derive(self.root, purpose)

    @property
    def current(self) -> PseudonymKey:
        """The key that makes pseudonyms now."""
        return self.pseudonym_keys[-1]

    @property
    def older(self) -> tuple[PseudonymKey, ...]:
        """The keys that made pseudonyms before, oldest first."""
        return self.pseudonym_keys[:-1]

    @property
    def root_id(self) -> str:
        """Letters that name the root without telling it; dead letters carry them."""
        return _key_id(self.root)

    def key_check(self) -> str:
        """Letters that a lake remembers to recognise its root again."""
        return _Digest(self.subkey("key check"))(b"")


def pseudonym_key(secret: bytes) -> PseudonymKey:
    """The key with its id."""
    return PseudonymKey(_key_id(secret), secret)


def derive_first(root: bytes) -> Keyring:
    """The keyring of a bare root: its first pseudonym key comes from the root by HKDF."""
    return Keyring(root=root, pseudonym_keys=(pseudonym_key(derive(root, "first pseudonym key")),))


def derive(root: bytes, purpose: str) -> bytes:
    """32 bytes that only this secret gives, different for every purpose."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"engagedb/" + purpose.encode()).derive(root)


def _key_id(key: bytes) -> str:
    return _Digest(derive(key, "key id"))(b"")[:KEY_ID_LETTERS]


class _Digest:
    """HMAC-SHA256 under one key and one fixed prefix, both hashed once: a call copies the two states (hmac.new costs three times that)."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes, prefix: bytes = b"") -> None:
        block = key.ljust(_BLOCK, b"\x00")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + prefix)
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def __call__(self, data: bytes) -> str:
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return hexlify(outer.digest()[:_DIGEST_BYTES]).translate(_LETTERS).decode()


class _PersonDigests:
    """The pseudonyms of persons under one key."""

    __slots__ = ("_digests", "_prefixes")

    def __init__(self, key: PseudonymKey) -> None:
        self._digests = {kind: _Digest(key.key, kind.encode() + b"\x00") for kind in PersonKind}
        self._prefixes = {kind: f"{kind}_{key.id}_" for kind in PersonKind}

    def pseudonym(self, kind: PersonKind, data: bytes) -> str:
        return self._prefixes[kind] + self._digests[kind](data)


class Pseudonymiser:
    """Every keyed digest that a lake needs. Not picklable: build one per process from the keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._persons = _PersonDigests(keyring.current)
        self._older_persons = [_PersonDigests(key) for key in keyring.older]
        self._older: dict[str, tuple[str, ...]] = {}
        self._event, self._message, self._dead_letter, self._object, self._opaque = (
            _Digest(keyring.subkey(purpose)) for purpose in ("event", "message", "dead letter", "object", "opaque id")
        )
        self.person: Callable[..., str] = lru_cache(PERSONS_REMEMBERED)(self._person)
        """`person(value, kind=None)`: the pseudonym of a person; without a kind the value's shape tells it."""

        self._spelled = lru_cache(_MESSAGES_REMEMBERED)(lambda recipient: canonical(recipient, person_kind(recipient)))
        self.message_key: Callable[..., str] = lru_cache(_MESSAGES_REMEMBERED)(self._message_key)
        """`message_key(provider, message_id, recipient=None)`: the key of a message, whose events come close together;
        `recipient` is the raw address where one id covers several recipients."""

    def _person(self, value: str, kind: PersonKind | None = None) -> str:
        known = kind or person_kind(value)
        data = self.keyring.canonical(value, known).encode("utf-8", "surrogatepass")
        pseudonym = self._persons.pseudonym(known, data)
        if self._older_persons:
            self._older[pseudonym] = tuple(older.pseudonym(known, data) for older in self._older_persons)
        return pseudonym

    def take_older(self) -> dict[str, tuple[str, ...]]:
        """What the older keys of the keyring make of the persons named since the last call, by pseudonym; empty with one key."""
        found, self._older = self._older, {}
        if found:
            self.person.cache_clear()  # type: ignore[attr-defined]  # a person who is named again is told again
        return found

    def learn_older(self, older: Mapping[str, tuple[str, ...]]) -> None:
        """Tell with the next `take_older` what another process took from its own."""
        self._older.update(older)

    def event_id(self, source: str, values: Sequence[Any]) -> str:
        """The id of the event of that source with those identity values: JSON values, their types and order count."""
        return self._event(_json([source, values]))

    def _message_key(self, provider: str, message_id: str, recipient: str | None = None) -> str:
        return self._message(_json([provider, message_id, self._spelled(recipient) if recipient else None]))

    def dead_letter_id(self, record: bytes, ordinal: int = 0) -> str:
        """The id of the dead letter of those bytes; redelivery gives the same one."""
        return self._dead_letter(b"%d\x00" % ordinal + record)

    def object_key(self, uri: str) -> str:
        """The key of a landing object, whose name may itself be personal."""
        return self._object(uri.encode("utf-8", "surrogatepass"))

    def opaque_id(self, value: str) -> str:
        """`mid_...`: stands for a provider's id that embeds a personal value."""
        return "mid_" + self._opaque(value.encode("utf-8", "surrogatepass"))


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # integers beyond 64 bits and decimals, which only the standard library's encoder can be told to write
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "surrogatepass")


_PHONE: Final = re.compile(r"(?:\+|00)?[\d\s().\-/]{5,}", re.ASCII)
_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_MEXICO_OLD_MOBILE: Final = re.compile(r"521(\d{10})")
_GMAIL: Final = ("gmail.com", "googlemail.com")
_BRAZIL_OLD_MOBILE: Final = re.compile(r"(55\d\d)([6-9]\d{7})")


def person_kind(value: str) -> PersonKind:
    """The kind that the value's shape tells: an address with @, a number, else a WhatsApp id."""
    if "@" in value:
        return PersonKind.EMAIL
    if _is_plain_number(value):
        return PersonKind.PHONE
    return PersonKind.PHONE if _PHONE.fullmatch(unicodedata.normalize("NFKC", value).strip()) else PersonKind.WHATSAPP


def canonical(value: str, kind: PersonKind) -> str:
    """The one spelling that all spellings of an identifier share: +E.164, lower-case e-mail with its domain in IDNA form."""
    if kind is PersonKind.PHONE and _is_plain_number(value):
        return "+" + _of_today(value[1:])
    folded = unicodedata.normalize("NFKC", value).strip()
    if kind is PersonKind.PHONE:
        return "+" + _phone_digits(folded)
    if kind is PersonKind.EMAIL:
        return _email(folded)
    return folded


def _phone_digits(folded: str) -> str:
    digits = _NOT_DIGIT.sub("", folded.replace("(0)", ""))
    if not folded.startswith("+"):
        digits = digits.removeprefix("00")
    return _of_today(digits)


def _is_plain_number(value: str) -> bool:
    """Whether the value is a plus sign and ASCII digits, as most numbers come."""
    return value[:1] == "+" and len(value) >= 6 and value.isascii() and value[1:].isdigit()


def _of_today(digits: str) -> str:
    # WhatsApp still names Mexican and older Brazilian mobiles by the numbers they had before the national plans changed.
    if len(digits) == 13 and (old := _MEXICO_OLD_MOBILE.fullmatch(digits)):
        return "52" + old[1]
    if len(digits) == 12 and (old := _BRAZIL_OLD_MOBILE.fullmatch(digits)):
        return f"{old[1]}9{old[2]}"
    return digits


def _without(ignored: frozenset[str], address: str) -> str:
    local, _, domain = address.rpartition("@")
    if EmailPart.PLUS_TAG in ignored:
        local = local.partition("+")[0] or local
    if EmailPart.GMAIL_DOTS in ignored and domain in _GMAIL:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def _email(folded: str) -> str:
    local, _, domain = folded.lower().rpartition("@")
    if domain.isascii():
        return f"{local}@{domain}"
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:  # an empty or overlong label: no mail server takes it, yet it must stay one person
        return f"{local}@{domain}"
