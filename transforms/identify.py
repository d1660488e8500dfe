"""An event's own identifiers: the numbers, addresses and names that its payload states, collected before anything is redacted."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import getaddresses
from functools import lru_cache
from typing import Any, Final

import orjson

from transforms import layers
from transforms.known_values import Identifiers, folded, visible
from transforms.leaves import tells_of_somebody
from transforms.policy import Field, Identifies, Policy, shipped_policy
from transforms.text.kinds import Kind
from transforms.walk_shape import BEGINS_JSON

__all__ = ["Identifiers", "collect", "is_written_like_a_name", "json_inside", "mailboxes", "phone_digits"]

DEEPEST: Final = 200  # levels of a payload that are looked at; the scrubber lets nothing deeper pass
_PHONE: Final = re.compile(r"(?:tel:|sms:|whatsapp:)?\s*(\+|00)?\s*\(?\d[\d\s().\-/\u2010-\u2015]{5,24}")
_BARE_DIGITS: Final = re.compile(r"\d{7,15}")
_EMAIL: Final = re.compile(r"(?:mailto:)?([^\s@<>()\[\]\",;:]+@[^\s@<>()\[\]\",;:]+)")
_NAME_WORD: Final = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]*)*")
_NAME_JOINT: Final = re.compile(r"['’.\-]")
_VALUES_REMEMBERED: Final = 16_384
_LONGEST_REMEMBERED: Final = 256
_TOKENS: Final = {kind.token: kind for kind in Kind}


def collect(payload: Any, policy: Policy | None = None) -> Identifiers:
    """The identifiers that the payload states under keys the policy knows, or that are whole values, also of JSON inside strings."""
    collector = Collector(policy or shipped_policy())
    collector.walk(payload)
    return collector.found


def phone_digits(value: str, *, needs_plus: bool) -> str | None:
    """The digits of a value that is a phone number and nothing else; `needs_plus` asks for the international form."""
    if value[:1] == "+" and (digits := _international(value)):  # by far the most
        return digits
    if "@" in value:
        return None
    value = folded(visible(value))
    match = _PHONE.fullmatch(value.strip())
    if match is None or (needs_plus and match[1] is None):
        return None
    digits = re.sub(r"[^0-9]", "", value.replace("(0)", ""))
    if match[1] == "00":
        digits = digits.removeprefix("00")
    return digits if 7 <= len(digits) <= 15 else None


def _international(value: str) -> str | None:
    """The digits of a number that is written with a plus and nothing else."""
    return digits if 8 <= len(value) <= 16 and value.isascii() and (digits := value[1:]).isdigit() else None


def mailboxes(value: str) -> list[tuple[str, str]]:
    """(display name, address) of each mailbox of an address header; nothing when the value is none."""
    if "@" not in value or len(value) > 10_000:
        return []
    if (bare := _EMAIL.fullmatch(value.strip())) is not None:
        return [("", bare[1])]
    if not value.rstrip().endswith(">") and "," not in value:
        return []
    return [(name, address) for name, address in getaddresses([value]) if _EMAIL.fullmatch(address)]


def is_written_like_a_name(value: str) -> bool:
    """Whether a value under a key such as `customer` or `name` is written as people's names are."""
    words = value.replace("_", " ").split()
    if not 1 <= len(words) <= 6 or len(value) > 80 or not all(_NAME_WORD.fullmatch(word.strip(',"')) for word in words):
        return False
    if not any(char.isupper() or char.islower() for char in value):
        return True  # a script without capitals
    if "_" not in value and len(words) > 1:
        return True
    return (len(words) > 1 and all(word[0].isupper() for word in words)) or all(map(_is_capitalised, _NAME_JOINT.split(words[0])))


def _is_capitalised(part: str) -> bool:
    return part[:1].isupper() and (len(part) == 1 or part[1:].islower())


def json_inside(text: str) -> Any:
    """The object or array that the whole text is, or None."""
    if len(text) < 5:
        return None
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) else None


def _json_in_base64(text: str) -> Any:
    """The object or array that the whole text is in base64, as queues and streams carry it."""
    if layers.BASE64.fullmatch(text) is None or (data := layers.base64_bytes(text)) is None:
        return None
    decoded = layers.printable(data)
    return json_inside(decoded) if decoded and decoded[0] in "{[" else None


