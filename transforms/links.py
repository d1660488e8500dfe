"""Links of an event: their host, and the path segments that look drawn at random."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from transforms.text.kinds import Kind

LINK: Final = re.compile(r"(?:https?://|mailto:|www\.)[^\s<>\"']+", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+")
_PLAIN: Final = re.compile(r"https?://((?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+)(?:[/?#][!-~]*)?")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_.-]{10,}")
_DRAWN_CHARS: Final = 8


def domain(link: str) -> str | None:
    """The host of a web link, lower case; none for an address that is a number or that has no domain."""
    if plain := _PLAIN.fullmatch(link):  # by far the most
        return plain[1]
    try:
        host = urlsplit(link.strip()).hostname or ""
    except ValueError:
        return None
    return host if _HOST.fullmatch(host) else None


def without_drawn_segments(link: str) -> str:
    """The link with [TOKEN] for path segments of random letters and digits: in an event they tell the person apart."""
    scheme, separator, rest = link.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + separator + host + slash + "/".join(Kind.TOKEN.token if _is_drawn(part) else part for part in path.split("/"))


def _is_drawn(segment: str) -> bool:
    words = re.split(r"[-_.]", segment) if _SEGMENT.fullmatch(segment) else ()
    return any(
        len(word) >= _DRAWN_CHARS and any(c.isdigit() for c in word) and any(c.islower() for c in word) and any(c.isupper() for c in word)
        for word in words
    )
