"""Whom bytes name that nobody could read as an event: the numbers, addresses and handles in them, under any encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from transforms import layers
from transforms.known_values import folded, visible
from transforms.pseudonyms import PersonKind

_LAYERS: Final = 6
_MOST_TEXTS: Final = 2_000
_NUMBER: Final = re.compile(r"\d(?:[\s().\-/]{0,3}\d){6,}", re.ASCII)
_DIGITS: Final = re.compile(r"\d{7,15}", re.ASCII)
_GROUP: Final = re.compile(r"\d+", re.ASCII)
_MOST_GROUPS: Final = 1_000
_PREFIXED: Final = re.compile(r"(?:00|011)([1-9]\d{6,14})", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@<>()\[\]\",;:=]{1,64}@[^\s@<>()\[\]\",;:=&?/\\]+\.[^\s@<>()\[\]\",;:=&?/\\.]{2,}")
_RETURN_PATH: Final = re.compile(r"(?<![\w.+\-])([a-z0-9][\w.+\-]{0,64})=([a-z0-9-]{1,64}(?:\.[a-z0-9-]{1,64})+)(?=@)")
_LONGEST_HANDLE: Final = 120


def persons_named(data: bytes, *, with_handles: bool = False) -> Iterator[tuple[str, PersonKind]]:
    """Each person that the bytes may name: numbers in international form, addresses; whole strings as handles where asked.

    A number may come in several readings, one of which is the right one; digits that are no number name nobody.
    """
    for text in texts_of(data):
        yield from _contacts(folded(visible(text)))
    if with_handles:
        for leaf in _leaves(data):
            yield leaf, PersonKind.WHATSAPP
            yield leaf, PersonKind.CUSTOMER


def digit_runs(data: bytes) -> Iterator[str]:
    """Each number that the bytes write, its digits without leading zeros, as people of its country may write it too."""
    for text in texts_of(data):
        for run in _runs(folded(visible(text))):
            yield run.lstrip("0")


def texts_of(data: bytes) -> Iterator[str]:
    """The bytes as text, and every text that an encoding hides in it."""
    waiting = [(data.decode("utf-8", "replace"), 0)]
    seen: set[str] = set()
    while waiting and len(seen) < _MOST_TEXTS:
        text, depth = waiting.pop()
        if text in seen:
            continue
        seen.add(text)
        yield text
        if depth >= _LAYERS:
            continue
        waiting += [(decoded, depth + 1) for decoded in layers.decodings(text)]
        for match in layers.BASE64.finditer(text):
            if layers.is_opaque(match[0]) and (inner := layers.base64_bytes(match[0])) is not None:
                waiting.append((inner.decode("utf-8", "replace"), depth + 1))


def _contacts(text: str) -> Iterator[tuple[str, PersonKind]]:
    for run in {*_runs(text), *_DIGITS.findall(text)}:
        if len(run) <= 15:
            yield "+" + run, PersonKind.PHONE
        if (prefixed := _PREFIXED.fullmatch(run)) is not None:
            yield "+" + prefixed[1], PersonKind.PHONE
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        address = match[0].removeprefix("mailto:").strip("'.`")
        yield address, PersonKind.EMAIL
    for match in _RETURN_PATH.finditer(text):
        parts = match[1].split("+")  # bounce+jo=example.com@...
        yield from ((f"{'+'.join(parts[start:])}@{match[2]}", PersonKind.EMAIL) for start in range(len(parts)))


def _runs(text: str) -> Iterator[str]:
    """Digits that stand together, and each part of them that separators allow: a number may stand beside another."""
    for match in _NUMBER.finditer(text):
        groups = _GROUP.findall(match[0].replace("(0)", ""))[:_MOST_GROUPS]
        for first in range(len(groups)):
            run = ""
            for group in groups[first:]:
                run += group
                if len(run) > 17:  # fifteen digits after 00
                    break
                if len(run) >= 7:
                    yield run


def _leaves(data: bytes) -> Iterator[str]:
    try:
        waiting: list[Any] = [orjson.loads(data)]
    except orjson.JSONDecodeError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and value[:1] in ("{", "["):
            try:
                waiting.append(orjson.loads(value))
            except orjson.JSONDecodeError:
                continue
        elif isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value)) <= _LONGEST_HANDLE:
            yield str(value)
