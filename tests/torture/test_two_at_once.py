"""The short form of `python -m tests.torture.two_at_once`."""

from __future__ import annotations

from pathlib import Path

import pytest

from engagedb.errors import ConflictError
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import commit
from tests.lake.lifecycles import KEYRING as OTHER_KEYRING
from tests.lake.lifecycles import NOW, batch, event, stored
from tests.torture.ingester import KEYRING, without_lease
from tests.torture.landing import Ground
from tests.torture.two_at_once import PAIRS, hold


@pytest.mark.parametrize(
    ("pair", "place"),
    [("two ingests", "bucket"), ("ingest, maintain", "folder"), ("ingest, backfill", "folder"), ("two replays", "folder")],
)
def test_without_the_lease_nothing_is_lost_or_doubled(
    request: pytest.FixtureRequest, ground: Ground, tmp_path: Path, pair: str, place: str
) -> None:
    lake, catalog = str(tmp_path / "lake"), None
    if place == "bucket":
        lake, catalog = f"s3://{request.getfixturevalue('empty_bucket')}/lake", f"sqlite:///{tmp_path}/catalog.db"
    settings = Settings(lake=lake, catalog=catalog, batch_records=400)
    Lake.create(settings, KEYRING)
    done = hold(ground, settings, PAIRS[pair], has_lease=False)
    assert (done.lost, done.doubled, done.complaints) == (0, 0, [])


def test_who_loses_every_try_gives_up_in_a_sentence_and_runs_well_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.compare_and_swap.LONGEST_PAUSE_S", 0.0)
    settings = Settings(lake=str(tmp_path / "lake"))
    lake = Lake.create(settings, OTHER_KEYRING)
    faster = iter(range(100))

    def be_faster(point: str) -> None:
        if point == "events_written":
            commit(lake, batch([event(f"other {next(faster)}")]), NOW)

    with without_lease(), pytest.raises(ConflictError) as told:
        commit(Lake.open(settings), batch([event("mine")]), NOW, checkpoint=be_faster)
    assert str(told.value) == (
        f"Other programs kept changing the table events of {lake.root}, 12 times. Run again: nothing is lost or doubled."
    )
    assert "mine" not in {row["event_id"] for row in stored(lake, "events")}
    commit(lake, batch([event("mine")]), NOW)
    assert len(stored(lake, "events")) == next(faster) + 1
