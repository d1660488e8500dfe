"""Where a document ends that is never held whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.oversize import DocumentEnd, LineEnd

values = st.recursive(st.text(max_size=6), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner), max_leaves=8)


def end_of(ends: DocumentEnd | LineEnd, body: bytes, step: int) -> int | None:
    """The end found when the body comes a few bytes at a time."""
    for at in range(0, len(body), step):
        found = ends.find(body[: at + step], at)
        if found is not None:
            return found
    return None


@given(st.dictionaries(st.text(max_size=4), values), st.integers(1, 9), st.sampled_from([None, 1]), st.booleans())
def test_the_end_is_found_in_pieces_of_any_size(value: dict[str, object], step: int, indent: int | None, escape: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=escape).encode()
    assert end_of(DocumentEnd(), text + b'{"}', step) == len(text)


@pytest.mark.parametrize("body", [b'{"a":[1,2', b'{"a":"}', b'{"a":"\\"}', b"[{}"])
def test_a_document_that_does_not_end_has_no_end(body: bytes) -> None:
    assert end_of(DocumentEnd(), body, 2) is None


def test_a_line_break_inside_a_string_ends_a_broken_document() -> None:
    assert end_of(DocumentEnd(), b'{"a":"b\n{"c":1}', 3) == 7


def test_a_line_ends_at_its_break() -> None:
    assert end_of(LineEnd(), b"abcdef\nghi", 4) == 6
    assert end_of(LineEnd(), b"abcdef", 4) is None
