"""Measures the AIT detector on simulated attacks and look-alikes, and writes the tables into a page.

    python -m tests.benchmark.ait --seeds 50 --write docs/ait.md

Seeds 1 to N are those that are reported. What the detector's weights and thresholds are chosen by are seeds from 1000 on
(`--first 1000`), never these.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.benchmark.ait.measure import Found, measure_attacks, measure_look_alikes
from tests.benchmark.ait.report import USES, look_alike_table, merge, put_between, shape_table, use_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.ait", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--write", type=Path, help="page to write the tables into, between its two marks")
    asked = parser.parse_args()
    parts: dict[str, list[dict[str, Found]]] = {use: [] for use in USES}
    wrong: dict[str, Counter[str]] = {use: Counter() for use in USES}
    cells: Counter[str] = Counter()
    for seed in range(asked.first, asked.first + asked.seeds):
        for use, data in USES.items():
            parts[use].append(measure_attacks(seed, data, timed=use == next(iter(USES))))
            false, counted = measure_look_alikes(seed, data)
            wrong[use] += false
            cells += counted if use == next(iter(USES)) else Counter()
        print(f"seed {seed}", file=sys.stderr, flush=True)
    totals = {use: merge(found) for use, found in parts.items()}
    first = next(iter(USES))
    tables = (shape_table(totals[first], wrong[first].total()), use_table(totals, wrong), look_alike_table(wrong, cells))
    text = "\n".join((f"Seeds {asked.first} to {asked.first + asked.seeds - 1}.\n", *tables))
    if asked.write:
        asked.write.write_text(put_between(asked.write.read_text(encoding="utf-8"), text), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
