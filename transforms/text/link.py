"""Secrets and addresses inside links; the rest of a link stays readable, for it says which page was sent.

Values are judged in path segments, query and fragment, as they stand and after percent-decoding (also twice) and base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

from transforms.text.kinds import Kind
from transforms.text.view import CLAIMED, COVERED, Span, View

TRIGGERS = (r"://|www\.|[a-z0-9-]\.[a-z]{2,12}/|wa\.me|mailto:",)

_STOP = f'\\s<>"{CLAIMED}{COVERED}\u3000-\u9fff\uff00-\uffef'
_LINK = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,15}}://|www\.|mailto:)[^{_STOP}]+|"
    rf"(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{{2,12}}(?::\d+)?/[^{_STOP}]+",
    re.IGNORECASE,
)
_CLOSING = ".,;:!?)]}'\"*"
_PIECE = re.compile(r"[^/?#&;]+")
_EMAIL = re.compile(r"[\w.+%-]*[\w+-]@[\w-]+(?:\.[\w-]+)+|[\w.+-]+=[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}$", re.IGNORECASE)
_PHONE = re.compile(r"(?:tel:|sms:|\+|00)?\d(?:[ ().-]{0,2}\d){8,14}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{5,}(?:\.[\w-]+){1,2}")
_SECRET_KEY = re.compile(
    r"(?:.*(?:token|secret|session|passw|signature|nonce|jwt|magic|apikey|api_key|credential|ticket|reset|verif|confirm|invit|activat|auth)"
    r"|sid|sig|sign|key|k|t|h|hash|code|otp|pin|pwd|pass|state|s|tk|tok|csrf|xsrf|hmac|mac|c|ct|x|q_?t|oobcode|cid|uid|id_token)$",
    re.IGNORECASE,
)
_ALWAYS_SECRET_KEY = re.compile(
    r".*(?:token|secret|passw|otp|pwd|jwt|session|signature|apikey|api_key|oobcode)|pin|pass|auth|sig", re.IGNORECASE
)
_PERSONAL_KEY = re.compile(
    r".*(?:e?mail|phone|mobile|msisdn|whatsapp|recipient|address|surname|birth|passport|iban|card)"
    r"|(?:first|last|full|user|given|family|display|customer)?_?-?name|fn|ln|login|user|tel|cell|to|dob|ssn|addr|nombre|nome|nom|"
    r"telefono|telefone|correo",
    re.IGNORECASE,
)
_PHONE_KEY = re.compile(r".*(?:phone|mobile|msisdn|whatsapp|cell|tel|number|sms)|to|recipient|p|n|num", re.IGNORECASE)
_DOOR = re.compile(
    r"(?:.*(?:reset|magic|verif|confirm|unsub|invit|activat|login|signin|auth|token|password|passwd|optout|opt-out|preference|session|"
    r"sso|share|one-?time)"
    r"|s|t|r|c|u|l|k|e|p|a|me)$",
    re.IGNORECASE,
)


def claim(view: View) -> None:
    """Claims the secret parts of every link, and covers what remains of the link: no other rule may damage it."""
    for match in _LINK.finditer(view.text):
        start, end = match.span()
        while end > start and view.text[end - 1] in _CLOSING:
            end -= 1
        for span in secrets(view.text[start:end], start):
            view.claim(span.start, span.end, span.kind)
        for piece in re.finditer(f"[^{CLAIMED}]+", view.text[start:end]):
            view.cover(start + piece.start(), start + piece.end())


def secrets(link: str, offset: int = 0) -> Iterator[Span]:
    """The spans of a link that must go, moved by `offset`."""
    scheme = re.match(r"[a-z][a-z0-9+.-]*:/{0,2}", link, re.IGNORECASE)
    host_start = scheme.end() if scheme is not None else 0
    is_mail = scheme is not None and scheme.group().lower().startswith("mailto")
    host_end = host_start if is_mail else next((i for i in range(host_start, len(link)) if link[i] in "/?#"), len(link))
    host = link[host_start:host_end]
    if "@" in host:
        yield Span(offset + host_start, offset + host_start + host.rindex("@"), Kind.TOKEN)
    previous = host.lower()
    for match in _PIECE.finditer(link, host_end):
        piece = match.group()
        key, equals, value = piece.partition("=")
        if equals and value and re.fullmatch(r"[\w.\[\]%-]{1,40}", key) and link[match.start() - 1] not in "/":
            start = match.start() + len(key) + 1
        else:
            key, value, start = "", piece, match.start()
        kind, inner_start, inner_end = _judge(key, value, previous)
        if kind is not None:
            yield Span(offset + start + inner_start, offset + start + inner_end, kind)
        previous = piece.lower()


def _judge(key: str, value: str, before: str) -> tuple[Kind | None, int, int]:
    whole = (0, len(value))
    plain = value
    for _ in range(3):
        plain = unquote(plain)
    if CLAIMED in plain or re.fullmatch(r"\[[A-Z]+\]", plain):
        return (None, *whole)
    mail = _EMAIL.search(plain)
    if mail is not None:
        return (Kind.EMAIL, *whole)
    compact = plain.strip()
    if _PHONE.fullmatch(compact) and (
        compact[0] == "+" or _PHONE_KEY.fullmatch(key) or (not key and (before.endswith(("wa.me", "t.me", "tel", "sms", "phone", "call"))))
    ):
        return (Kind.PHONE, *whole)
    if key and _PERSONAL_KEY.fullmatch(key) and ((len(compact) >= 3 and not compact.isdigit()) or len(compact) >= 7):
        return (Kind.TOKEN, *whole)
    if key and _ALWAYS_SECRET_KEY.fullmatch(key) and len(compact) >= 4 and not re.fullmatch(r"[a-z]{1,8}|true|false", compact):
        return (Kind.TOKEN, *whole)
    behind_door = bool(_SECRET_KEY.fullmatch(key)) if key else bool(_DOOR.match(before))
    if _is_opaque(compact, behind_door) or _hides_address(compact):
        return (Kind.TOKEN, *whole)
    return (None, *whole)


def _is_opaque(value: str, behind_door: bool) -> bool:
    """A value that looks drawn at random: long and mixed; shorter ones only where a secret is expected."""
    if _UUID.fullmatch(value):
        return behind_door
    if _JWT.search(value):
        return True
    has_digit = any(char.isdigit() for char in value)
    has_lower = any(char.islower() for char in value)
    has_upper = any(char.isupper() for char in value)
    if behind_door and len(value) >= 6 and has_digit and (has_lower or has_upper) and not _is_slug(value):
        return True
    if behind_door and len(value) >= 20 and not _is_slug(value):
        return True
    if len(value) < 16 or _is_slug(value):
        return False
    if re.fullmatch(r"[0-9a-f]+", value) and has_digit:
        return len(value) >= 20
    return (has_lower and has_upper and (has_digit or len(value) >= 24)) or (has_lower and has_digit and len(value) >= 24)


def _is_slug(value: str) -> bool:
    """Words joined by dashes, as in the address of an article."""
    return all(
        re.fullmatch(r"[a-z]{1,18}|[A-Z]?[a-z]{1,17}|\d{1,4}|[a-z]{1,3}\d{1,4}|\d{1,4}[a-z]{1,3}", part)
        for part in re.split(r"[-_.+]", value)
    )


def _hides_address(value: str) -> bool:
    """Whether the value is base64 (plain or for links) of text that holds an e-mail address or a phone number."""
    if len(value) < 10 or re.fullmatch(r"[\w+/=-]+", value) is None or value.isdigit():
        return False
    bare = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return False
    return _EMAIL.search(decoded) is not None or re.fullmatch(r"\+?\d{8,15}", decoded) is not None
