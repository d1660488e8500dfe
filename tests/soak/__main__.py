"""The long form: `python -m tests.soak --minutes 30 --restarts 12` prints latencies and memory.

What is delivered are three simulated days, into a lake that holds the days before them: into an empty one the first
commits would be cheaper, for no receipt could touch an older message.
The exit code is 1 when a row is lost or doubled, or when a stop did not end with 0.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.soak import BATCH_SECONDS, EDGE, Course, soak
from tests.torture.landing import DAYS, prepare


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--restarts", type=int, default=12, help="half of them stops, half of them kills, by chance")
    parser.add_argument("--rate", type=float, default=100.0, help="events a second")
    parser.add_argument("--interval", type=float, default=2.0, help="seconds between two looks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", type=int, default=4, help="simulated days that the lake holds before")
    parser.add_argument("--place", type=Path, help="folder for the landing objects and lakes; kept, so that the next run is faster")
    asked = parser.parse_args()
    seconds = asked.minutes * 60
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.place or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        days = DAYS + asked.history
        ground = prepare(place, int(seconds * asked.rate * days / DAYS), days=days)
        print(f"{seconds / 60:g} minutes at {asked.rate:g} events/s, batches of at most {BATCH_SECONDS} s", flush=True)
        course = soak(
            ground,
            seconds=seconds,
            restarts=asked.restarts,
            interval_s=asked.interval,
            seed=asked.seed,
            history=asked.history / days,
            told=lambda sentence: print(sentence, flush=True),
        )
    _print(course)
    return 0 if course.is_clean else 1


def _print(course: Course) -> None:
    first, last = course.latencies()
    records = sum(commit["records"] for commit in course.commits)
    stops = f"{course.stops} stops (exit codes {sorted(set(course.codes))}), {course.kills} kills"
    print(f"{len(course.commits)} commits of {records:,} records; {stops}")
    print(f"commit latency: first {EDGE} median {first:.2f} s, last {EDGE} median {last:.2f} s")
    for number, life in enumerate(course.memory, start=1):
        quarters = [life[len(life) * part // 4 : max(len(life) * (part + 1) // 4, 1)] or [0.0] for part in range(4)]
        means = ", ".join(f"{sum(quarter) / len(quarter):.0f}" for quarter in quarters)
        print(f"process {number}: memory by quarter of its life {means} MB, most {max(life, default=0.0):.0f} MB")
    print(f"rows lost {course.lost}, rows too many {course.surplus}")


if __name__ == "__main__":
    sys.exit(main())
