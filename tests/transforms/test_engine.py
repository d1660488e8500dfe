"""Rules and engine together, with engines of the tests' own: they answer at once, wrongly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagedb.errors import EngineError, Rejected
from transforms.engine import TextRedactor, Usage, is_worth_asking
from transforms.redact import redact_text
from transforms.text.found import Found
from transforms.text.kinds import Kind

SENTENCE = "Could Rosalind swap with Teddy on Saturday"


class Engine:
    """Answers as a function of the text says, and remembers what it was asked."""

    name = "ours"
    usage = Usage("ours")

    def __init__(self, answer: Callable[[str], Any], languages: frozenset[str] = frozenset({"en", "es"})) -> None:
        self.answer = answer
        self.languages = languages
        self.calls: list[tuple[str, list[str]]] = []

    @property
    def texts(self) -> list[str]:
        return [text for _, texts in self.calls for text in texts]

    def find(self, texts: Sequence[str], language: str) -> list[Any]:
        self.calls.append((language, list(texts)))
        return [self.answer(text) for text in texts]


def named(*names: str, kind: Kind = Kind.PERSON) -> Callable[[str], list[Found]]:
    return lambda text: [Found(text.index(name), text.index(name) + len(name), kind, 0.9) for name in names if name in text]


def test_what_the_engine_finds_becomes_a_token_beside_those_of_the_rules() -> None:
    redact = TextRedactor(Engine(named("Rosalind", "Teddy")))
    assert redact(SENTENCE + ", +1 415 555 0142") == "Could [PERSON] swap with [PERSON] on Saturday, [PHONE]"


def test_the_engine_is_shown_nothing_that_the_rules_know() -> None:
    engine = Engine(named())
    TextRedactor(engine)("My name is Wanda Quill, wanda@example.com, card 4111 1111 1111 1111, why does Teddy not answer")
    assert engine.texts
    assert not any(value in text for text in engine.texts for value in ("Wanda", "@", "4111"))


def test_a_batch_is_one_call_a_language_and_what_is_left_one_more() -> None:
    engine = Engine(named("Teddy", "Eulalia"))
    redact = TextRedactor(engine)
    texts = [f"parcel {number} is here and it was Teddy" for number in range(40)] + ["Ayer vino Eulalia por la factura"] * 3
    redact.ask((text, None) for text in texts)
    assert [(language, len(texts)) for language, texts in engine.calls] == [("en", 40), ("es", 1), ("en", 40), ("es", 1)]
    assert [redact(text) for text in texts] == [text.replace("Teddy", "[PERSON]").replace("Eulalia", "[PERSON]") for text in texts]
    assert len(engine.calls) == 4


@pytest.mark.parametrize(
    "text", ["STOP", "Teddy", "[PERSON]", "4471-22", "", "[PERSON], [PHONE]", "ph_kchpmk_aaaabbbbccccddddeeeeffffgggghhhh ok"]
)
def test_what_is_no_sentence_is_not_asked_about(text: str) -> None:
    engine = Engine(named("Teddy"))
    assert TextRedactor(engine, "en")(text) == redact_text(text)
    assert engine.calls == []


def test_a_script_without_spaces_is_a_sentence_too() -> None:
    assert is_worth_asking("昨日宮本さんと話しました")


def test_a_language_is_stated_or_shown_or_set() -> None:
    engine = Engine(named(), frozenset({"en", "tr"}))
    redact = TextRedactor(engine)
    redact("Kraków Łódź")
    redact("Ayer vino Eulalia por la factura")
    assert engine.calls == []
    redact("Kraków Łódź", "tr-TR")
    TextRedactor(engine, "en")("Kraków Łódź")
    redact(SENTENCE)
    assert [language for language, _ in engine.calls] == ["tr", "en", "en"]


def test_redacting_twice_changes_nothing_when_a_name_shows_only_after_another_is_gone() -> None:
    def only_beside_tokens(text: str) -> list[Found]:
        return named("Teddy")(text) if "[PERSON] swap" in text else named("Rosalind")(text)

    redact = TextRedactor(Engine(only_beside_tokens))
    once = redact(SENTENCE)
    assert once == "Could [PERSON] swap with [PERSON] on Saturday"
    assert redact(once) == once


def test_an_engine_that_never_has_enough_leaves_no_text() -> None:
    def last_word(text: str) -> list[Found]:
        start = text.rindex(" ") + 1
        return [] if text[start] == "[" else [Found(start, len(text), Kind.ADDRESS, 0.9)]

    def another(text: str) -> list[Found]:
        first = next((at for at, char in enumerate(text) if char.islower()), None)
        return [] if first is None else [Found(first, first + 1, Kind.ADDRESS, 0.9)]

    assert TextRedactor(Engine(last_word))("we are in the town").endswith("[ADDRESS]")
    assert TextRedactor(Engine(another))("we are in the town and in the hall or at the gate of it") == "[TOKEN]"


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab éñ@.-[]{}🎉\u200d\u0301👩日本,'1234 \n") | st.characters(codec="utf-8"), max_size=40), st.integers(0, 2**32)
)
def test_any_spans_of_any_text_leave_a_text_that_settles(text: str, seed: int) -> None:
    def anything(text: str) -> list[Found]:
        state, found = seed ^ (crc32(text.encode())), []
        for kind in (Kind.PERSON, Kind.ADDRESS, Kind.TOKEN):
            state = state * 1103515245 + 12345 & 0x7FFFFFFF
            start = state % len(text)
            end = min(len(text), start + 1 + state // 64 % 6)
            found.append(Found(start, end, kind, 0.5))
        return found if state % 3 else []

    redact = TextRedactor(Engine(anything), "en")
    try:
        once = redact("so this is it " + text)
    except Rejected:
        return
    once.encode()
    assert redact(once) == once


@pytest.mark.parametrize(
    "answer",
    [
        [Found(0, 999, Kind.PERSON, 0.9)],
        [Found(-2, 4, Kind.PERSON, 0.9)],
        [Found(4, 4, Kind.PERSON, 0.9)],
        [Found(6, 14, "PERSON", 0.9)],
        [Found(6, 14, Kind.PERSON, 1.5)],
        [Found(6.0, 14.0, Kind.PERSON, 0.9)],
        [Found(6, 14, None, 0.9)],
        None,
    ],
    ids=["behind the end", "before it", "empty", "a kind that is none", "a score that is none", "fractions", "no kind", "refused"],
)
def test_an_impossible_answer_refuses_that_text_and_no_other(answer: Any) -> None:
    redact = TextRedactor(Engine(lambda text: answer if "Rosalind" in text else named("Teddy")(text)))
    redact.ask([(SENTENCE, None), ("lunch is with Teddy at one", None)])
    with pytest.raises(Rejected) as caught:
        redact(SENTENCE)
    assert "Rosalind" not in str(caught.value)
    assert redact("lunch is with Teddy at one") == "lunch is with [PERSON] at one"


def test_a_text_that_the_rules_refuse_is_refused_alone() -> None:
    growing = "[PERSON] " + "日本語 " * 200
    with pytest.raises(Rejected):
        redact_text(growing)
    redact = TextRedactor(Engine(named("Teddy")))
    redact.ask([(growing, None), ("lunch is with Teddy at one", None)])
    with pytest.raises(Rejected):
        redact(growing)
    assert redact("lunch is with Teddy at one") == "lunch is with [PERSON] at one"


@pytest.mark.parametrize("failure", [ValueError(SENTENCE), TimeoutError(SENTENCE), KeyError("Rosalind"), MemoryError()])
def test_an_engine_that_fails_stops_the_batch_and_its_words_are_not_told(failure: Exception) -> None:
    def fails(text: str) -> list[Found]:
        raise failure

    redact = TextRedactor(Engine(fails))
    with pytest.raises(EngineError) as caught:
        redact(SENTENCE)
    assert type(failure).__name__ in str(caught.value)
    assert "Rosalind" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_too_few_answers_stop_the_batch() -> None:
    engine = Engine(named("Teddy"))
    engine.find = lambda texts, language: [[] for _ in texts[1:]]  # type: ignore[method-assign]
    with pytest.raises(EngineError, match="answered 0 of 1 texts"):
        TextRedactor(engine)(SENTENCE)


def test_an_engine_that_comes_back_gives_what_it_would_have_given() -> None:
    engine = Engine(named("Rosalind", "Teddy"))
    find, undisturbed = engine.find, TextRedactor(Engine(named("Rosalind", "Teddy")))(SENTENCE)
    redact = TextRedactor(engine)
    engine.find = lambda texts, language: find([], language)  # type: ignore[method-assign]
    with pytest.raises(EngineError):
        redact(SENTENCE)
    engine.find = find  # type: ignore[method-assign]
    assert redact(SENTENCE) == undisturbed
