"""JSON lines {"id", "text"} in, the same lines out with the text redacted; other fields pass as they are.

A line that cannot be redacted is never written out: stderr names it by number, and the exit code is 1. With a text
engine lines are taken many at once; when it does not answer, none of those is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TextIO

import orjson

from engagedb.errors import Rejected
from transforms.engine import Question, TextRedactor
from transforms.redact import redact_text

_LINES_AT_ONCE = 512


def redact_lines(lines: Iterable[bytes | str], out: TextIO, err: TextIO | None = None, engine: TextRedactor | None = None) -> int:
    """The exit code: 0 when every line was redacted and written, 1 when a line was left out.

    A line's field `lang` ("en") tells the engine its language. Raises EngineError.
    """
    errors = err if err is not None else sys.stderr
    failed = 0
    for number, line in enumerate(lines if engine is None else _asked_ahead(lines, engine), 1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            text, language = _question(record)
            record["text"] = redact_text(text) if engine is None else engine(text, language)
        except orjson.JSONDecodeError:
            problem = "is not JSON"
        except (KeyError, TypeError):
            problem = "is not an object with a string `text`"
        except Rejected as rejected:
            problem = f"could not be redacted ({rejected.detail})"
        else:
            out.write(orjson.dumps(record).decode() + "\n")
            continue
        failed += 1
        errors.write(f"line {number} {problem}: nothing was written for it\n")
    return 1 if failed else 0


def ask_for_lines(lines: Iterable[bytes | str], engine: TextRedactor) -> None:
    """Ask the engine for the texts of the lines, as redact_lines would, and write nothing."""
    for _ in _asked_ahead(lines, engine):
        pass


def _asked_ahead(lines: Iterable[bytes | str], engine: TextRedactor) -> Iterator[bytes | str]:
    source = iter(lines)
    while portion := list(islice(source, _LINES_AT_ONCE)):
        engine.ask(_questions(portion))
        yield from portion


def _questions(lines: Iterable[bytes | str]) -> Iterator[Question]:
    for line in lines:
        try:
            yield _question(orjson.loads(line))
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue


def _question(record: dict[str, Any]) -> Question:
    text, language = record["text"], record.get("lang")
    if not isinstance(text, str):
        raise TypeError
    return text, language if isinstance(language, str) else None
