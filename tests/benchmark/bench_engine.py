"""Prints what the rules find of person names, what a text engine adds, what both destroy, and how many texts a second they handle.

    ENGAGEDB_TEXT_ENGINE=presidio ENGAGEDB_TEXT_MODELS=en=en_core_web_sm python tests/benchmark/bench_engine.py [--corpus FILE.jsonl]

The corpus is JSON lines {"text", "lang", "spans": [{"value", "type"}]}; without one, the project's own sentences whose names nothing
leads to. Only texts in the engine's languages count, each given with its language. A name is found when no word of it is left; a text
without spans is destroyed when it is changed. CPU time of this process; a service's own time is not in it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engagedb.settings import Settings
from ingest.engines.choose import text_redactor
from transforms.redact import redact_text

OWN = Path(__file__).resolve().parents[1] / "transforms" / "text" / "names_apart.txt"
MARK = re.compile(r"\{([A-Z]+):([^}]*)\}")


def texts(corpus: Path | None) -> list[dict[str, Any]]:
    """Texts with language and the person names in them."""
    if corpus is not None:
        rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
        return [row | {"names": [span["value"] for span in row["spans"] if span["type"] == "PERSON"]} for row in rows]
    found, language = [], ""
    for line in OWN.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            language = line[2:]
        else:
            marked = MARK.findall(line)
            found.append({"text": MARK.sub(r"\2", line), "lang": language, "names": [value for _, value in marked], "spans": marked})
    return found


def judged(rows: list[dict[str, Any]], redact: Callable[[str, str], str]) -> tuple[int, int, int, int]:
    """Names found, names, harmless texts destroyed, harmless texts."""
    found = names = destroyed = harmless = 0
    for row in rows:
        clean = redact(row["text"], row["lang"])
        for name in row["names"]:
            names += 1
            found += not any(re.search(rf"\b{re.escape(word)}\b", clean) for word in re.findall(r"\w{3,}", name))
        harmless += not row["spans"]
        destroyed += not row["spans"] and clean != row["text"]
    return found, names, destroyed, harmless


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--corpus", type=Path)
    chosen = options.parse_args()
    engine = text_redactor(Settings.from_environment())
    if engine is None:
        sys.exit("ENGAGEDB_TEXT_ENGINE is none: name the engine to measure.")
    rows = [row for row in texts(chosen.corpus) if row["lang"] in engine.languages]
    engine.ask([("this is to warm it up", "en")])
    started = time.process_time()
    engine.ask([(row["text"], row["lang"]) for row in rows])
    rate = len(rows) / (time.process_time() - started)
    print(f"{'':10} {'names':>6} {'rules':>7} {'+engine':>8} {'harmless':>9} {'rules':>7} {'+engine':>8}")
    for language in [*sorted({row["lang"] for row in rows}), "all"]:
        some = [row for row in rows if language in (row["lang"], "all")]
        by_rules, by_both = judged(some, lambda text, _: redact_text(text)), judged(some, engine)
        shares = [f"{100 * part / whole:6.1f}%" if whole else "" for part, whole in (by_rules[:2], by_both[:2], by_rules[2:], by_both[2:])]
        print(f"{language:10} {by_rules[1]:6} {shares[0]:>7} {shares[1]:>8} {by_rules[3]:9} {shares[2]:>7} {shares[3]:>8}")
    print(f"{rate:,.0f} texts/s. {engine.usage.sentence()}")


if __name__ == "__main__":
    main()
