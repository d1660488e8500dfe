"""Landing bodies made from bytes that a fuzzer chooses: a seed payload with its leaves, keys, envelopes and framing changed.

The same bytes always give the same body, so a finding can be told by its bytes, and coverage guidance works on decisions.
"""

from __future__ import annotations

import base64
import copy
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import cramjam
import zstandard

from engagedb.settings import data_folder
from tests.conftest import SHARED
from tests.ingest.envelope.wrappers import ENVELOPES

HOSTILE: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    -(2**70),
    10**400,
    1e308,
    -0.0,
    1.5,
    0.1234567890123456789,
    1772620829,
    1772620829000,
    "",
    " ",
    "\x00",
    "\n",
    "\t",
    "\\",
    '"',
    "'",
    "a\x00b",
    "\ud7ff\ue000\uffff",
    "\U0001f600",
    "\u202e\u200b",
    "null",
    "None",
    "NaN",
    "true",
    "{}",
    "[]",
    '{"a":1}',
    "{{ self }}",
    "{% raw %}",
    "%s%n",
    "C:\\new",
    'Hola, ¿qué "tal"?\r\nx',
    '\', "stage": "failed", \'',
    "2026-03-04T10:20:30Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30",
    "99999-01-01",
    "1e999999",
    "１７７２６２０８２９",
    "+12065550123",
    "tel:+1 (206) 555-0123",
    "0012065550123",
    "a@b.example",
    '"A, B" <a@b.example>, c@d.example',
    "@",
    "<>",
    "a@",
    "@b",
    "=?utf-8?q?x?=",
    "https://shop.example/x?e=a%40b.example&t=%7B%7D",
    "data:;base64,AAAA",
    "arn:aws:sns:eu-west-1:111122223333:t",
    "arn:::::",
    "H4sIAAAAAAAA",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": ""},
    {"a": {"a": {"a": 1}}},
    ["x"] * 300,
    {"$ref": "#"},
    [1, "a", None, {"b": []}],
)

_KEYS: Final = (
    "Type",
    "TopicArn",
    "Message",
    "Messages",
    "Records",
    "records",
    "Sns",
    "body",
    "Body",
    "kinesis",
    "data",
    "recordId",
    "rawData",
    "detail",
    "detail-type",
    "eventName",
    "eventSource",
    "awslogs",
    "logEvents",
    "messageType",
    "mail",
    "eventType",
    "notificationType",
    "context",
    "entry",
    "object",
    "errorCode",
    "attributes",
    "Timestamp",
    "timestamp",
    "time",
    "",
    "a.b",
    "[]",
    "self",
    "item",
    "user@example.com",
    "+12065550123",
)


class Choices:
    """Decisions read off bytes; when they are used up every further decision is the first possibility."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        size = 1 if bound <= 256 else 2 if bound <= 65536 else 3
        piece = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(piece, "little") % bound

    def one_of(self, members: Sequence[Any]) -> Any:
        return members[self.below(len(members))]

    def rest(self, most: int) -> bytes:
        """Some raw bytes."""
        size = self.below(most + 1)
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece


@cache
def payloads() -> tuple[Any, ...]:
    """The examples of the templates, and the documented payloads where the folder beside the clone is here."""
    files = sorted(Path(str(data_folder("templates"))).glob("*/examples/*.json")) + sorted((SHARED / "formats" / "corpus").rglob("*"))
    found = []
    for file in files:
        if not file.is_file():
            continue
        try:
            found.append(json.loads(file.read_bytes()))
        except ValueError:
            continue
    return tuple(found)


def payload(choices: Choices) -> Any:
    """A seed with up to eight structural changes."""
    value = copy.deepcopy(choices.one_of(payloads()))
    for _ in range(choices.below(9)):
        value = _changed(value, choices)
    return value


def body(choices: Choices) -> bytes:
    """A landing body: some payloads, framed, spliced and compressed."""
    documents = [payload(choices) for _ in range(1 + choices.below(3))]
    data = choices.one_of(_FRAMINGS)(documents)
    for _ in range(choices.below(4)):
        at = choices.below(len(data) + 1)
        match choices.below(4):
            case 0:
                data = data[:at] + choices.rest(8) + data[at:]
            case 1:
                data = data[:at] + data[at + choices.below(40) :]
            case 2:
                end = at + choices.below(200)
                data = data[:end] + data[at:end] + data[end:]
            case _:
                data = data[:at] + choices.one_of(_TOKENS) + data[at:]
    for _ in range(choices.below(3)):
        data = choices.one_of(_PACKINGS)(data)
        if choices.below(4) == 3 and data:
            at = choices.below(len(data))
            data = data[:at] + choices.rest(4) + data[at + choices.below(6) :]
    return data


def damaged(choices: Choices) -> bytes:
    """Something small, compressed once or twice, with up to fifteen places of the compressed bytes changed."""
    data = choices.rest(60) + b'{"a": [1, 2]}\n' * choices.below(30)
    for _ in range(1 + choices.below(2)):
        data = choices.one_of(_PACKINGS)(data)
    stored = bytearray(data)
    for _ in range(choices.below(16)):
        at = choices.below(len(stored) + 1)
        match choices.below(4):
            case 0:
                stored[at:at] = choices.rest(4)
            case 1:
                del stored[at : at + choices.below(30)]
            case _:
                stored[at : at + 1] = bytes([choices.below(256)])
    return bytes(stored)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Each container with each of its keys or indexes."""
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        holder = pending.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        found += [(holder, key) for key in keys]
        pending += [holder[key] for key in keys]
    return found