class Collector:
    """Notes the event's people in `found`, from strings at their places in the policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.found: Final = Identifiers(policy.ordinary_words)

    def walk(self, payload: Any) -> None:
        """Takes every leaf of the payload."""
        self._walk(payload, self._policy.root, 0)

    def key(self, key: str) -> None:
        """Take a key that is an address or an international number."""
        self._whole(key)

    def number(self, value: int) -> None:
        """Take a number that stands where contacts do."""
        self.found.add_phone(str(value))

    def string(self, value: str, place: Field, depth: int = 0) -> None:
        """Take a string: what its place says that it is, whom it looks like, or JSON that tells of people."""
        first = value[:1]
        if first == "+" and (place.identifies is not None or not place.is_senders) and (digits := _international(value)):
            self.found.add_phone(digits)
            return
        if value in self.found.emails and value.isascii():  # as it is written already
            return
        if first in BEGINS_JSON:
            inner = json_inside(value) if first in ("{", "[") else _json_in_base64(value)
            if inner is not None:
                self._walk(inner, place, depth + 1)
                return
        if place.identifies is not None:
            stated = _remembered_stated if len(value) <= _LONGEST_REMEMBERED else _stated
            for take, told in stated(value, place.treatment.token, place.identifies):
                take(self.found, *told)
        elif ("@" in value or first == "+") and not place.is_senders:
            self._whole(value)

    def _walk(self, value: Any, place: Field, depth: int) -> None:
        if depth > DEEPEST:
            return
        kind = type(value)
        if kind is dict:
            named = self._policy.pair(value)
            for key, member in value.items():
                if tells_of_somebody(key):
                    self._whole(key)
                self._walk(member, place.child(value[named[0]]) if named and key == named[1] else place.child(key), depth + 1)
        elif kind is list:
            for member in value:
                self._walk(member, place, depth + 1)
        elif kind is str:
            self.string(value, place, depth)
        elif kind is int and place.identifies is Identifies.CONTACT:
            self.number(value)

    def _whole(self, value: str) -> None:
        """Take a value that is an address or an international number as a whole."""
        for take, told in _remembered_whole(value) if len(value) <= _LONGEST_REMEMBERED else _whole(value):
            take(self.found, *told)


Taking = tuple[Callable[..., None], tuple[Any, ...]]
"""A method of Identifiers, and what it is to take."""


def _whole(value: str) -> tuple[Taking, ...]:
    """Whom a value names that is an international number, or a list of mailboxes."""
    if (digits := phone_digits(value, needs_plus=True)) is not None:
        return ((Identifiers.add_phone, (digits,)),)
    taken: list[Taking] = []
    for name, address in mailboxes(value):
        taken.append((Identifiers.add_email, (address,)))
        if name:
            taken.append((Identifiers.add_name, (name,)))
    return tuple(taken)


def _stated(value: str, token: str, identifies: Identifies) -> tuple[Taking, ...]:
    """Whom a value names at a place where people are named."""
    stripped = value.strip()
    if not stripped or stripped in _TOKENS:
        return ()
    if whole := _whole(stripped):
        return whole
    if identifies is Identifies.NAME or (identifies is Identifies.PERHAPS_NAME and is_written_like_a_name(stripped)):
        return ((Identifiers.add_name, (stripped.replace("_", " "),)),)
    if identifies is Identifies.CONTACT and (digits := phone_digits(stripped, needs_plus=False)) is not None:
        return ((Identifiers.add_phone, (digits,)),)
    if identifies is Identifies.PHRASE:
        return ((Identifiers.add_phrase, (folded(visible(stripped)), _TOKENS[token])),)
    if identifies is Identifies.HANDLE:
        if _BARE_DIGITS.fullmatch(stripped):
            return ((Identifiers.add_phone, (stripped,)),)
        if len(stripped) >= 6 and any(char.isdigit() for char in stripped) and " " not in stripped:
            return ((Identifiers.add_phrase, (folded(visible(stripped)), Kind.NATIONAL_ID)),)
    return ()


_remembered_whole: Final = lru_cache(_VALUES_REMEMBERED)(_whole)
_remembered_stated: Final = lru_cache(_VALUES_REMEMBERED)(_stated)
