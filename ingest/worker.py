"""A process that reads landing objects for another one, which alone knows the lake (ingest/workers.py).

It is told everything through its connection, key included, and answers with redacted rows only. It owns nothing: it
ends when the other one does, however that ends, and may be killed at any time.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from engagedb.errors import SourceError
from engagedb.process import leave_pandas_out, prepare_process
from engagedb.settings import Settings
from ingest.reading import Passage, Reader
from ingest.sources import LandingObject
from ingest.templates import TemplateTexts
from ingest.transformer import Transformer
from lake.template_versions import TemplateVersion
from transforms.engine import Usage
from transforms.forget import Tombstones
from transforms.pseudonyms import Keyring


@dataclass(frozen=True, slots=True)
class Errand:
    """What a worker needs to transform as its parent would."""

    settings: Settings = field(repr=False)
    keyring: Keyring
    templates: TemplateTexts
    known: Mapping[str, Sequence[TemplateVersion]]
    tombstones: Tombstones


@dataclass(frozen=True, slots=True)
class Share:
    """Objects for one worker to read, numbered from `first` on."""

    first: int
    objects: Sequence[LandingObject]
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of a share since the last answer, and what only its reader can know of persons in it.

    `failed` is an object that cannot be read, and why; the others go on.
    """

    passage: Passage
    older: Mapping[str, tuple[str, ...]]
    met: Mapping[str, str]
    process: int
    usage: Usage | None  # of the process so far
    failed: tuple[int, SourceError] | None = None
    is_last: bool = False


def serve(connection: Connection, errand: Errand) -> None:
    """Answers shares until the parent is gone; an exception is the last answer."""
    prepare_process()
    leave_pandas_out()
    for number in (signal.SIGINT, signal.SIGTERM):  # the whole group may get them; the parent says when it is over
        signal.signal(number, signal.SIG_IGN)
    shares: SimpleQueue[Share] = SimpleQueue()
    threading.Thread(target=_listen, args=(connection, shares), daemon=True).start()
    try:
        work = _Work(errand)
        while True:
            for answer in work.answers(shares.get()):
                _send(connection, answer)
    except Exception as error:
        _send(connection, _portable(error))


def _listen(connection: Connection, shares: SimpleQueue[Share]) -> None:
    """Ends the process with its parent, whatever it is doing."""
    try:
        while True:
            shares.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)


def _send(connection: Connection, answer: Answer | Exception) -> None:
    try:
        connection.send(answer)
    except OSError:  # nobody listens any more
        os._exit(0)


def _portable(error: Exception) -> Exception:
    """The error, or one that names its kind where it cannot travel."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(type(error).__name__)
    return error


class _Work:
    def __init__(self, errand: Errand) -> None:
        self._transformer = Transformer(errand.settings, errand.keyring, errand.known, errand.templates)
        self._transformer.forgetter.tombstones = errand.tombstones
        self._reader = Reader(self._transformer, errand.settings)

    def answers(self, share: Share) -> Iterator[Answer]:
        for number, landing_object in enumerate(share.objects, start=share.first):
            try:
                for passage in self._reader.read(number, landing_object, share.began_at):
                    yield self._answer(passage)
            except SourceError as error:
                yield self._answer(self._reader.rest(), failed=(number, error))
        yield self._answer(self._reader.rest(), is_last=True)

    def _answer(self, passage: Passage, **more: Any) -> Answer:
        persons, met = self._transformer.pseudonymiser.take_older(), self._transformer.forgetter.take_met()
        return Answer(passage, persons, met, os.getpid(), self._transformer.usage, **more)
