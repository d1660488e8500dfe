"""The beginning of a record that could not become an event, for the eyes of whoever mends it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from engagedb.errors import Rejected
from transforms.layers import BASE64, base64_bytes
from transforms.written import written_json

if TYPE_CHECKING:
    from transforms.scrub import Scrubber

EXCERPT_CHARS: Final = 1_000
_LARGEST_PARSED: Final = 256 * 1024
_LOOKED_AT: Final = 8 * 1024
_PAIR: Final = re.compile(r'"([^"\\]{1,80})"\s*:\s*(?:"((?:[^"\\]|\\.)*)|(-?\d[\d.]*))')
_ESCAPED: Final = re.compile(r"\\+([\"u/])")
_UNFINISHED_MEMBER: Final = re.compile(r",?\s{0,40}(?:\"(?:[^\"\\]|\\.)*\"\s{0,40}:?\s{0,40}[\w.+-]*|[\w.+-]+)?\s{0,40}$")
_HOLDS_MORE: Final = re.compile(r"[{\[]|[A-Za-z0-9+/_\-]{16,}={0,2}$")
_CUT: Final = "…"
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_MEMBER: Final = 2_000


def excerpt(scrubber: Scrubber, record: bytes) -> str:
    """Up to 1,000 characters, redacted: JSON leaf by leaf, also when its end is missing; anything else as text
    whose `"key": value` pairs are treated by key. Empty when it cannot be redacted.
    """
    try:
        return _readable(scrubber, record)[:EXCERPT_CHARS]
    except (Rejected, RecursionError):
        return ""


def _readable(scrubber: Scrubber, record: bytes) -> str:
    text = _text(record[:_LARGEST_PARSED])
    if text is None:
        return f"[{len(record)} bytes that are no text]"
    beginning = text[:_LOOKED_AT]
    value = _parsed(text)
    if value is None:
        return _broken(scrubber, beginning)
    return written_json(scrubber.payload(value, scrubber.collect(value)))


def _text(data: bytes) -> str | None:
    """The text, but for a character cut at its end; none for bytes that are no text, in which broken pieces of
    personal values may stand that no rule can recognise.
    """
    if _CONTROL.search(data):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return data[: error.start].decode("utf-8-sig") if len(data) - error.start < 4 else None


def _parsed(text: str) -> Any:
    """The document, completed where its end is missing, inside its strings too; None when it is something else."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    for candidate in (text, completed(text)):
        try:
            return _completed_inside(orjson.loads(candidate))
        except orjson.JSONDecodeError:
            continue
    return None


def _completed_inside(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _completed_inside(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_completed_inside(member) for member in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _parsed(value) or value
    if isinstance(value, str) and BASE64.fullmatch(value) is not None and (data := base64_bytes(value)) is not None:
        return _parsed(data.decode("utf-8", "ignore")) or value
    return value


def completed(text: str) -> str:
    """A JSON document that was cut off, closed at the last member that is whole or a string that was begun.

    Of a begun string only JSON and base64 stay: half of a personal value is one that no rule recognises."""
    open_brackets: list[str] = []
    in_string = escaped = False
    string_at = 0
    for position, char in enumerate(text):
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string, string_at = True, position + 1
        elif char in "{[":
            open_brackets.append("}" if char == "{" else "]")
        elif char in "}]" and open_brackets:
            open_brackets.pop()
    closing = "".join(reversed(open_brackets))
    if in_string:
        begun = re.sub(r"\\(?:u[0-9a-fA-F]{0,3})?$", "", text)
        try:
            orjson.loads(begun + '"' + closing)
        except orjson.JSONDecodeError:
            return _without_last_member(begun + '"') + closing  # it was a key
        if _HOLDS_MORE.match(begun, string_at) is None:
            begun = begun[:string_at] + _CUT
        return begun + '"' + closing
    try:
        orjson.loads(text + closing)
    except orjson.JSONDecodeError:
        return _without_last_member(text) + closing
    return text + closing


def _without_last_member(text: str) -> str:
    return text[:-_LONGEST_MEMBER] + _UNFINISHED_MEMBER.sub("", text[-_LONGEST_MEMBER:], count=1)


def _broken(scrubber: Scrubber, text: str) -> str:
    """Text that was JSON once, or never: its pairs first, then all of it as text."""
    flat = _ESCAPED.sub(lambda match: match[1] if match[1] != "u" else "\\u", text)
    stated: list[Any] = [{match[1]: _unescaped(match[2]) if match[3] is None else match[3]} for match in _PAIR.finditer(flat)]
    identifiers = scrubber.collect(stated)

    def treated(match: re.Match[str]) -> str:
        value = _unescaped(match[2]) if match[3] is None else match[3]
        clean = scrubber.payload({match[1]: value}, identifiers)
        key, member = next(iter(clean.items()))
        quote = '"' if match[3] is None else ""
        return f'"{key}":{quote}{member}'

    return scrubber.text(_PAIR.sub(treated, flat), identifiers)


def _unescaped(text: str) -> str:
    try:
        value = orjson.loads(f'"{text}"')
    except orjson.JSONDecodeError:
        return text
    return value if isinstance(value, str) else text
