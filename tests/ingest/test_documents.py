"""Bodies of any framing to documents."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagedb.errors import Reason
from ingest.decode import MAX_DEPTH
from ingest.documents import Document, Garbage, read_documents

LIMIT = 16 * 1024 * 1024

strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ['}{"', "}\n{", "},{", '\\"', "[", "]", '{"', "\\", "C:\\new", "¿qué, tal?", "\u2028", "\x00", "😀"]
)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | strings
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3), max_leaves=8)
objects = st.dictionaries(strings, values, max_size=4)


class Dripping:
    """A stream that gives a few bytes at a time, as a slow decompressor does."""

    def __init__(self, body: bytes, sizes: Sequence[int]) -> None:
        self._body, self._sizes, self._turn = io.BytesIO(body), sizes, 0

    def read(self, size: int, /) -> bytes:
        self._turn += 1
        return self._body.read(min(size, self._sizes[self._turn % len(self._sizes)]))


def read(body: bytes, limit: int = LIMIT) -> list[Document | Garbage]:
    return list(read_documents(io.BytesIO(body), max_record_bytes=limit))


def documents(body: bytes, limit: int = LIMIT) -> list[object]:
    found = read(body, limit)
    assert all(isinstance(item, Document) for item in found), found
    return [item.value for item in found if isinstance(item, Document)]


def shape(found: list[Document | Garbage]) -> list[object]:
    """Values of documents, reasons of garbage: what a test compares."""
    return [item.value if isinstance(item, Document) else item.reason for item in found]


@st.composite
def bodies(draw: st.DrawFn) -> tuple[bytes, list[object]]:
    """A body in any framing and the objects that it holds."""
    held = draw(st.lists(objects, max_size=8))
    indent = draw(st.sampled_from([None, None, 0, 2, "\t"]))
    escape = draw(st.booleans())
    texts = [json.dumps(value, indent=indent, ensure_ascii=escape) for value in held]
    framing = draw(st.sampled_from(["lines", "crlf", "joined", "mixed", "spaced", "array", "array of lines", "arrays"]))
    if framing == "array":
        body = "[" + ", ".join(texts) + "]"
    elif framing == "array of lines":
        body = "[\n" + ",\n".join(texts) + "\n]\n"
    elif framing == "arrays":
        body = "".join(f"[{text}]\n" for text in texts)
    else:
        gaps = {"lines": ["\n"], "crlf": ["\r\n"], "joined": [""], "spaced": [" ", "\n\n", "\t"], "mixed": ["", "\n", " \n", "\r\n\r\n"]}
        body = "".join(text + draw(st.sampled_from(gaps[framing])) for text in texts)
    if draw(st.booleans()):
        body = "\ufeff" + body
    return body.encode(), list(held)


@given(bodies(), st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_any_framing_gives_back_the_same_documents_at_their_offsets(body_and_held: tuple[bytes, list[object]], sizes: list[int]) -> None:
    body, held = body_and_held
    found = list(read_documents(Dripping(body, sizes), max_record_bytes=LIMIT))
    assert shape(found) == held
    assert all(body[item.offset : item.offset + len(item.data)] == item.data for item in found)


@given(bodies(), st.data())
def test_the_buffer_size_changes_nothing(body_and_held: tuple[bytes, list[object]], data: st.DataObject) -> None:
    body, held = body_and_held
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.window.CHUNK_BYTES", data.draw(st.integers(1, 60)))
        assert shape(read(body)) == held


@given(bodies(), st.integers(1, 40))
def test_how_much_is_glanced_at_changes_nothing(body_and_held: tuple[bytes, list[object]], glance: int) -> None:
    body, held = body_and_held
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.window._GLANCE_BYTES", glance)
        assert shape(read(body)) == held
        assert shape(read(b"[" + b"9" * 60 + b"," + b"8" * 60 + b"]")) == [int("9" * 60), int("8" * 60)]


@given(st.lists(st.one_of(objects.map(lambda value: json.dumps(value).encode()), st.binary(max_size=30)), max_size=8), st.integers(1, 60))
def test_no_byte_is_lost_whatever_the_bytes(lines: list[bytes], chunk: int) -> None:
    body = b"\n".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.window.CHUNK_BYTES", chunk)
        found = read(body)
    covered = bytearray(body)
    for item in found:
        assert bytes(covered[item.offset : item.offset + len(item.data)]) == item.data
        covered[item.offset : item.offset + len(item.data)] = b" " * len(item.data)
    assert not covered.strip(b" \t\r\n,[]\xef\xbb\xbf")


@given(st.lists(objects, min_size=1, max_size=6), st.data())
def test_a_good_line_survives_any_garbage_line_around_it(held: list[object], data: st.DataObject) -> None:
    garbage = [
        b"not json",
        b"\xff\xfe\x00\x01",
        b'{"cut":',
        b'{"a":1,',
        b'{"a":"b',
        b"{",
        b"]",
        b"2024-01-01 up",
        b"[2024] INFO",
        b'{"a":NaN}',
    ]
    lines: list[bytes] = []
    for value in held:
        if data.draw(st.booleans()):
            lines.append(data.draw(st.sampled_from(garbage)))
        lines.append(json.dumps(value).encode())
    found = read(b"\n".join(lines))
    assert [item.value for item in found if isinstance(item, Document)] == held
    assert len(found) == len(lines)


def test_an_empty_body_gives_nothing() -> None:
    assert read(b"") == []
    assert read(b" \r\n\t\n") == []
    assert read(b"\xef\xbb\xbf") == []


def test_garbage_between_two_lines_is_one_garbage() -> None:
    assert read(b'{"a":1}\nnot json at all\n{"b":2}\n') == [
        Document(0, b'{"a":1}', {"a": 1}),
        Garbage(8, b"not json at all", Reason.NOT_JSON, "this is not a JSON document"),
        Document(24, b'{"b":2}', {"b": 2}),
    ]


def test_after_garbage_reading_resumes_at_the_next_line() -> None:
    assert shape(read(b'{"a":1}oops{"b":2}\n{"c":3}')) == [{"a": 1}, Reason.NOT_JSON, {"c": 3}]


def test_a_cut_line_does_not_swallow_the_lines_after_it() -> None:
    for cut in (b'{"a":1,"b":', b'{"a":1,', b'{"a":{', b'{"a":[', b'{"a":"b', b'{"a":"b\\', b'{"a":tru', b"{"):
        assert shape(read(cut + b'\n{"c":2}\n{"d":3}\n')) == [Reason.NOT_JSON, {"c": 2}, {"d": 3}]


def test_a_cut_last_document_is_garbage() -> None:
    assert shape(read(b'{"a":1}{"b":')) == [{"a": 1}, Reason.NOT_JSON]


def test_a_broken_pretty_printed_document_is_one_garbage() -> None:
    broken = b'{\n  "a": oops,\n  "b": {\n    "c": 1\n  }\n}'
    found = read(broken + b'\n{\n  "d": 2\n}\n')
    assert shape(found) == [Reason.NOT_JSON, {"d": 2}]
    assert found[0].data == broken


def test_a_broken_element_of_a_pretty_printed_array_is_one_garbage() -> None:
    body = b'[\n  {\n    "a": 1\n  },\n  {\n    "b": oops,\n    "c": 2\n  },\n  {\n    "d": 3\n  }\n]\n{"e":4}\n'
    assert shape(read(body)) == [{"a": 1}, Reason.NOT_JSON, {"d": 3}, {"e": 4}]


def test_a_broken_element_of_a_one_line_array_costs_the_rest_of_the_line() -> None:
    assert shape(read(b'[{"a":1}, oops, {"b":2}]\n[{"c":3},{"d":4}]\n')) == [{"a": 1}, Reason.NOT_JSON, {"c": 3}, {"d": 4}]


def test_an_array_that_is_never_closed_says_so_after_its_elements() -> None:
    assert shape(read(b'[{"a":1},\n{"b":2}')) == [{"a": 1}, {"b": 2}, Reason.NOT_JSON]


def test_arrays_of_anything_give_their_elements() -> None:
    assert documents(b'[1, -2.5, "x", null, true, [3], {"a": 4}]') == [1, -2.5, "x", None, True, [3], {"a": 4}]
    assert documents(b"[]\n[ ]\n[[]]") == [[]]
    assert documents(b"[1][2]\n[3]") == [1, 2, 3]


def test_a_scalar_is_a_document_only_on_a_line_of_its_own() -> None:
    assert documents(b'12\n"x"\nnull\n') == [12, "x", None]
    assert shape(read(b"12 13\n14\n")) == [Reason.NOT_JSON, 14]


def test_byte_order_marks_of_joined_files_are_blank() -> None:
    assert documents(b'\xef\xbb\xbf{"a":1}\n\xef\xbb\xbf{"b":2}\xef\xbb\xbf{"c":3}') == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_a_lone_surrogate_is_undecodable_and_the_next_document_is_read() -> None:
    assert shape(read(b'{"a":"\\ud800"}{"b":1}\n{"c":"\\udc00x"}\n{"d":2}')) == [Reason.UNDECODABLE, {"b": 1}, Reason.UNDECODABLE, {"d": 2}]


def test_a_string_that_is_no_utf8_is_undecodable() -> None:
    assert shape(read(b'{"a":"\xe9"}\n{"b":1}')) == [Reason.UNDECODABLE, {"b": 1}]


def test_nesting_beyond_reason_is_garbage_and_the_next_line_is_read() -> None:
    for depth in (MAX_DEPTH + 1, 1_000, 100_000):
        for opening, closing in ((b'{"a":', b"}"), (b"[", b"]")):
            body = b'{"x":' + opening * depth + b"1" + closing * depth + b"}\n"
            found = read(body + b'{"b":1}\n')
            assert shape(found) == [Reason.NOT_JSON, {"b": 1}]
            assert "nested" in found[0].detail if isinstance(found[0], Garbage) else False


def test_the_deepest_nesting_allowed_is_read_in_any_framing() -> None:
    deepest = b'{"a":' * (MAX_DEPTH - 1) + b"[]" + b"}" * (MAX_DEPTH - 1)
    for body in (deepest, deepest + b"\n" + deepest, b" " + deepest + b" "):
        assert all(isinstance(item, Document) for item in read(body))


@pytest.mark.parametrize("framing", ["lines", "joined", "array", "pretty"])
def test_a_record_over_the_limit_is_too_large_and_its_neighbours_are_read(framing: str) -> None:
    large = {"large": ["x" * 999, '"}]{[\\'] * 1_000}
    held: list[object] = [{"a": 1}, large, {"b": 2}]
    texts = [json.dumps(value, indent=1 if framing == "pretty" else None) for value in held]
    body = {"lines": "\n", "joined": "", "array": ",", "pretty": "\n"}[framing].join(texts)
    if framing == "array":
        body = f"[{body}]"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.window.CHUNK_BYTES", 4_000)
        found = read(body.encode(), limit=10_000)
    assert shape(found) == [{"a": 1}, Reason.TOO_LARGE, {"b": 2}]
    assert str(len(texts[1])) in found[1].detail if isinstance(found[1], Garbage) else False


def test_an_endless_line_of_garbage_is_one_too_large_record() -> None:
    assert shape(read(b"x" * 2_000_000 + b'\n{"a":1}', limit=1_000_000)) == [Reason.TOO_LARGE, {"a": 1}]


def test_numbers_are_exact_in_any_framing() -> None:
    from decimal import Decimal

    text = b'{"big":123456789012345678901234567890,"price":0.1234567890123456789,"plain":0.09582}'
    exact = {"big": 123456789012345678901234567890, "price": Decimal("0.1234567890123456789"), "plain": 0.09582}
    for body in (text, text + b"\n", text + text, b"[" + text + b"]"):
        assert documents(body)[0] == exact


def test_the_last_of_two_equal_keys_wins_and_nul_is_a_character() -> None:
    assert documents(b'{"a":1,"a":"\\u0000"}') == [{"a": "\x00"}]
