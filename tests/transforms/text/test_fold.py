import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.text.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("０７７００", "07700"),
        ("٠٥٠١٢", "05012"),
        ("a\u200bb\u202e", "ab"),
        ("john＠example", "john@example"),
        ("10–12", "10-12"),
        ("I\u0307", "\u0130"),
        ("7\ufe0f\u20e3", "7"),
        ("cafe\u0301", "café"),
    ],
)
def test_a_text_folds_to_what_the_rules_read(text: str, folded: str) -> None:
    assert fold(text).text == folded


@given(st.text())
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    result = fold(text)
    assert len(result.text) == len(result.low)
    previous = 0
    for position in range(len(result.text)):
        start, end = result.source_range(position, position + 1)
        assert 0 <= start < end <= len(text)
        assert start >= previous
        previous = start


def test_the_way_back_covers_invisible_characters_between() -> None:
    text = "x a\u200bb y"
    start, end = fold(text).source_range(2, 4)
    assert text[start:end] == "a\u200bb"


def test_a_plain_text_is_not_copied() -> None:
    text = "nothing to fold"
    assert fold(text).text is text
