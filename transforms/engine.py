"""Free text without personal values, by the rules and by an engine that reads sentences: a model or a service.

An engine gets texts from which the rules have taken all that they know, so that it is shown as little as possible, and
answers with spans (transforms/text/found.py). What is left is read again until rules and engine find nothing more:
redacting twice changes nothing. It fails closed: an engine that does not answer raises EngineError, so that the batch
stops; a text about which its answer is impossible is refused, and its record becomes a dead letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final, Protocol

from engagedb.errors import EngagedbError, EngineError, Reason, Rejected
from transforms.redact import redact_text
from transforms.text.cues import WORD
from transforms.text.found import Found, is_possible, with_tokens
from transforms.text.kinds import Kind
from transforms.text.language import language_of
from transforms.text.view import OURS

_ROUNDS: Final = 6
_HELD_CHARACTERS: Final = 64 * 1024 * 1024
_UNPARTED: Final = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{4}")

Question = tuple[str, str | None]
"""A text, and its language where somebody states it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an engine was asked so far; `units` are what its provider bills, where there is one."""

    engine: str
    texts: int = 0
    characters: int = 0
    units: int | None = None
    cost_usd: Decimal | None = None  # where the user states the price of a unit

    def as_json(self) -> dict[str, Any]:
        """As programs read it."""
        return asdict(self)

    def sentence(self) -> str:
        """As people read it."""
        told = f"Text engine {self.engine}: {self.texts:,} texts, {self.characters:,} characters"
        if self.units is not None:
            told += f", {self.units:,} billed units"
        return f"{told}, about USD {self.cost_usd:.2f}" if self.cost_usd is not None else told


def total_usage(usages: Iterable[Usage | None]) -> Usage | None:
    """What one engine was asked in several processes; None where none was used."""
    used = [usage for usage in usages if usage is not None]
    if not used:
        return None
    units, costs = (
        [usage.units for usage in used if usage.units is not None],
        [usage.cost_usd for usage in used if usage.cost_usd is not None],
    )
    return Usage(
        used[0].engine,
        sum(usage.texts for usage in used),
        sum(usage.characters for usage in used),
        sum(units) if units else None,
        sum(costs, Decimal(0)) if costs else None,
    )


class Engine(Protocol):
    """Finds personal values in texts of the languages that it knows."""

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]: ...

    @property
    def usage(self) -> Usage: ...

    def find(self, texts: Sequence[str], language: str) -> Sequence[Sequence[Found] | None]:
        """What is in each of the texts, in their order; None for one that it refuses. Raises EngineError when it cannot tell."""
        ...


class TextRedactor:
    """Redacts texts with the rules and an engine. `language` is that of texts which neither state nor show theirs."""

    def __init__(self, engine: Engine, language: str | None = None) -> None:
        self._engine = engine
        self._language = language
        self._answers: dict[Question, str | None] = {}  # None: the engine or the rules have no answer
        self._held = 0

    @property
    def languages(self) -> frozenset[str]:
        """The languages that the engine knows."""
        return self._engine.languages

    @property
    def usage(self) -> Usage:
        """What the engine was asked so far."""
        return self._engine.usage

    def __call__(self, text: str, language: str | None = None) -> str:
        """The redacted text. Raises Rejected for this text, EngineError when the engine does not answer."""
        question = (text, language)
        if question not in self._answers:
            self.ask([question])
        answer = self._answers[question]
        if answer is None:
            raise Rejected(Reason.REDACTION_FAILED, f"the rules or the text engine {self._engine.name} could not read a text")
        return answer

    def ask(self, questions: Iterable[Question]) -> None:
        """Redact many texts with few calls of the engine, and hold what became of them until many more have come."""
        if self._held > _HELD_CHARACTERS:
            self._answers.clear()
            self._held = 0
        open_texts: dict[Question, str] = {}
        languages: dict[Question, str] = {}
        for question in dict.fromkeys(questions):
            if question in self._answers:
                continue
            text, stated = question
            clean = _by_rules(text)
            if clean is None:
                self._answers[question] = None
                continue
            language = re.split("[-_]", stated.lower())[0] if stated else language_of(clean) or self._language
            self._held += 2 * len(text) + 64
            if language in self._engine.languages and is_worth_asking(clean):
                open_texts[question], languages[question] = clean, language
            else:
                self._answers[question] = clean
        self._settle(open_texts, languages)

    def _settle(self, open_texts: dict[Question, str], languages: Mapping[Question, str]) -> None:
        for _ in range(_ROUNDS):
            if not open_texts:
                return
            spans = self._spans({(text, languages[question]) for question, text in open_texts.items()})
            going_on = {}
            for question, text in open_texts.items():
                found = spans[text, languages[question]]
                if found is None:
                    self._answers[question] = None
                    continue
                clean = with_tokens(text, found)
                ruled = clean if clean == text else _by_rules(clean)
                if ruled is None or ruled == text:
                    self._answers[question] = ruled
                else:
                    going_on[question] = ruled
            open_texts = going_on
        for question in open_texts:  # nothing worth reading, and nothing that may pass unread
            self._answers[question] = Kind.TOKEN.token

    def _spans(self, questions: set[tuple[str, str]]) -> dict[tuple[str, str], Sequence[Found] | None]:
        """The engine's answers, checked; None where one cannot be about its text."""
        answers: dict[tuple[str, str], Sequence[Found] | None] = {}
        for language in sorted({language for _, language in questions}):
            texts = sorted(text for text, its in questions if its == language)
            for text, found in zip(texts, self._found(texts, language), strict=True):
                answers[text, language] = found if found is not None and all(is_possible(text, span) for span in found) else None
        return answers

    def _found(self, texts: Sequence[str], language: str) -> list[list[Found] | None]:
        try:
            answers = [None if found is None else list(found) for found in self._engine.find(texts, language)]
        except EngagedbError:
            raise
        except Exception as error:  # whatever an engine raises: its text may hold what it was given
            raise self._failed(f"failed with {type(error).__name__}") from None
        if len(answers) != len(texts):
            raise self._failed(f"answered {len(answers)} of {len(texts)} texts")
        return answers

    def _failed(self, how: str) -> EngineError:
        return EngineError(
            f"The text engine {self._engine.name} {how}: nothing of this batch was written. Run again, or set ENGAGEDB_TEXT_ENGINE=none."
        )


def _by_rules(text: str) -> str | None:
    """The text after the rules; None for one that they refuse, so that the others go on."""
    try:
        return redact_text(text)
    except Rejected:
        return None


def is_worth_asking(text: str) -> bool:
    """Whether there is a sentence to read: two words that are no tokens, or a script that does not part its words."""
    left = OURS.sub(" ", text)
    return _UNPARTED.search(left) is not None or sum(1 for _ in zip(WORD.finditer(left), range(2), strict=False)) == 2
