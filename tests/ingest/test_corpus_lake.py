"""Every documented payload, ingested for real: each file into a fresh lake, and all of them into one."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from engagedb.settings import Settings
from ingest.run import ingest
from ingest.tally import Tally
from lake.catalog import Lake
from lake.query.session import Session
from tests.ingest.conftest import NOW
from tests.templates.test_corpus import LINES
from transforms.pseudonyms import Keyring, derive_first
from transforms.vocabulary import Fate

KEYRING: Keyring = derive_first(bytes(range(32)))


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake made once and copied for each file: a lake works wherever its folder stands."""
    folder = tmp_path_factory.mktemp("empty") / "lake"
    Lake.create(Settings(lake=str(folder)), KEYRING)
    return folder


def put(lake: Path, *sources: Path) -> tuple[Tally, Session]:
    settings = Settings(lake=str(lake))
    names = [str(source) for source in sources]
    tally = ingest(Lake.open(settings), KEYRING, names, settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)
    return tally, Session.open(settings, NOW)


def kinds(session: Session) -> Counter[tuple[str, str]]:
    """What the lake holds: events by stage, notices, and dead letters by reason."""
    found = session.sql(
        "SELECT 'event' AS kind, stage AS word FROM events UNION ALL SELECT 'notice', '' FROM notices "
        "UNION ALL SELECT 'dead_letter', reason FROM dead_letters"
    ).to_arrow_table()
    return Counter(zip(found["kind"].to_pylist(), found["word"].to_pylist(), strict=True))


def expected(lines: list[dict[str, str]]) -> Counter[tuple[str, str]]:
    return Counter((line["kind"], line["stage"] or line["reason"]) for line in lines)


@pytest.mark.parametrize("file", LINES)
def test_a_file_in_a_fresh_lake_becomes_what_the_table_says(file: str, shared: Path, empty_lake: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(empty_lake, lake)
    tally, session = put(lake, shared / "formats" / "corpus" / file)
    assert kinds(session) == expected(LINES[file])
    assert tally.rows["events"] == sum(line["kind"] == "event" for line in LINES[file])


def test_all_files_in_one_lake_hold_each_event_once(shared: Path, empty_lake: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(empty_lake, lake)
    corpus = shared / "formats" / "corpus"
    tally, session = put(lake, corpus)
    assert kinds(session) == expected([line for lines in LINES.values() for line in lines if not line["duplicate_of"]])
    assert tally.records == sum(tally.fates.values())
    assert tally.fates[Fate.DEAD_LETTER] == sum(line["kind"] == "dead_letter" for lines in LINES.values() for line in lines)

    again, after = put(lake, *(_copy(corpus, tmp_path / "again")))
    assert (again.rows["events"], again.rows["notices"], again.rows["dead_letters"]) == (0, 0, 0)
    assert again.fates[Fate.DUPLICATE] == again.records - again.fates[Fate.DEAD_LETTER]
    assert kinds(after) == kinds(session)


def _copy(corpus: Path, place: Path) -> list[Path]:
    shutil.copytree(corpus, place)
    return [place]
