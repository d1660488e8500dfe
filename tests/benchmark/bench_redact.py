"""Prints how many texts a second `redact_text` handles on one core, on message-like traffic with a share of personal data.

    python tests/benchmark/bench_redact.py [--texts 20000] [--personal 0.2] [--corpus FILE.jsonl]

The corpus is JSON lines {"text", "spans"}; without one, the project's own test messages are used. Texts are drawn with a fixed seed
and made different by a counter, so that nothing is answered from a cache of texts.
CPU time of one core, best of three runs: the figure of an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from transforms.redact import redact_text

OWN = Path(__file__).resolve().parents[1] / "transforms" / "text"
RUNS = 3


def messages(corpus: Path | None) -> tuple[list[str], list[str]]:
    """Texts with personal values, and texts without."""
    if corpus is None:
        marked = (OWN / "messages.txt").read_text(encoding="utf-8").splitlines()
        personal = [re.sub(r"\{[A-Z]+:([^}]*)\}", r"\1", line) for line in marked if "{" in line and not line.startswith("#")]
        return personal, (OWN / "harmless.txt").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows if row["spans"]], [row["text"] for row in rows if not row["spans"]]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--texts", type=int, default=20_000)
    options.add_argument("--personal", type=float, default=0.2)
    options.add_argument("--corpus", type=Path)
    chosen = options.parse_args()
    personal, harmless = messages(chosen.corpus)
    draw = random.Random(7)
    texts = [f"{draw.choice(personal if draw.random() < chosen.personal else harmless)} ~{number:x}" for number in range(chosen.texts)]
    redact_text("warm up")
    best = min(timed(texts) for _ in range(RUNS))
    rate = len(texts) / best
    print(f"{len(texts)} texts, {chosen.personal:.0%} with personal data: {rate:,.0f} texts/s, {1e6 / rate:.0f} µs a text")


def timed(texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        redact_text(text)
    return time.process_time() - started


if __name__ == "__main__":
    main()