def _changed(value: Any, choices: Choices) -> Any:
    known = places(value)
    if not known or (way := choices.below(16)) == 15:
        return choices.one_of(ENVELOPES)(value)
    holder, key = choices.one_of(known)
    member = holder[key]
    match way:
        case 0 | 1 | 2:
            holder[key] = copy.deepcopy(choices.one_of(HOSTILE))
        case 3:
            del holder[key]
        case 4 if isinstance(holder, dict):
            holder[choices.one_of(_KEYS)] = copy.deepcopy(member)
        case 5 if isinstance(holder, dict):
            holder[choices.one_of(_KEYS)] = holder.pop(key)
        case 6:
            holder[key] = [copy.deepcopy(member) for _ in range(choices.below(12))]
        case 7:
            holder[key] = {choices.one_of(_KEYS): member}
        case 8:
            holder[key] = json.dumps(member)
        case 9:
            holder[key] = base64.b64encode(json.dumps(member).encode()).decode()
        case 10:
            other_holder, other_key = choices.one_of(known)
            holder[key] = copy.deepcopy(other_holder[other_key])
        case 11:
            other = places(choices.one_of(payloads()))
            if other:
                other_holder, other_key = choices.one_of(other)
                holder[key] = copy.deepcopy(other_holder[other_key])
        case 12 if isinstance(member, str):
            at = choices.below(len(member) + 1)
            holder[key] = member[:at] + str(choices.one_of(HOSTILE)) + member[at:]
        case 13 if isinstance(member, (int, float)) and not isinstance(member, bool):
            holder[key] = choices.one_of((str(member), -member, member * 1000, [member], {"value": member}))
        case 14:
            for _ in range(choices.below(150)):
                member = [member] if choices.below(2) else {choices.one_of(_KEYS): member}
            holder[key] = member
        case _:
            holder[key] = choices.rest(12).decode("latin-1")
    return value


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


_FRAMINGS: Final[tuple[Callable[[list[Any]], bytes], ...]] = (
    lambda documents: b"".join(_dump(document) + b"\n" for document in documents),
    lambda documents: b"".join(map(_dump, documents)),
    lambda documents: b"\r\n".join(json.dumps(document, indent=2).encode() for document in documents),
    lambda documents: json.dumps(documents).encode(),
    lambda documents: b"\xef\xbb\xbf" + json.dumps(documents, indent=1).encode() + b"\n\n",
    lambda documents: b" ".join(map(_dump, documents)) + b" garbage\n" + _dump(documents[0]),
)

_TOKENS: Final = (
    b"\n",
    b"}{",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b",",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x00",
    b"NaN",
    b"-Infinity",
    b"[" * 400,
    b'{"a":' * 400,
    b"1" * 5000,
    b"0." + b"1" * 400,
    b"1e99999",
    b"\r",
    b"// note\n",
    b"\xed\xa0\x80",
    b"\n  }\n",
    b"\n]\n",
    b"null\n",
)


def _zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.json"), data, zipfile.ZIP_DEFLATED)  # a fixed date: the same bytes each time
        archive.writestr(zipfile.ZipInfo("b.json"), data[:100])
    return out.getvalue()


def _hadoop(data: bytes) -> bytes:
    block = bytes(cramjam.snappy.compress_raw(data))
    return len(data).to_bytes(4, "big") + len(block).to_bytes(4, "big") + block


_PACKINGS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda data: gzip.compress(data, 1, mtime=0),
    lambda data: gzip.compress(data[: len(data) // 2], 1, mtime=0) + gzip.compress(data[len(data) // 2 :], 1, mtime=0),
    lambda data: zstandard.compress(data, 1),
    _zipped,
    lambda data: bytes(cramjam.snappy.compress_raw(data)),
    _hadoop,
)
