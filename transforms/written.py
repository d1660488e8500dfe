"""Values as they are written into text columns."""

from __future__ import annotations

import ipaddress
import json
import re
from functools import lru_cache
from typing import Any, Final

import orjson

from transforms.text.kinds import Kind

_PSEUDONYM: Final = re.compile(r"(?:ph|em|wa|cu)_[a-p]+_[a-p]+")
_TOKENS: Final = frozenset(kind.token for kind in Kind)
_NETWORKS_REMEMBERED: Final = 16_384
_KEPT_BITS: Final = {4: 24, 6: 48}
_BYTE: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PLAIN_IPV4: Final = re.compile(rf"((?:{_BYTE}\.){{3}}){_BYTE}", re.ASCII)


def written_json(value: Any) -> str:
    """JSON of any value that a payload may hold."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # integers beyond 64 bits and broken characters, which only the standard library's encoder writes
        return json.dumps(value, separators=(",", ":"), default=str)


def written(value: Any) -> str:
    """A leaf as text: strings as they are, everything else as JSON writes it."""
    if type(value) is str:
        return value
    return written_json(value) if isinstance(value, (bool, dict, list)) else str(value)


@lru_cache(_NETWORKS_REMEMBERED)
def network(value: str) -> str | None:
    """The /24 or /48 that an address or a smaller network lies in; None for anything else."""
    if plain := _PLAIN_IPV4.fullmatch(value):  # by far the most
        return f"{plain[1]}0/24"
    try:
        stated = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return None
    bits = _KEPT_BITS[stated.version]
    return str(stated if stated.prefixlen <= bits else stated.supernet(new_prefix=bits))


def is_pseudonym(value: str) -> bool:
    """Whether the value is a pseudonym or a token already."""
    return value in _TOKENS or _PSEUDONYM.fullmatch(value) is not None
