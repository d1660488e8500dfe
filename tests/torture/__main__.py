"""The long form: `python -m tests.torture --kills 200 --events 20000` prints the kill matrix; exit code 1 when it is not clean."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.torture.kills import POINTS, RANDOM, Toll, schedule, torture
from tests.torture.landing import prepare


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--batch-records", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", type=Path, help="folder for the landing objects and lakes; kept, so that the next run is faster")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.place or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        ground = prepare(place, asked.events)
        print(f"undisturbed: {', '.join(f'{sum(rows.values()):,} {name}' for name, rows in ground.expected.items() if ' ' not in name)}")
        toll = Toll()
        torture(ground, schedule(asked.kills, asked.seed), toll, batch_records=asked.batch_records, told=_told)
    _print(toll)
    return 0 if toll.is_clean else 1


def _told(sentence: str) -> None:
    print(sentence, flush=True)


def _print(toll: Toll) -> None:
    print(f"{'point':24}{'kills':>6}")
    for point in (*POINTS, RANDOM):
        print(f"{point:24}{toll.kills[point]:>6}")
    print(f"{'all':24}{toll.kills.total():>6}   {toll.state}")
    for complaint in toll.complaints:
        print(complaint)


if __name__ == "__main__":
    sys.exit(main())
