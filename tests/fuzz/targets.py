"""What must hold whatever comes in; each target takes the bytes of a fuzzer and fails by an exception."""

from __future__ import annotations

import base64
import copy
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from engagedb.errors import Reason, Rejected
from engagedb.settings import Settings
from ingest.batch import PortionBuilder
from ingest.columns import record_batch
from ingest.dead_letters import open_letter
from ingest.decompress import Corrupt, decompress
from ingest.documents import Document, Garbage, read_documents
from ingest.envelope import open_document
from ingest.firehose import RESPONSE_BYTES, transform
from ingest.reading import records
from ingest.transformer import Transformer
from tests.fuzz import texts
from tests.fuzz.dependence import columns_reading
from tests.fuzz.expressions import comparing, filtering
from tests.fuzz.mutation import HOSTILE, Choices, body, damaged, payload, places
from tests.ingest.envelope.wrappers import gist
from transforms.canonical import EVENTS, NOTICES
from transforms.normalize import Row
from transforms.pseudonyms import derive_first
from transforms.record import Control, Opened, RawRecord, Unreadable
from transforms.redact import redact_link, redact_text

NOON: Final = datetime(2026, 3, 5, 12, tzinfo=UTC)
MAX_RECORD_BYTES: Final = 1 << 20
KEYRING: Final = derive_first(bytes(range(32)))
_PUNCTUATION: Final = b" \t\r\n,[]\xef\xbb\xbf"


@cache
def transformer() -> Transformer:
    return Transformer(Settings(raw_event=True), KEYRING)


# Reading


def reading(data: bytes) -> None:
    """Every byte of a body is in a Document or in Garbage, but for white space and the punctuation of arrays."""
    read_whole(body(Choices(data)))


def parsing(data: bytes) -> None:
    """The claim of `reading` for bytes that are nothing but the fuzzer's."""
    read_whole(data)


def unpacking(data: bytes) -> None:
    """The claim of `reading` for compressed bytes with damage all over."""
    read_whole(damaged(Choices(data)))


def read_whole(stored: bytes) -> None:
    """The claim of `reading` for a stored object."""
    plain, is_whole = _decompressed(stored)
    found = list(read_documents(decompress(io.BytesIO(stored)), max_record_bytes=MAX_RECORD_BYTES))
    at = 0
    for item in found:
        if (
            isinstance(item, Garbage)
            and item.reason is Reason.UNDECODABLE
            and not is_whole
            and plain.find(item.data, item.offset) != item.offset
        ):
            continue  # compressed bytes that could not be read
        assert item.offset >= at or item.data == b"[", "an offset goes back"
        if item.data == b"[" and isinstance(item, Garbage):
            continue  # an array that is never closed is told at the end
        assert not plain[at : item.offset].strip(_PUNCTUATION), f"bytes {at} to {item.offset} left in nothing"
        assert plain[item.offset : item.offset + len(item.data)] == item.data
        is_cut = isinstance(item, Garbage) and item.reason is Reason.TOO_LARGE
        at = int(item.detail.split()[3]) + item.offset if is_cut else item.offset + len(item.data)
    assert not plain[at:].strip(_PUNCTUATION), f"bytes from {at} left in nothing"
    assert is_whole or any(isinstance(item, Garbage) for item in found), "a broken body was told by nothing"


def _decompressed(stored: bytes) -> tuple[bytes, bool]:
    stream, parts, is_whole = decompress(io.BytesIO(stored)), [], True
    while True:
        try:
            part = stream.read(1 << 16)
        except Corrupt:
            is_whole = False
            continue
        if not part:
            return b"".join(parts), is_whole
        parts.append(part)


# Envelopes


def opening(data: bytes) -> None:
    """Every document gives something, and what is kept of each opens to the very same again."""
    open_whole(body(Choices(data)))


def open_whole(stored: bytes) -> None:
    """The claim of `opening` for a stored object."""
    for found in read_documents(decompress(io.BytesIO(stored)), max_record_bytes=MAX_RECORD_BYTES):
        if isinstance(found, Garbage):
            continue
        opened = list(open_document(found, "object"))
        assert opened, "a document gave nothing"
        assert [item.place.ordinal for item in opened] == list(range(len(opened)))
        for item in opened:
            if not isinstance(item, Control):
                again = _opened(item.outermost)
                is_damaged = isinstance(item, Unreadable) and item.reason is Reason.UNDECODABLE  # and has a readable beginning
                assert any(_is_same(item, other) for other in again), "what is kept opens to something else"
                assert len(again) == 1 or is_damaged, "what is kept opens to more"


