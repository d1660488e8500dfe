"""Prints how many texts a second `redact_text` handles on one core, on message-like traffic with a share of personal data.

    python -m tests.benchmark.bench_redact [--texts 20000] [--personal 0.2] [--corpus FILE.jsonl]

The corpus is JSON lines {"text", "spans"}; without one, the project's own test messages are used. Texts are drawn with a fixed seed
and made different by a counter, so that nothing is answered from a cache of texts.
CPU time of one core, best of three runs: the figure of an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from tests.benchmark.figures import Figure, cpu_seconds, rate
from transforms.redact import redact_text

OWN = Path(__file__).resolve().parents[1] / "transforms" / "text"


def messages(corpus: Path | None) -> tuple[list[str], list[str]]:
    """Texts with personal values, and texts without."""
    if corpus is None:
        marked = (OWN / "messages.txt").read_text(encoding="utf-8").splitlines()
        personal = [re.sub(r"\{[A-Z]+:([^}]*)\}", r"\1", line) for line in marked if "{" in line and not line.startswith("#")]
        return personal, (OWN / "harmless.txt").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows if row["spans"]], [row["text"] for row in rows if not row["spans"]]


def figures(texts: int = 20_000, personal_share: float = 0.2, corpus: Path | None = None) -> Iterator[Figure]:
    """How many texts a second."""
    personal, harmless = messages(corpus)
    draw = random.Random(7)
    drawn = [f"{draw.choice(personal if draw.random() < personal_share else harmless)} ~{number:x}" for number in range(texts)]
    redact_text("warm up")
    seconds = cpu_seconds(lambda: [redact_text(text) for text in drawn])
    yield Figure("texts redacted", rate(texts, seconds), f"{texts:,} different texts, {personal_share:.0%} with personal data")


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.benchmark.bench_redact", description=__doc__)
    options.add_argument("--texts", type=int, default=20_000)
    options.add_argument("--personal", type=float, default=0.2)
    options.add_argument("--corpus", type=Path)
    chosen = options.parse_args()
    for figure in figures(chosen.texts, chosen.personal, chosen.corpus):
        print(f"{figure.name}: {figure.value}; {figure.note}")


if __name__ == "__main__":
    main()
