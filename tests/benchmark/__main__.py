"""All that is fast or slow, in one run.

    python -m tests.benchmark [--events 20000] [--beside /usr/bin/python3] [--write docs/benchmarks.md]

Stages are told in CPU time of one core, ratios with both sides from this run, starts by the clock. A machine that is
busy makes all of it slower and the ratios less sure: it tells its load.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engagedb.process import prepare_process
from ingest.simulate.simulate import simulate
from tests.benchmark import bench_redact, ingests, ratios, stages, starts
from tests.benchmark.figures import Figure, machine, page

Part = tuple[str, str, Callable[[], Iterable[Figure]]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--beside", metavar="PYTHON", help="another interpreter of this version, to be measured too")
    parser.add_argument("--write", type=Path, help="also write the figures into this file")
    asked = parser.parse_args()
    prepare_process()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        landing = str(place / "landing")
        delivery = str(place / "delivery")
        simulate(place / "landing", days=2, events=asked.events, seed=5, workers=1)
        simulate(place / "delivery", days=4, events=ingests.DELIVERY, seed=5, workers=1)
        parts: list[Part] = [
            ("Machine", "", lambda: machine(now.date())),
            ("Stages", "Records a second and µs a record, of one core's CPU time.", partial(stages.stages, landing)),
            ("Sources", "The transform for the records of each source alone.", partial(stages.by_source, landing)),
            ("Texts", "Free text alone, a fifth of it with personal data.", bench_redact.figures),
            ("Templates", "The same templates, evaluated three ways.", partial(ratios.expressions, landing)),
            (
                "Ingest",
                f"Everything, to committed Iceberg tables: {ingests.DELIVERY:,} events.",
                partial(ingests.against_duckdb, delivery, place),
            ),
            *(
                [("Interpreters", "The same ingest by both.", partial(ingests.beside, asked.beside, delivery, place))]
                if asked.beside
                else []
            ),
            ("Two processes", "", partial(ingests.two_processes, delivery, place)),
            ("Memory", "Of one process.", partial(ingests.memory, place)),
            ("Starts", "By the clock, bytecode compiled.", partial(starts.starts, landing, place)),
            ("Answers", "Of the lake made above.", partial(starts.answers, str(place / "alone-0"))),
            ("Profile", "Own time of the functions that take most of a transform.", partial(_profile, landing)),
        ]
        pages = [_heading(asked.events, asked.beside)]
        for title, what, part in parts:
            pages.append(page(title, what, part()))
            print(pages[-1], flush=True)
    if asked.write:
        asked.write.write_text("\n".join(pages), encoding="utf-8")


def _heading(events: int, beside: str | None) -> str:
    options = f"--events {events}" + (f" --beside {beside}" if beside else "")
    return (
        f"# Benchmarks\n\nMade by `python -m tests.benchmark {options} --write docs/benchmarks.md` on a simulated delivery of all"
        " sources, not typed.\n[Marts at size](benchmarks-marts.md) and [a late batch into a large lake](benchmarks-batch.md)"
        " have pages of their own. Other benchmarks print their figures: `tests.benchmark.bench_day` (a day of commits),"
        " `tests.benchmark.bench_erase` (erasure), `tests.soak`\n(steady delivery, [reliability](reliability.md)).\n"
    )


def _profile(landing: str) -> Iterable[Figure]:
    raw = stages.read(landing)
    profile = cProfile.Profile()
    profile.runcall(stages.transformed, raw)
    statistics = pstats.Stats(profile, stream=io.StringIO())
    own = sorted(((row[2], name) for name, row in statistics.stats.items()), reverse=True)  # type: ignore[attr-defined]
    whole = sum(seconds for seconds, _ in own)
    for seconds, (file, _, function) in own[:15]:
        place = file if file.startswith("<") or file == "~" else "/".join(Path(file).parts[-2:])
        yield Figure(
            f"`{function.strip('<>')}`", f"{seconds / whole:.1%}", "built in" if place == "~" else place.replace("<", "").replace(">", "")
        )


if __name__ == "__main__":
    main()
