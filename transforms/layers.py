"""What a string may hold under an encoding: each layer is taken off, and the scrubber looks at what lies below."""

from __future__ import annotations

import base64
import binascii
import html
import json
import quopri
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

_ANY_LAYER: Final = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w{2,8};|=[0-9A-F]{2}|=\r?\n|\\[u\"/]|[{\[]|[A-Za-z0-9+/_\-]{16}")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY: Final = re.compile(r"&#?\w{2,8};")
_QUOTED_PRINTABLE: Final = re.compile(r"=[0-9A-F]{2}|=\r?\n")
_ESCAPED: Final = re.compile(r"\\[u\"/]")
BASE64: Final = re.compile(r"(?:wamid\.)?[A-Za-z0-9+/_\-]{16,}={0,2}")
_NOT_ENCODED: Final = re.compile(r"[0-9a-fA-F-]+|(?:ph|em|wa|cu)_[a-p]+_[a-p]+|mid_[a-p]+")
_DECODER: Final = json.JSONDecoder()
_EMBEDDED_TRIES: Final = 4
_EMBEDDED: Final = re.compile(r"\{\s*\"|\[\s*[\[{\"]")
_MARK: Final = re.compile(r"[%&=\\{\[]")


def has_layers(text: str) -> bool:
    """Whether any encoding may be in the text; most strings have none."""
    return _ANY_LAYER.search(text) is not None


def has_marks(text: str) -> bool:
    """Whether a layer other than base64 may be in the text."""
    return _MARK.search(text) is not None


def decodings(text: str) -> Iterator[str]:
    """The text with one layer taken off, for each kind of layer that it shows."""
    if _ESCAPED.search(text) is not None:
        plain = text.replace('\\"', '"').replace("\\/", "/")
        yield _whole_characters(re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), plain))
    if _PERCENT.search(text) is not None:
        yield unquote(text)
    if _ENTITY.search(text) is not None:
        yield html.unescape(text)
    if _QUOTED_PRINTABLE.search(text) is not None:
        yield quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _whole_characters(text: str) -> str:
    """The text with each pair of surrogates joined to the character that they stand for."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def embedded_json(text: str) -> Iterator[tuple[int, int, Any]]:
    """Start, end and value of each JSON object or array that begins inside the text."""
    position = 0
    for _ in range(_EMBEDDED_TRIES):
        match = _EMBEDDED.search(text, position)
        if match is None:
            return
        try:
            value, end = _DECODER.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            position = match.end()
            continue
        if "\\u" in text[match.start() : end]:
            value = json.loads(_whole_characters(json.dumps(value, ensure_ascii=False)))
        yield match.start(), end, value
        position = end


def is_opaque(token: str) -> bool:
    """Whether a token of the base64 alphabet may hide something: hexadecimal ids and our own pseudonyms do not."""
    return _NOT_ENCODED.fullmatch(token) is None


def base64_bytes(token: str) -> bytes | None:
    """The bytes that a token, plain or URL-safe, with or without padding, stands for."""
    plain = token.removeprefix("wamid.").rstrip("=").replace("-", "+").replace("_", "/")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return None


def printable(data: bytes) -> str | None:
    """The text that the bytes are, when they are one."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if len(text) < 6 or sum(char.isprintable() or char in "\r\n\t" for char in text) < 0.95 * len(text):
        return None
    return text
