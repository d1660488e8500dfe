"""The same records delivered three times, each time in other objects: `python -m tests.torture.redelivery --events 500000`.

The first delivery is what the simulator wrote. The others hold its records in an order of chance, split, framed and
compressed otherwise, in another layout of folders. One lake takes all three; another one only the last. Both must hold
the rows of the first delivery, and the fates of every delivery must add up. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from engagedb.settings import Settings
from ingest.decompress import decompress
from ingest.documents import Document, read_documents
from ingest.simulate.simulate import DEFAULT_START, simulate
from lake.catalog import Lake
from lake.datafiles import newest_files, scan_files
from tests.torture.ingester import KEYRING, Errand, forked, ingest_here, queue_of_forks
from tests.torture.packing import CODECS, FRAMINGS, Piece
from tests.torture.rows import complaint_of_reader, texts_of
from transforms.canonical import DEAD_LETTERS, EVENTS, MESSAGES, NOTICES

SPILLS: Final = 32  # a shuffle holds one of them in memory
LARGEST_OBJECT: Final = 4_000
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024

Marks = dict[str, Counter[bytes]]


@dataclass(frozen=True)
class Delivery:
    """What one ingest of one delivery did."""

    lake: str
    name: str
    told: dict[str, Any]
    peak_mb: int

    def complaints(self, *, is_first: bool, records: int) -> Iterator[str]:
        """What does not add up; `records` is how many each delivery holds."""
        fates, rows = self.told["fates"], self.told["rows"]
        if self.told["records"] != records or sum(fates.values()) != records:
            yield f"{self}: {self.told['records']} records and fates {fates} are not {records}"
        if not is_first and (any(rows.values()) or fates["event"] or fates["notice"]):
            yield f"{self}: something was taken for new: {fates}, rows {rows}"

    def __str__(self) -> str:
        return f"lake {self.lake}, delivery {self.name}"


def redeliver(place: Path, events: int, told: Callable[[str], None], *, seed: int = 5) -> list[str]:
    """What went wrong, nothing if all is well; `told` gets a line per step."""
    landing = {"first": place / "first"}
    summary = simulate(landing["first"], start=DEFAULT_START, days=7, events=events, seed=seed, truth_path=place / "truth.json")
    told(f"simulated {summary.records:,} records in {summary.objects:,} objects")
    for number, name in enumerate(("second", "third")):
        landing[name] = place / name
        objects = repack(landing["first"], landing[name], random.Random(seed + number))
        told(f"{name} delivery: {objects:,} objects")
    complaints: list[str] = []
    marks: dict[str, Marks] = {}
    for lake, names in (("all", ("first", "second", "third")), ("last", ("third",))):
        settings = Settings(lake=str(place / f"lake-{lake}"))
        Lake.create(settings, KEYRING)
        for name in names:
            began = time.monotonic()
            done = _deliver(settings, lake, name, landing[name])
            seconds = time.monotonic() - began
            complaints += done.complaints(is_first=name == names[0], records=summary.records)
            told(f"{done}: {_sum(done.told)}; rows {done.told['rows']}; {seconds:.0f} s, peak {done.peak_mb:,} MB")
            marks[f"{done}"] = marks_of(Lake.open(settings))
        if complaint := complaint_of_reader(Lake.open(settings)):
            complaints.append(f"lake {lake}: {complaint}")
    first, *others = marks.items()
    for name, found in others:
        for table, expected in first[1].items():
            lost, more = (expected - found[table]).total(), (found[table] - expected).total()
            if lost or more:
                complaints.append(f"{name}: of {expected.total():,} {table} {lost:,} are lost and {more:,} too many")
    told(f"compared {', '.join(f'{found.total():,} {table}' for table, found in first[1].items())}: {len(complaints)} complaints")
    return complaints


def repack(source: Path, target: Path, chance: random.Random) -> int:
    """How many objects `target` got: the documents of `source` in an order of chance, in other objects."""
    objects = 0
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        spills = [open(Path(folder, str(number)), "w+b") for number in range(SPILLS)]  # noqa: SIM115
        for path in sorted(path for path in source.rglob("*") if path.is_file()):
            for piece in _pieces(path):
                piece.spill(chance.choice(spills))
        for spill in spills:
            spill.seek(0)
            pieces = list(Piece.spilled(spill))
            spill.close()
            chance.shuffle(pieces)
            while pieces:
                size = min(len(pieces), int(LARGEST_OBJECT ** chance.random()))
                taken, pieces = pieces[:size], pieces[size:]
                framing, codec = chance.choice(list(FRAMINGS)), chance.choice(list(CODECS))
                if not any(piece.is_document for piece in taken):
                    codec = "plain"  # Snappy has no magic number: it is told by the JSON inside
                path = target / f"part={chance.randrange(10)}" / f"{objects:06d}-{framing}-{codec}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(CODECS[codec](FRAMINGS[framing](taken)))
                objects += 1
    return objects


def _pieces(path: Path) -> Iterator[Piece]:
    with path.open("rb") as stream:
        for found in read_documents(decompress(stream), max_record_bytes=MAX_RECORD_BYTES):
            yield Piece(found.data, isinstance(found, Document))


def marks_of(lake: Lake) -> Marks:
    """A digest of each row, and how often it is there, by table."""
    found: Marks = {}
    for table in (EVENTS, MESSAGES, NOTICES, DEAD_LETTERS):
        found[table.name] = marks = Counter()
        for batch in scan_files(lake, table, newest_files(lake.table(table.name)), table.names):
            texts = texts_of(table, pa.Table.from_batches([batch]), KEYRING)
            marks.update(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
    return found


def _deliver(settings: Settings, lake: str, name: str, landing: Path) -> Delivery:
    """An ingest in a process of its own, so that its memory is its own."""
    answers = queue_of_forks()
    process = forked(_ingest, settings, str(landing), answers)
    process.join()
    if process.exitcode != 0:
        raise AssertionError(f"the ingest of the {name} delivery ended with {process.exitcode}")
    told, peak_kb = answers.get()
    return Delivery(lake, name, told, peak_kb // 1024)


def _ingest(settings: Settings, landing: str, answers: Any) -> None:
    tally = ingest_here(Errand(settings, [landing]))
    answers.put((tally.as_json(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def _sum(told: dict[str, Any]) -> str:
    return f"{told['records']:,} records = " + " + ".join(f"{count:,} {fate}" for fate, count in told["fates"].items() if count)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.redelivery", description=__doc__)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--place", type=Path, help="an empty folder for the objects and lakes, about 10 kB an event; removed afterwards")
    asked = parser.parse_args()
    place = asked.place or Path(tempfile.mkdtemp())
    place.mkdir(parents=True, exist_ok=True)
    try:
        complaints = redeliver(place, asked.events, lambda line: print(line, flush=True))
    finally:
        shutil.rmtree(place)
    print("\n".join(complaints) or "every delivery gives the same tables")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