def _is_same(item: Opened, other: Opened) -> bool:
    """Garbage may be told by another reason when it stands alone: a broken line of a text in a list is then a text in a list."""
    if isinstance(item, Unreadable) and isinstance(other, Unreadable):
        return item.arrival == other.arrival
    return gist(item) == gist(other)


def _opened(outermost: bytes) -> list[Opened]:
    return [
        opened
        for item in read_documents(io.BytesIO(outermost), max_record_bytes=1 << 26)
        for opened in (open_document(item, "object") if isinstance(item, Document) else ())
    ]


# The whole way of a record


def transforming(data: bytes) -> None:
    """Each record becomes rows that Arrow takes, or one dead letter with a reason; nothing else ever happens."""
    transform_whole(body(Choices(data)))


def transform_whole(stored: bytes) -> None:
    """The claim of `transforming` for a stored object."""
    builder, count = PortionBuilder(), 0
    for opened in records(io.BytesIO(stored), "landing/object", MAX_RECORD_BYTES):
        transformer().put(opened, builder, NOON)
        count += 1
    portion = builder.finish()
    ready = portion.batch()
    assert len(portion) + portion.controls.total() == count, "a record has no fate, or two"
    refused = set(portion.owners["dead_letters"].tolist())
    became = {*portion.owners["events"].tolist(), *portion.owners["notices"].tolist()}
    assert not refused & became
    assert refused | became == set(range(len(portion)))
    assert len(refused) == ready.dead_letters.num_rows
    for name in ("reason", "dead_letter_id", "sealed_record"):
        assert ready.dead_letters[name].null_count == 0
    ready.events.validate(full=True)
    ready.notices.validate(full=True)


_OWN_KEYS: Final = frozenset({"event_id", "notice_id", "attributes", "raw_event", "message_key"})


def isolating(data: bytes) -> None:
    """Another value in one place changes only the columns whose expressions read that place."""
    choices = Choices(data)
    value = payload(choices)
    known = [(holder, key) for holder, key in places(value) if not isinstance(holder[key], (dict, list))]
    if not isinstance(value, dict) or not known:
        return
    before = rows_of(value)
    holder, key = choices.one_of(known)
    old, mark = holder[key], object()
    holder[key] = mark
    path = _path_of(value, mark)
    holder[key] = old
    changed = copy.deepcopy(value)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = choices.one_of([hostile for hostile in HOSTILE if not isinstance(hostile, (dict, list))])
    assert_isolated(before, rows_of(changed), path)


def _path_of(value: Any, mark: object) -> tuple[Any, ...]:
    pending: list[tuple[Any, tuple[Any, ...]]] = [(value, ())]
    while pending:
        node, path = pending.pop()
        if node is mark:
            return path
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        pending += [(member, (*path, key)) for key, member in pairs]
    raise AssertionError("the mark is gone")


def rows_of(value: Any) -> list[Row] | None:
    """The rows of a payload; None when it is refused."""
    found: list[Row] = []
    try:
        for opened in records(io.BytesIO(json.dumps(value).encode()), "landing/object", MAX_RECORD_BYTES):
            if not isinstance(opened, RawRecord) or opened.payload != value:
                return None  # an envelope: its own keys decide what is a record
            found += transformer().normalizer.rows(opened, NOON)
    except Rejected:
        return None
    return found


def assert_isolated(before: list[Row] | None, after: list[Row] | None, path: tuple[Any, ...]) -> None:
    """Fails for a column that changed without reading the path."""
    if before is None or after is None or [row.values["source"] for row in before] != [row.values["source"] for row in after]:
        return
    for old, new in zip(before, after, strict=True):
        may_change = columns_reading(old.values["source"], path) | _OWN_KEYS
        for column in old.values.keys() | new.values.keys():
            if column not in may_change and old.values.get(column) != new.values.get(column):
                assert _is_redaction(old.values.get(column), new.values.get(column)), f"{column} changed with {path}"


