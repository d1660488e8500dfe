"""The short form of the torture: some kills of each operation, each compared. See `python -m tests.torture`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from lake.catalog import Lake
from lake.datafiles import newest_files
from tests.torture.careless import forgetful, hasty, impatient
from tests.torture.disk import look_at
from tests.torture.ingester import KEYRING, Death, Errand, ingest_here
from tests.torture.kills import Moment, Toll, chain, kill, learn
from tests.torture.landing import Ground
from tests.torture.operations import BACKFILL, ERASE, FROM_EMPTY, INGEST, MAINTAIN, REPLAY, Operation, Work
from tests.torture.rows import complaint_of_reader, difference, rows_of
from tests.torture.scenes import Scenes, make_scenes

EVENTS_LANDED = 400
KILLS: dict[Operation, Sequence[Death | Moment]] = {
    INGEST: (Death("events_committed"), Death("messages_written"), Moment(0.5)),
    MAINTAIN: (Death("events_merged"),),
    REPLAY: (Death("messages_written"),),
    ERASE: (Death("messages_rewritten"),),
    BACKFILL: (Death("rebuilt_written"),),
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return make_scenes(tmp_path_factory.mktemp("scenes"), EVENTS_LANDED, {"empty", "most", "letters", "worn"})


@pytest.mark.parametrize("operation", KILLS, ids=lambda operation: operation.name)
def test_killed_and_done_again_it_leaves_what_it_would_have_left(scenes: Scenes, operation: Operation) -> None:
    known, toll = learn(scenes, operation), Toll()
    assert known.unpassed == []
    for death in KILLS[operation]:
        kill(scenes, known, death, toll)
    assert toll.is_clean, toll.sum_of()
    assert toll.sum_of().kills == len(KILLS[operation])
    assert toll.looks
    assert toll.sum_of().orphans


def test_killed_again_and_again_on_what_kills_left_it_ends_well(scenes: Scenes) -> None:
    toll = Toll()
    chain(scenes, learn(scenes, FROM_EMPTY), 4, random.Random(3), toll)
    assert toll.is_clean, toll.sum_of()
    assert toll.sum_of().kills == 4


@pytest.mark.parametrize(
    ("run", "death", "seen"),
    [
        (forgetful, Death("published"), "doubled"),
        (hasty, Death("logged_first"), "lost"),
        (impatient, Death("half_published"), "complaints"),
    ],
)
def test_who_breaks_the_order_of_a_commit_is_found_out(scenes: Scenes, run: Work, death: Death, seen: str) -> None:
    toll = Toll()
    kill(scenes, learn(scenes, Operation(run.__name__, "most", run, (), in_batches=True)), death, toll)
    assert getattr(toll.sum_of(), seen)


def test_orphans_and_missing_files_are_seen(scenes: Scenes) -> None:
    lake = Lake.open(scenes.copy("most", "seen"))
    before = look_at(lake)
    assert not before.missing
    orphan, lost = Path(lake.root, "warehouse", "events", "data", "orphan"), lake.physical(newest_files(lake.table("events"))[0].file_path)
    orphan.touch()
    Path(lost).unlink()
    after = look_at(lake)
    assert (after.orphans - before.orphans, after.missing) == ({str(orphan)}, {lost})


def test_two_ingests_at_once_with_and_without_the_lease_give_the_undisturbed_lake(ground: Ground) -> None:
    for has_lease in (True, False):
        settings = ground.new_lake("raced", batch_records=300)
        both = [Errand(settings, [str(ground.landing)], has_lease=has_lease).start() for _ in range(2)]
        for process in both:
            process.join()
        assert {process.exitcode for process in both} <= ({0} if has_lease else {0, 1})  # 1: it gave up, and said so
        ingest_here(Errand(settings, [str(ground.landing)]))
        assert difference(ground.expected, rows_of(Lake.open(settings), KEYRING)) == (0, 0)
        assert complaint_of_reader(Lake.open(settings)) is None
