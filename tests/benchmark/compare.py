"""The ratios that continuous integration holds: `python -m tests.benchmark.compare [--events 5000]` ends with 1 when one is worse.

Only ratios, each with both sides from this run and in CPU time, and with room: a busy machine must not fail. What they are on a quiet
machine stands in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import Final

from engagedb.process import prepare_process
from ingest.simulate.simulate import simulate
from tests.benchmark import ingests, ratios, stages
from tests.benchmark.figures import Figure

AT_LEAST: Final = {
    "an expression of Jinja2 per column": 10.0,  # times the compiled template
    "one dict expression of Jinja2": 3.5,
    "landing object to committed tables": 0.06,  # of DuckDB alone; a small delivery pays for the start
}
AT_MOST: Final = {
    "transform": 3.0,  # times the transform that redacts nothing
    "transform with raw_event": 2.0,  # times the transform without
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.compare", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    asked = parser.parse_args()
    prepare_process()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        landing = str(place / "landing")
        simulate(place / "landing", days=2, events=asked.events, seed=5, workers=1)
        figures = list(chain(stages.stages(landing), ratios.expressions(landing), ingests.against_duckdb(landing, place)))
    worse = list(filter(None, map(complaint, figures)))
    for line in worse:
        print(line, file=sys.stderr)
    sys.exit(bool(worse))


def complaint(figure: Figure) -> str | None:
    """What is wrong with a figure that has a ratio; prints the others."""
    if figure.ratio is None:
        return None
    least, most = AT_LEAST.get(figure.name), AT_MOST.get(figure.name)
    if least is not None and figure.ratio < least:
        return f"{figure.name}: {figure.ratio:.2f}, and at least {least} is expected ({figure.note})"
    if most is not None and figure.ratio > most:
        return f"{figure.name}: {figure.ratio:.2f}, and at most {most} is expected ({figure.note})"
    print(f"{figure.name}: {figure.ratio:.2f} ({figure.note})")
    return None


if __name__ == "__main__":
    main()
