"""The long form: `python -m tests.torture --kills 200 --events 20000` prints the kill matrix; exit code 1 when it is not clean."""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.torture.kills import CHAIN, WORTH_CHAINS, Line, Toll, learn, torture
from tests.torture.operations import OPERATIONS
from tests.torture.scenes import make_scenes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--only", choices=[operation.name for operation in OPERATIONS], help="kill this operation only")
    parser.add_argument("--jobs", type=int, default=2, help="kills at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", type=Path, help="folder for the landing objects and lakes; kept, so that the next run is faster")
    asked = parser.parse_args()
    operations = [
        operation for operation in OPERATIONS if asked.only in (None, operation.name) and (operation.share or asked.kills >= WORTH_CHAINS)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        place = (asked.place or Path(temporary)).absolute()
        place.mkdir(parents=True, exist_ok=True)
        scenes = make_scenes(place, asked.events, {operation.scene for operation in operations})
        toll, known = Toll(), []
        with ThreadPoolExecutor(asked.jobs) as pool:
            for one in pool.map(partial(learn, scenes), operations):
                known.append(one)
                rows = ", ".join(f"{table.num_rows:,} {name}" for name, table in one.rows.items() if name != "money")
                _told(f"{one.operation.name} undisturbed: {rows}; {one.seconds:.0f} s, {len(one.passed)} points")
        torture(scenes, known, asked.kills, asked.seed, toll, _told, asked.jobs)
    _print(toll)
    return 0 if toll.is_clean else 1


def _told(sentence: str) -> None:
    print(sentence, flush=True)


def _print(toll: Toll) -> None:
    print(f"\n{'operation':20}{'killed at':38}{'kills':>6}{'lost':>6}{'doubled':>9}{'complaints':>12}{'orphans':>9}")
    for name in (*(operation.name for operation in OPERATIONS), CHAIN):
        found = {point: line for (operation, point), line in toll.lines.items() if operation == name}
        for point, line in sorted(found.items()):
            _print_line(name, point, line)
        if found:
            _print_line(name, "all", toll.sum_of([name]))
    print(f"\n{toll.state}")
    for complaint in toll.sum_of().complaints:
        print(complaint)


def _print_line(operation: str, point: str, line: Line) -> None:
    counts = f"{line.kills:>6}{line.lost:>6}{line.doubled:>9}{len(line.complaints):>12}{line.orphans:>9}"
    print(f"{operation:20}{point:38}{counts}")


if __name__ == "__main__":
    sys.exit(main())
