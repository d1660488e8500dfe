"""Whatever stands in whatever string of a payload: nothing that an ingest writes shows a personal value that stood there.

Values are planted in every string of every documented payload, and as a further key in each of its mappings. The policy
and the classes of the canonical columns say what is public: the company's own numbers, addresses and names.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from engagedb.settings import Settings
from ingest.documents import Document, read_documents
from ingest.transformer import Transformer
from lake.catalog import Lake
from tests.ingest.planting.garden import TURNS, Garden
from tests.ingest.planting.leaves import Leaf
from tests.ingest.planting.values import KINDS, found_in
from tests.ingest.planting.written import texts
from transforms.canonical import TABLES, Privacy
from transforms.policy import Operator
from transforms.pseudonyms import derive_first

ROOT: Final = bytes(range(32))
PUBLIC: Final = {column.name for table in TABLES.values() for column in table.columns if column.privacy is Privacy.PUBLIC}


@pytest.fixture(scope="module")
def garden(shared: Path) -> Garden:
    corpus = shared / "formats" / "corpus"
    if not corpus.is_dir():
        pytest.skip("the payloads of ../shared/formats/corpus are not here")
    garden = Garden(Transformer(Settings(), derive_first(ROOT)))
    seen = set()
    for path in sorted(corpus.rglob("*")):
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            for found in read_documents(stream, max_record_bytes=1 << 24):
                if isinstance(found, Document) and found.data not in seen:
                    seen.add(found.data)
                    garden.plant(path.name, found.value)
    return garden


@pytest.fixture(scope="module")
def landing(garden: Garden, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents; some of them cut off, some with broken text; all in objects whose names hold values too."""
    folder = tmp_path_factory.mktemp("landing")
    number = len(garden.leaves)
    garden.leaves += [("the name of an object", Leaf(("name",), Operator.REDACT_TEXT))] * len(KINDS)
    accepted, refused = ([json.dumps(document).encode() for document in documents] for documents in (garden.accepted, garden.refused))
    spoilt = accepted[::6] + refused[::6]
    cut = [data[: len(data) * (1 + at % 3) // 4] for at, data in enumerate(spoilt)]
    objects = {
        "accepted": b"\n".join(accepted),
        "refused": b"\n".join(refused),
        "cut": b"\n".join(cut),
        "broken text": b"\n".join(data.replace(b": ", b": \xff", 1 + at % 9) for at, data in enumerate(spoilt)),
        "cut archive": gzip.compress(b"\n".join(cut))[:-200],
    }
    for turn, (name, content) in enumerate(objects.items()):
        (folder / f"{name} {garden.value(number + turn, 0)}".replace("/", "_")).write_bytes(content)
    return folder


def test_the_search_finds_what_was_planted(garden: Garden, landing: Path) -> None:
    assert (len(garden.leaves) > 3_000, len(garden.accepted) > 200 * TURNS, len(garden.refused) > 100 * TURNS) == (True,) * 3
    found = found_in("\n".join(path.name + "\n" + path.read_bytes().decode("latin-1") for path in landing.iterdir()))
    # A number or two may hide: base64 within base64, and values that a template does not bear beside those that it does.
    assert len(found) > 0.99 * len(garden.leaves) * len(KINDS)


@pytest.mark.parametrize("raw_event", ["true", "false"])
def test_no_planted_value_is_written(garden: Garden, landing: Path, tmp_path: Path, raw_event: str) -> None:
    settings = Settings(lake=str(tmp_path / "lake"))
    Lake.create(settings, derive_first(ROOT))
    sources = sorted(landing.glob("accepted*" if raw_event == "false" else "*"))  # a dead letter is the same with it on and off
    told = subprocess.run(
        [sys.executable, "-m", "engagedb", "ingest", *sources, "--lake", settings.lake],
        env={**os.environ, "ENGAGEDB_PSEUDONYM_KEY": ROOT.hex(), "ENGAGEDB_RAW_EVENT": raw_event, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    (tmp_path / "told").write_text(told.stdout + told.stderr)
    print(told.stdout)

    shown: dict[tuple[str, int], set[str]] = defaultdict(set)
    for name, column, text in texts(tmp_path):
        for value in found_in(text):
            shown[value].add("bytes" if column == "bytes" else f"{column} of {name.split('/')[-3] if '/' in name else name}")
    leaks = {}
    for (kind, number), places in shown.items():
        file, leaf = garden.leaves[number]
        published = {place for place in places if place.split(" ")[0] in PUBLIC}
        if leaf.operator is Operator.KEEP_PUBLIC or places - published <= ({"bytes"} if published else set()):
            continue
        leaks[f"{kind} in {file}: {'.'.join(leaf.path)}"] = sorted(places)
    assert not leaks
