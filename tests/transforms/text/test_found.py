"""Spans of an engine, mended and written into a text."""

from __future__ import annotations

import pytest

from transforms.text.found import Found, with_tokens
from transforms.text.kinds import Kind


def marked(text: str, *parts: str, kind: Kind = Kind.PERSON) -> str:
    spans = [Found(text.index(part), text.index(part) + len(part), kind, 0.9) for part in parts]
    return with_tokens(text, spans)


@pytest.mark.parametrize(
    ("text", "part", "kind", "result"),
    [
        ("write john.doe@example.com today", "doe@exam", Kind.PERSON, "write [PERSON] today"),
        ("ask Rosalind today", "osali", Kind.PERSON, "ask [PERSON] today"),
        ("ask Jean-Luc today", "Luc", Kind.PERSON, "ask [PERSON] today"),
        ("ask O'Malley today", "Malley", Kind.PERSON, "ask [PERSON] today"),
        ("ask Jose\u0301 today", "Jose", Kind.PERSON, "ask [PERSON] today"),
        ("sent to 👩\u200d👧 Olmos 18", "\u200d👧 Olmos 18", Kind.ADDRESS, "sent to 👩\u200d👧 [ADDRESS]"),
        ("昨日宮本さんと話しました", "宮本", Kind.PERSON, "昨日[PERSON]さんと話しました"),
        ("कल रघुवीर से बात हुई थी", "रघुव", Kind.PERSON, "कल [PERSON] से बात हुई थी"),
        ("the gate is (Maple 4), ok", "(Maple 4),", Kind.ADDRESS, "the gate is ([ADDRESS]), ok"),
    ],
)
def test_no_word_no_address_and_no_character_is_cut_in_two(text: str, part: str, kind: Kind, result: str) -> None:
    assert marked(text, part, kind=kind) == result


def test_tokens_stay_whole_and_only_what_stands_beside_them_goes() -> None:
    text = "call [PERSON] Rosalind at [PHONE] or ph_kchpmk_aaaabbbbccccddddeeeeffffgggghhhh"
    assert marked(text, "ON] Rosalind at [PH", "kchpmk_aaaabbbb") == text.replace("Rosalind", "[PERSON]")


def test_what_stands_in_a_link_is_left_to_the_rules_for_links() -> None:
    text = "see https://example.com/rosalind/terms"
    assert marked(text, "rosalind") is text


@pytest.mark.parametrize(
    "text", ["Your order is here", "Thanks, Dear Customer", "see you in May or on Friday", "Chase Bank called", "Grace Hotel is full"]
)
def test_ordinary_words_and_companies_are_no_names(text: str) -> None:
    assert with_tokens(text, [Found(0, len(text.rstrip()), Kind.PERSON, 0.9)]) is not None
    first = " ".join(text.split()[:2])
    assert marked(text, first) is text


@pytest.mark.parametrize("code", ["SPX583173247869", "CS-12745896", "a62b8ea9-095b-4b2b-8b9c-8cbd6d25087c", "RR811833782GB"])
def test_words_of_a_code_are_no_names(code: str) -> None:
    text = f"tracking {code} is ready"
    for start in range(9, 9 + len(code)):
        assert with_tokens(text, [Found(start, start + 1, Kind.PERSON, 0.9), Found(9, 9 + len(code), Kind.PERSON, 0.9)]) is text


def test_a_name_is_freed_of_the_ordinary_words_around_it() -> None:
    assert marked("Could Rosalind swap with Teddy Marsh on Saturday", "Could Rosalind", "Teddy Marsh on Saturday") == (
        "Could [PERSON] swap with [PERSON] on Saturday"
    )


def test_overlapping_spans_are_one_of_the_longer_ones_kind() -> None:
    text = "leave it at Maple House 4 please"
    spans = [Found(12, 23, Kind.PERSON, 0.9), Found(12, 25, Kind.ADDRESS, 0.9), Found(18, 25, Kind.PHONE, 0.9)]
    assert with_tokens(text, spans) == "leave it at [ADDRESS] please"


def test_nothing_found_is_the_same_text() -> None:
    text = "nobody is here"
    assert with_tokens(text, []) is text
