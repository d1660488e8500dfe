"""Records read ahead, so that a text engine is asked for the texts of many of them at once.

Each record is transformed once before its turn, with nothing kept of it but the texts that it would ask an engine for.
Records leave as they came, in their order: whatever the rehearsal misses is asked for when its turn comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from engagedb.errors import Rejected
from transforms.compile import CompiledTemplate
from transforms.engine import TextRedactor
from transforms.normalize import Normalizer, Options
from transforms.policy import Policies
from transforms.pseudonyms import Keyring, Pseudonymiser
from transforms.record import Control, Opened, RawRecord
from transforms.redact import redact_text
from transforms.scrub import Scrubber

_RECORDS: Final = 512
_BYTES: Final = 8 * 1024 * 1024
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Rehearsal:
    """Finds the texts of records for a redactor, with pseudonyms and memories of its own."""

    def __init__(self, redactor: TextRedactor, keyring: Keyring, policies: Policies, options: Options) -> None:
        self._redactor = redactor
        self._pseudonymiser = Pseudonymiser(keyring)
        self._texts: list[str] = []
        self._scrubber = Scrubber(self._pseudonymiser, policies.common, self._note)
        self._own_scrubbers: Mapping[str, Scrubber] = {
            source: Scrubber(self._pseudonymiser, policy, self._note) for source, policy in policies.by_source.items()
        }
        self._options = options
        self._normalizer: Normalizer | None = None

    def take(self, templates: Sequence[CompiledTemplate]) -> None:
        """Go on with these templates."""
        self._normalizer = Normalizer(templates, self._scrubber, self._pseudonymiser, self._options, self._own_scrubbers)

    def prepared(self, records: Iterable[Opened]) -> Iterator[Opened]:
        """The same records; the engine was asked for the texts of each before it leaves. Raises EngineError."""
        source = iter(records)
        for first in source:
            portion, size = [first], _size(first)
            while len(portion) < _RECORDS and size < _BYTES and (record := next(source, None)) is not None:
                portion.append(record)
                size += _size(record)
            self.ask_ahead(portion)
            yield from portion

    def ask_ahead(self, records: Iterable[Opened]) -> None:
        """Ask the engine for the texts of the records. Raises EngineError."""
        for record in records:
            self._rehearse(record)
        texts, self._texts = self._texts, []
        self._redactor.ask((text, None) for text in texts)

    def _rehearse(self, record: Opened) -> None:
        assert self._normalizer is not None
        if isinstance(record, Control):
            return
        try:
            if isinstance(record, RawRecord):
                self._normalizer.rows(record, _ANY_TIME)
                return
        except Rejected:
            pass
        self._scrubber.excerpt(record.outermost)

    def _note(self, text: str) -> str:
        self._texts.append(text)
        return redact_text(text)


def _size(record: Opened) -> int:
    return 0 if isinstance(record, Control) else len(record.outermost)
