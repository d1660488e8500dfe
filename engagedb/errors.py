"""Every failure of engagedb is one of these.

EngagedbError
├── Rejected        one record cannot become an event: it becomes a dead letter with a stable reason
└── Fatal           the command cannot go on: a sentence for the user and exit code 2
    ├── ConfigurationError   a setting, an option, a template or a key is missing or wrong
    │   └── RotatedError     the lake's pseudonym key was rotated since this process began
    ├── SourceError          a landing file, folder or bucket cannot be read
    ├── LakeError            the lake is missing, foreign, newer than this program or damaged
    ├── ConflictError        other committers won every retry
    ├── EngineError          the text engine that the settings ask for does not answer
    └── WorkerError          a process that read landing objects for this one has ended
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a record became a dead letter; stored, so a code is never renamed."""

    NOT_JSON = "not_json"
    UNKNOWN_SOURCE = "unknown_source"
    TEMPLATE_ERROR = "template_error"
    SCHEMA_VIOLATION = "schema_violation"
    BAD_TIMESTAMP = "bad_timestamp"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    REDACTION_FAILED = "redaction_failed"


class EngagedbError(Exception):
    """Root of all errors that engagedb raises on purpose."""


class Rejected(EngagedbError):
    """A record that cannot become an event; `detail` holds no value of the record in clear."""

    def __init__(self, reason: Reason, detail: str, *, source: str | None = None, template_version: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.source = source
        self.template_version = template_version


class Fatal(EngagedbError):
    """The command stops with exit code 2; the message says what is wrong, where, and what to do next."""


class ConfigurationError(Fatal):
    """A setting, an option, a template or a key is missing or wrong."""


class RotatedError(ConfigurationError):
    """The lake makes its pseudonyms with a key that this keyring does not hold: begin again with the newest one."""


class SourceError(Fatal):
    """A landing file, folder or bucket cannot be read."""


class LakeError(Fatal):
    """The lake is missing, was made by another key or a newer version, or is damaged."""


class ConflictError(Fatal):
    """Other committers won every retry; nothing of this batch was written."""


class EngineError(Fatal):
    """The text engine that the settings ask for does not answer; nothing that waited for it was written."""


class WorkerError(Fatal):
    """A process that read landing objects for this one has ended; nothing of what it had read was written."""
