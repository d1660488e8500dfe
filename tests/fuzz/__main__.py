"""Fuzz for as long as you like: `python -m tests.fuzz [TARGET...] --seconds 600 [--seed 7] [--atheris]`.

Prints executions, the slowest input and every finding, goes on after one, and leaves the bytes of findings in a folder;
exit code 1 when there are any. With --atheris (pip install atheris) one target runs guided by coverage, and what it
has learned stays in the folder for the next time.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

HANG_SECONDS = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true", help="guided by coverage; one target")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--repeat", type=Path, help="run one target on the bytes of this file")
    options = parser.parse_args()
    os.nice(10)
    if options.atheris:
        if len(options.targets) != 1:
            parser.error("--atheris takes one target")
        return _guided(options.targets, options.seconds, options.findings)
    from tests.fuzz.targets import TARGETS

    logging.disable(logging.CRITICAL)
    names = options.targets or list(TARGETS)
    if options.repeat:
        TARGETS[names[0]](options.repeat.read_bytes())
        return 0
    return max(_random(name, options.seconds, options.seed, options.findings) for name in names)


def _random(name: str, seconds: float, seed: int, findings: Path) -> int:
    from tests.fuzz.targets import TARGETS

    watch, chance = _Watch(name, TARGETS[name], seconds, findings), random.Random(f"{name} {seed}")
    while not watch.is_over:
        watch(chance.randbytes(chance.choice((8, 16, 40, 120, 400))))
    return watch.told()


class _Hang(BaseException):
    """Raised in a target that takes too long; nothing in the product catches it."""


class _Watch:
    """A target with a clock: bytes that it fails on are kept and told, once for each place in the code, and it goes on."""

    def __init__(self, name: str, target: Callable[[bytes], None], seconds: float, findings: Path) -> None:
        self._name, self._target, self._seconds, self._findings = name, target, seconds, findings
        self._end = time.monotonic() + seconds
        self._executions, self._slowest, self._slowest_data = 0, 0.0, b""
        self._seen: set[str] = set()
        signal.signal(signal.SIGPROF, _hang)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def __call__(self, data: bytes) -> None:
        cpu = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
        try:
            self._target(data)
        except (Exception, _Hang) as error:
            where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-3:]
            kind = f"{type(error).__name__} at {' < '.join(reversed(where))}"
            if kind not in self._seen:
                self._seen.add(kind)
                kept = _kept(self._findings, self._name, data)
                print(f"{self._name}: FINDING {kind}: {str(error)[:200]} ({kept})", flush=True)
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._executions += 1
        if (took := time.process_time() - cpu) > self._slowest:
            self._slowest, self._slowest_data = took, data

    def told(self) -> int:
        """Prints the figures; 1 when there are findings."""
        kept = _kept(self._findings, f"{self._name}-slowest", self._slowest_data)
        counts = f"{self._executions:,} executions in {self._seconds:.0f} s, {len(self._seen)} findings"
        print(f"{self._name}: {counts}, slowest {self._slowest:.3f} s of CPU ({kept})", flush=True)
        return bool(self._seen)


def _hang(number: int, frame: FrameType | None) -> None:
    raise _Hang(f"more than {HANG_SECONDS} s of CPU")


def _kept(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def _guided(names: list[str], seconds: float, findings: Path) -> int:
    try:
        import atheris
    except ImportError:
        print("--atheris needs: pip install atheris", file=sys.stderr)
        return 2
    with atheris.instrument_imports(include=["ingest", "transforms", "lake.seal"]):
        from tests.fuzz.targets import TARGETS
    logging.disable(logging.CRITICAL)
    name = names[0]
    corpus = findings / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    watch = _Watch(name, TARGETS[name], seconds, findings)

    def watched(data: bytes) -> None:
        watch(data)
        if watch.is_over:  # the library never comes back
            os._exit(watch.told())

    arguments = ["-max_len=600", "-rss_limit_mb=3000", "-verbosity=0", f"-artifact_prefix={findings}/{name}-", str(corpus)]
    atheris.Setup([sys.argv[0], *arguments], watched)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
