"""The real Presidio analyzer, with small spaCy pipelines that the tests make: no model is downloaded.

It runs where the extra is installed (`pip install "engagedb[presidio]"`, some 390 MB, which is why the extra `dev` leaves it out).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engagedb.errors import ConfigurationError, EngineError, Rejected
from ingest.engines.presidio import Presidio
from transforms.engine import TextRedactor

REASON = "Presidio is not installed: pip install 'engagedb[presidio]'"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pipelines that know some names, saved as spaCy saves trained ones."""
    pytest.importorskip("presidio_analyzer", reason=REASON)
    import spacy

    known = {
        "en": [("PERSON", "Rosalind"), ("PERSON", "Teddy Marsh"), ("ORG", "Chase"), ("PERSON", "Your order")],
        "es": [("PER", "Eulalia"), ("STREET", "Olmos 18")],
        "de": [("PER", "Detlef Bruns")],
    }
    folder = tmp_path_factory.mktemp("models")
    for language, names in known.items():
        pipeline = spacy.blank(language)
        ruler = pipeline.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": label, "pattern": name} for label, name in names])  # type: ignore[attr-defined]
        pipeline.to_disk(folder / language)
    return {language: str(folder / language) for language in known}


def test_names_of_a_text_go_by_the_model_of_its_language(models: dict[str, str]) -> None:
    redact = TextRedactor(Presidio(models))
    assert redact("Could Rosalind swap shifts with Teddy Marsh on Saturday?") == "Could [PERSON] swap shifts with [PERSON] on Saturday?"
    assert redact("Ayer vino Eulalia por la factura, vive en Olmos 18") == "Ayer vino [PERSON] por la factura, vive en [ADDRESS]"
    assert redact("Der Zug mit Detlef Bruns ist da") == "Der Zug mit [PERSON] ist da"


def test_a_model_is_not_asked_about_another_language(models: dict[str, str]) -> None:
    redact = TextRedactor(Presidio({"en": models["en"]}))
    assert redact("Rosalind ne répond pas à mes messages") == "Rosalind ne répond pas à mes messages"


def test_a_text_that_shows_no_language_goes_to_the_one_that_is_set(models: dict[str, str]) -> None:
    assert TextRedactor(Presidio(models))("Teddy Marsh 4471") == "Teddy Marsh 4471"
    assert TextRedactor(Presidio(models), "en")("Teddy Marsh 4471") == "[PERSON] 4471"


def test_companies_and_ordinary_words_are_no_persons(models: dict[str, str]) -> None:
    text = "Your order with Chase is on its way"
    assert TextRedactor(Presidio(models))(text) == text


def test_offsets_hold_behind_emoji_and_combining_marks(models: dict[str, str]) -> None:
    text = "🎉👩‍👩‍👧 te\u0301 the parcel for Rosalind is here"
    assert TextRedactor(Presidio(models), "en")(text) == "🎉👩‍👩‍👧 te\u0301 the parcel for [PERSON] is here"


def test_many_texts_are_one_call_and_keep_their_order(models: dict[str, str]) -> None:
    redact = TextRedactor(Presidio(models), "en")
    texts = [f"number {number} is for {'Rosalind' if number % 3 else 'nobody'} today" for number in range(200)]
    redact.ask((text, None) for text in texts)
    assert [redact(text) for text in texts] == [text.replace("Rosalind", "[PERSON]") for text in texts]
    assert redact.usage.texts == 200 + sum(number % 3 > 0 for number in range(200))


def test_a_text_longer_than_a_model_takes_goes_in_pieces(models: dict[str, str]) -> None:
    text = "the end of it is far away. " * 4_000 + "Ask Rosalind about it"
    assert TextRedactor(Presidio(models))(text) == text.replace("Rosalind", "[PERSON]")


def test_a_model_that_fails_stops_the_batch_and_quotes_no_text(models: dict[str, str]) -> None:
    engine = Presidio(models)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("Rosalind")

    engine._analyzer.analyze_iterator = broken
    with pytest.raises(EngineError) as caught:
        TextRedactor(engine)("Could Rosalind swap with me?")
    assert "ValueError" in str(caught.value)
    assert "Rosalind" not in str(caught.value)


def test_a_text_on_which_a_model_fails_is_refused_and_holds_up_no_other(models: dict[str, str]) -> None:
    engine = Presidio(models)
    analyze = engine._analyzer.analyze_iterator

    def fails_on_some(texts: list[str], **options: object) -> object:
        if any("poison" in text for text in texts):
            raise RuntimeError("Rosalind")
        return analyze(texts, **options)

    engine._analyzer.analyze_iterator = fails_on_some
    redact = TextRedactor(engine)
    redact.ask([("Could Rosalind swap with me?", None), ("Could Rosalind drink this poison?", None)])
    assert redact("Could Rosalind swap with me?") == "Could [PERSON] swap with me?"
    with pytest.raises(Rejected):
        redact("Could Rosalind drink this poison?")


def test_a_model_that_is_not_installed_is_named_and_not_downloaded(models: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    import spacy.cli

    monkeypatch.setattr(spacy.cli, "download", lambda *_, **__: pytest.fail("it tried to download"))
    with pytest.raises(ConfigurationError, match="The en model en_core_web_lg is not installed"):
        Presidio({"en": "en_core_web_lg"})


def test_a_folder_that_holds_no_model_is_refused(models: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        Presidio({"en": str(tmp_path)})


def test_without_models_it_says_how_to_name_them() -> None:
    with pytest.raises(ConfigurationError, match="ENGAGEDB_TEXT_MODELS"):
        Presidio({})


def test_without_presidio_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(ConfigurationError, match=r"engagedb\[presidio\]"):
        Presidio({"en": "en_core_web_lg"})
