"""JSON lines {"id", "text"} in, the same lines out with the text redacted; other fields pass as they are.

A line that cannot be redacted is never written out: stderr names it by number, and the exit code is 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

import orjson

from engagedb.errors import Rejected
from transforms.redact import redact_text


def redact_lines(lines: Iterable[bytes | str], out: TextIO, err: TextIO | None = None) -> int:
    """The exit code: 0 when every line was redacted and written, 1 when a line was left out."""
    errors = err if err is not None else sys.stderr
    failed = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            record["text"] = redact_text(_text_of(record))
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


def _text_of(record: dict[str, object]) -> str:
    text = record["text"]
    if not isinstance(text, str):
        raise TypeError
    return text