def _is_redaction(old: Any, new: Any) -> bool:
    """A name or a number of the event is taken out of its other texts: only tokens may differ."""
    return isinstance(old, (str, dict)) and isinstance(new, (str, dict)) and ("[" in str(old) or "[" in str(new))


# The Firehose handler


def answering(data: bytes) -> None:
    """Each record id of a request leaves once, in order, with one of the three results, within the limit."""
    choices = Choices(data)
    requests: list[Any] = [
        {"recordId": f"r{number}", "approximateArrivalTimestamp": 1772620830000, "data": base64.b64encode(body(choices)).decode()}
        for number in range(1 + choices.below(4))
    ]
    for _ in range(choices.below(3)):
        choices.one_of(requests)[choices.one_of(("data", "approximateArrivalTimestamp", "extra"))] = choices.one_of(HOSTILE)
    event: dict[str, Any] = {
        "invocationId": "i",
        "deliveryStreamArn": choices.one_of(("arn:aws:firehose:x", None, 5, [])),
        "records": requests,
    }
    answer_whole(event)


def answer_whole(event: dict[str, Any]) -> None:
    """The claim of `answering` for a request."""
    response = transform(event, transformer().normalizer, ingested_at=NOON, max_record_bytes=MAX_RECORD_BYTES)
    assert [result["recordId"] for result in response["records"]] == [record["recordId"] for record in event["records"]]
    assert len(json.dumps(response)) <= RESPONSE_BYTES
    for result in response["records"]:
        assert result["result"] in ("Ok", "Dropped", "ProcessingFailed")
        lines = base64.b64decode(result["data"], validate=True).splitlines()
        assert bool(lines) == (result["result"] == "Ok")
        for line in lines:
            assert json.loads(line)["kind"] in ("event", "notice")


# Redaction


def redacting(data: bytes) -> None:
    """A text comes back redacted, and comes back the same when it is redacted again."""
    redact_whole(texts.text(Choices(data)))


def redact_whole(text: str) -> None:
    """The claim of `redacting` for a text; only `Rejected` may keep it back."""
    for redact in (redact_text, redact_link):
        clean = _redacted(redact, text)
        assert clean is None or redact(clean) == clean, "redacting again changes something"


def _redacted(redact: Callable[[str], str], text: str) -> str | None:
    try:
        return redact(text)
    except Rejected as refusal:
        if "settle" not in refusal.detail:
            raise
        return None


# Dead letters


def burying(data: bytes) -> None:
    """A dead letter opens to the record that was refused, and today's templates refuse it for the same reason."""
    bury_whole(body(Choices(data)))


def bury_whole(stored: bytes) -> None:
    """The claim of `burying` for a stored object."""
    for opened in records(io.BytesIO(stored), "landing/object", MAX_RECORD_BYTES):
        if isinstance(opened, Control):
            continue
        refusal = refusal_of(opened) or Rejected(Reason.TEMPLATE_ERROR, "as if a template had failed")
        letter = transformer().undertaker.letter(opened, refusal, NOON)
        again = open_letter(KEYRING, letter["dead_letter_id"], letter["sealed_record"], max_record_bytes=MAX_RECORD_BYTES)
        if isinstance(opened, RawRecord):
            assert gist(again) == gist(opened), "a letter opens to another record"
            assert list(_told(again)) == list(_told(opened)), "a replay tells something else"
        else:
            assert isinstance(again, Unreadable) or opened.reason in (Reason.TOO_LARGE, Reason.UNDECODABLE), "garbage became a record"
        assert again.place.offset == opened.place.offset


def refusal_of(opened: RawRecord | Unreadable) -> Rejected | None:
    """Why a record becomes no rows."""
    if isinstance(opened, Unreadable):
        return Rejected(opened.reason, opened.detail)
    try:
        transformer().normalizer.rows(opened, NOON)
    except Rejected as refusal:
        return refusal
    return None


def _told(opened: Opened) -> Iterator[Any]:
    assert isinstance(opened, RawRecord)
    try:
        for row in transformer().normalizer.rows(opened, NOON):
            schema = (EVENTS if row.kind == "event" else NOTICES).schema
            yield record_batch([row.values], schema).to_pylist()
    except Rejected as refusal:
        yield refusal.reason, refusal.detail


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    target.__name__: target
    for target in (
        reading, parsing, unpacking, opening, transforming, isolating, filtering, comparing, answering, redacting, burying,
    )
}  # fmt: skip
