"""The beginning of a record that could not become an event, for the eyes of whoever mends it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from engagedb.errors import Rejected

if TYPE_CHECKING:
    from transforms.scrub import Scrubber

EXCERPT_CHARS: Final = 1_000
_LARGEST_PARSED: Final = 256 * 1024
_LOOKED_AT: Final = 8 * 1024
_PAIR: Final = re.compile(r'"([^"\\]{1,80})"\s*:\s*(?:"((?:[^"\\]|\\.)*)|(-?\d[\d.]*))')
_ESCAPED_QUOTE: Final = re.compile(r"\\+\"")


def excerpt(scrubber: Scrubber, record: bytes) -> str:
    """Up to 1,000 characters, redacted: JSON leaf by leaf, anything else as text whose `"key": value` pairs are treated by key."""
    try:
        return _readable(scrubber, record)[:EXCERPT_CHARS]
    except (Rejected, RecursionError):
        return ""


def _readable(scrubber: Scrubber, record: bytes) -> str:
    if len(record) <= _LARGEST_PARSED:
        try:
            value = orjson.loads(record)
        except (orjson.JSONDecodeError, RecursionError):
            pass
        else:
            return orjson.dumps(scrubber.payload(value, scrubber.collect(value)), default=str).decode()
    text = record[:_LOOKED_AT].decode("utf-8", "replace")
    if sum(not (char.isprintable() or char in "\r\n\t") or char == "\ufffd" for char in text) > 0.3 * len(text):
        return f"[{len(record)} bytes that are no text]"
    return _broken(scrubber, text)


def _broken(scrubber: Scrubber, text: str) -> str:
    """Text that was JSON once, or never: its pairs first, then all of it as text."""
    flat = _ESCAPED_QUOTE.sub('"', text)
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
