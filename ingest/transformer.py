"""A record becomes rows or a dead letter, with the templates of the moment.

Between batches a changed template is taken up; a broken one is refused and told, and the old one goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engagedb.errors import ConfigurationError, Rejected
from engagedb.settings import Settings
from ingest.batch import PortionBuilder
from ingest.dead_letters import Undertaker
from ingest.engines.choose import text_redactor
from ingest.rehearse import Rehearsal
from ingest.templates import TemplateTexts, compile_all, refuse_changed_identity, retimed_sources, template_texts, version_of
from transforms.compile import CompiledTemplate
from transforms.engine import Usage
from transforms.forget import AttentivePseudonymiser, Forgetter
from transforms.normalize import Normalizer, Options
from transforms.policy import Policies
from transforms.pseudonyms import Keyring
from transforms.record import Control, Opened, RawRecord, Unreadable
from transforms.redact import redact_text
from transforms.scrub import Scrubber

if TYPE_CHECKING:
    from lake.catalog import Lake
    from lake.erasure.tombstones import Honour
    from lake.template_versions import TemplateVersion

_logger: Final = logging.getLogger("engagedb.templates")


def options_of(settings: Settings) -> Options:
    """What the settings say about records."""
    return Options(
        place_of=lambda uri: (settings.landing_defaults(uri).account_id, settings.landing_defaults(uri).region),
        customer_id_keys=settings.customer_id_keys,
        feedback_expected=settings.feedback_expected,
        raw_event=settings.raw_event,
    )


def read_policies(path: Path | None) -> Policies:
    """The shipped privacy policy, with the rules of that file over it. Raises ConfigurationError."""
    try:
        return Policies() if path is None else Policies(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The privacy policy {path} cannot be read ({type(error).__name__}). Correct ENGAGEDB_POLICY.") from None


class Transformer:
    """What one process needs to transform records. `known` are the template versions that the lake's rows were made with,
    `texts` the templates where another process has read them.

    Raises ConfigurationError when a template is broken or would change the identity of stored events.
    """

    def __init__(
        self,
        settings: Settings,
        keyring: Keyring,
        known: Mapping[str, Sequence[TemplateVersion]] | None = None,
        texts: TemplateTexts | None = None,
    ) -> None:
        self._keyring = keyring
        self.forgetter = Forgetter(keyring)
        self.pseudonymiser = AttentivePseudonymiser(keyring, self.forgetter)
        policies = read_policies(settings.policy)
        self._redactor = text_redactor(settings)
        redact = self._redactor or redact_text
        self.scrubber = Scrubber(self.pseudonymiser, policies.common, redact)
        self._own_scrubbers = {source: Scrubber(self.pseudonymiser, policy, redact) for source, policy in policies.by_source.items()}
        self.undertaker = Undertaker(keyring, self.pseudonymiser, self.scrubber)
        self._location = settings.templates_location
        self.known = dict(known or {})
        self._options = options_of(settings)
        self._rehearsal = Rehearsal(self._redactor, keyring, policies, self._options) if self._redactor else None
        self.refused = ""  # why the templates as they are now are not used
        self.texts = texts or template_texts(self._location)
        self._looked: TemplateTexts | str = self.texts
        self._take(compile_all(self.texts))

    def _take(self, templates: list[CompiledTemplate]) -> None:
        refuse_changed_identity(templates, self.known)
        if missing := self._own_scrubbers.keys() - {template.template.source for template in templates}:
            raise ConfigurationError(
                f"The privacy policy names the source {min(missing)}, and no template has it. Correct ENGAGEDB_POLICY."
            )
        self._templates = templates
        self.retimed = retimed_sources(templates, self.known)
        self.normalizer = Normalizer(templates, self.scrubber, self.pseudonymiser, self._options, self._own_scrubbers)
        if self._rehearsal is not None:
            self._rehearsal.take(templates)

    def prepared(self, records: Iterable[Opened]) -> Iterator[Opened]:
        """The same records in their order, read ahead where a text engine is asked. Raises EngineError."""
        return self._rehearsal.prepared(records) if self._rehearsal is not None else iter(records)

    def ask_ahead(self, records: Iterable[Opened]) -> None:
        """Ask the text engine, where there is one, for the texts of all of the records. Raises EngineError."""
        if self._rehearsal is not None:
            self._rehearsal.ask_ahead(records)

    @property
    def usage(self) -> Usage | None:
        """What a text engine was asked so far."""
        return self._redactor.usage if self._redactor is not None else None

    @property
    def versions(self) -> list[TemplateVersion]:
        """The versions in use."""
        return [version_of(template) for template in self._templates]

    def honour(self, lake: Lake) -> Honour:
        """What takes the persons out of this transformer's rows whom the lake forgets, up to date with its tombstones."""
        from ingest.erase import letter_check  # not above: a process that only reads needs no lake
        from lake.erasure.tombstones import Honour

        honour = Honour(lake, self.forgetter, self.pseudonymiser, letter_check(self._keyring, self.forgetter))
        honour.refresh()
        return honour

    def refresh(self, known: Callable[[], Mapping[str, Sequence[TemplateVersion]]] | None = None) -> None:
        """Take up templates that changed since; while one of them is refused all of the old ones go on.

        `known` asks the lake again for the versions that made its rows: also this process has made some since it began.
        """
        self._looked = self._look()
        try:
            if isinstance(self._looked, str):
                raise ConfigurationError(self._looked)
            if self._looked != self.texts:
                if known is not None:
                    self.known = dict(known())
                self._take(compile_all(self._looked))
                self.texts = self._looked
        except ConfigurationError as refusal:
            if str(refusal) != self.refused:
                _logger.warning("%s The templates as they were go on.", refusal)
                self.refused = str(refusal)
            return
        self.refused = ""

    @property
    def is_outdated(self) -> bool:
        """True when `refresh` would find other templates than it did last time, good ones or not."""
        return self._look() != self._looked

    def _look(self) -> TemplateTexts | str:
        """The templates as they are now, or why there are none."""
        try:
            return template_texts(self._location)
        except ConfigurationError as refusal:
            return str(refusal)

    def put(self, opened: Opened, builder: PortionBuilder, now: datetime) -> None:
        """Adds the record as rows, as a dead letter or as housekeeping."""
        match opened:
            case RawRecord():
                try:
                    rows = self.normalizer.rows(opened, now)
                except Rejected as refusal:
                    builder.add_dead_letter(self.undertaker.letter(opened, refusal, now))
                else:
                    builder.add_rows(rows, anywhere=bool(self.retimed) and any(row.values["source"] in self.retimed for row in rows))
            case Unreadable():
                builder.add_dead_letter(self.undertaker.letter(opened, Rejected(opened.reason, opened.detail), now))
            case Control():
                builder.add_control()
