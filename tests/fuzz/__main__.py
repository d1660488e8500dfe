"""Fuzz for as long as you like: `python -m tests.fuzz [TARGET...] --seconds 600 [--seed 7] [--atheris]`.

Prints executions, the slowest input and every finding, and leaves the bytes of findings in a folder; exit code 1 when
there are any. With --atheris (pip install atheris) one target runs guided by coverage, until its time is over.
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

    target, chance = TARGETS[name], random.Random(f"{name} {seed}")
    signal.signal(signal.SIGALRM, _hang)
    executions, slowest, slowest_data, seen = 0, 0.0, b"", set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = chance.randbytes(chance.choice((8, 16, 40, 120, 400)))
        cpu = time.process_time()
        signal.alarm(HANG_SECONDS)
        try:
            target(data)
        except Exception as error:
            where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-3:]
            kind = f"{type(error).__name__} at {' < '.join(reversed(where))}"
            if kind not in seen:
                seen.add(kind)
                print(f"{name}: FINDING {kind}: {str(error)[:200]} ({_kept(findings, name, data)})", flush=True)
        signal.alarm(0)
        executions += 1
        if (took := time.process_time() - cpu) > slowest:
            slowest, slowest_data = took, data
    kept = _kept(findings, f"{name}-slowest", slowest_data)
    print(
        f"{name}: {executions:,} executions in {seconds:.0f} s, {len(seen)} findings, slowest {slowest:.3f} s of CPU ({kept})", flush=True
    )
    return bool(seen)


def _hang(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {HANG_SECONDS} s")


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
    findings.mkdir(parents=True, exist_ok=True)
    (name,) = names
    target = TARGETS[name]
    arguments = [sys.argv[0], f"-max_total_time={seconds:.0f}", f"-timeout={HANG_SECONDS}", "-max_len=600", "-rss_limit_mb=3000"]
    atheris.Setup([*arguments, f"-artifact_prefix={findings}/{name}-", "-print_final_stats=1"], target)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
