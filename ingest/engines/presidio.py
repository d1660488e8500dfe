"""Names by Presidio's analyzer with spaCy models, one for each language that has one (the extra `presidio`).

Models are installed beforehand, as packages or folders: nothing is downloaded. The analyzer is given the models'
recogniser only; numbers, addresses and links are what our own rules know better than its patterns do.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from engagedb.errors import ConfigurationError, EngineError
from transforms.engine import Usage
from transforms.text.found import Found
from transforms.text.kinds import Kind

_KINDS: Final = {"PERSON": Kind.PERSON, "STREET_ADDRESS": Kind.ADDRESS}
_LABELS: Final = {  # what models call them
    "PER": "PERSON", "PERSON": "PERSON", "persName": "PERSON", "PRS": "PERSON", "Person": "PERSON",
    "ADDRESS": "STREET_ADDRESS", "STREET": "STREET_ADDRESS", "STREET_ADDRESS": "STREET_ADDRESS",
}  # fmt: skip
_NEEDLESS: Final = ("tagger", "parser", "senter", "morphologizer", "lemmatizer", "attribute_ruler", "trainable_lemmatizer", "textcat")
_BATCH: Final = 64
_PROBE: Final = "This is a sentence."
_LONGEST: Final = 100_000  # characters; a model's memory grows with the text


class Presidio:
    """Presidio with these models: name or folder by language. Raises ConfigurationError when one is missing."""

    name = "presidio"

    def __init__(self, models: Mapping[str, str]) -> None:
        if not models:
            raise ConfigurationError(
                "ENGAGEDB_TEXT_ENGINE is presidio, and no model is named. Set ENGAGEDB_TEXT_MODELS, such as en=en_core_web_lg."
            )
        self.languages = frozenset(models)
        self._analyzer = _analyzer(models)
        self.usage = Usage(self.name)

    def find(self, texts: Sequence[str], language: str) -> list[list[Found] | None]:
        if any(len(text) > _LONGEST for text in texts):
            pieces = [[text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)] for text in texts]
            found = iter(self.find([piece for several in pieces for piece in several], language))
            return [_joined([next(found) for _ in several]) for several in pieces]
        self.usage = replace(self.usage, texts=self.usage.texts + len(texts), characters=self.usage.characters + sum(map(len, texts)))
        try:
            return list(self._read(texts, language))
        except Exception as error:  # its text may quote what was analysed
            if not self._reads([_PROBE], language):
                raise EngineError(
                    f"Presidio failed with {type(error).__name__} on its {language} model: nothing of this batch was written."
                    " Check that the model fits the installed spaCy (python -m spacy validate)."
                ) from None
        return [next(self._read([text], language)) if self._reads([text], language) else None for text in texts]  # one is at fault

    def _read(self, texts: Sequence[str], language: str) -> Iterator[list[Found]]:
        for answer in self._analyzer.analyze_iterator(texts, language=language, batch_size=_BATCH, entities=list(_KINDS)):
            yield [Found(one.start, one.end, _KINDS[one.entity_type], float(one.score)) for one in answer]

    def _reads(self, texts: Sequence[str], language: str) -> bool:
        try:
            return len(list(self._read(texts, language))) == len(texts)
        except Exception:
            return False


def _joined(pieces: Sequence[list[Found] | None]) -> list[Found] | None:
    """The spans of a text from those of its pieces; None when one of these was refused."""
    joined: list[Found] = []
    for number, found in enumerate(pieces):
        if found is None:
            return None
        joined += [replace(span, start=span.start + number * _LONGEST, end=span.end + number * _LONGEST) for span in found]
    return joined


def _analyzer(models: Mapping[str, str]) -> Any:
    try:
        from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer
        from spacy.util import is_package
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"ENGAGEDB_TEXT_ENGINE is presidio, which needs {error.name}. Install engagedb[presidio], or set it to none."
        ) from None
    for language, model in models.items():
        if not (is_package(model) or Path(model).is_dir()):  # Presidio would try to download it
            raise ConfigurationError(
                f"The {language} model {model} is not installed. Install that spaCy model, or name another one in ENGAGEDB_TEXT_MODELS."
            )
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # it warns of every recogniser that we do without
    reading = NerModelConfiguration(model_to_presidio_entity_mapping=dict(_LABELS), labels_to_ignore=[])
    engine = SpacyNlpEngine([{"lang_code": language, "model_name": model} for language, model in models.items()], reading)
    try:
        engine.load()
    except Exception as error:
        raise ConfigurationError(
            f"A spaCy model of ENGAGEDB_TEXT_MODELS cannot be loaded ({type(error).__name__}). Install models that fit this spaCy."
        ) from None
    for pipeline in dict[str, Any](engine.nlp or {}).values():
        for component in set(pipeline.pipe_names) & set(_NEEDLESS):
            pipeline.disable_pipe(component)
    languages = sorted(models)
    registry = RecognizerRegistry(
        recognizers=[SpacyRecognizer(supported_language=language, supported_entities=list(_KINDS)) for language in languages],
        supported_languages=languages,
    )
    return BatchAnalyzerEngine(AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=languages))
