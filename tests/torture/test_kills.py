"""The short form of the torture: some kills, then the lake is what it would have been. See `python -m tests.torture`."""

from __future__ import annotations

import signal

from lake.catalog import Lake
from tests.ingest.conftest import text_event
from tests.torture.ingester import KEYRING, Death, Errand, ingest_here
from tests.torture.kills import Toll, torture
from tests.torture.landing import Ground
from tests.torture.rows import complaint_of_reader, difference, rows_of

SHORT = ("read", "events_committed", "tagged", "messages_written", "published", "logged")


def test_killed_along_a_commit_nothing_is_lost_or_doubled_and_readers_see_whole_batches(ground: Ground) -> None:
    toll = Toll()
    torture(ground, [Death(point) for point in SHORT], toll, batch_records=100, told=lambda sentence: None)
    assert toll.complaints == []
    assert toll.is_clean, toll.state
    assert set(toll.kills) == set(SHORT)
    assert toll.looks


def test_a_replay_killed_before_the_letters_are_marked_is_healed_by_the_next(ground: Ground) -> None:
    settings = ground.new_lake("replayed", batch_records=1_000)
    landing = ground.place / "letters"
    landing.mkdir(exist_ok=True)
    (landing / "events").write_bytes(b"".join(orjson_line(number) for number in range(20)))
    few = settings.model_copy(update={"max_record_bytes": 100})  # every record is too large, and kept as a dead letter
    ingest_here(Errand(few, [str(landing)]))
    letters = Lake.open(settings)
    assert rows_of(letters, KEYRING)["ids of dead_letters"].total() == 20
    for point in ("events_committed", "published", "compacted"):
        process = Errand(settings, death=Death(point), replays=True).start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    for _ in range(2):
        ingest_here(Errand(settings, replays=True))
    rows = rows_of(Lake.open(settings), KEYRING)
    assert rows["ids of events"].total() == len(rows["ids of events"]) == 20
    assert complaint_of_reader(Lake.open(settings)) is None


def orjson_line(number: int) -> bytes:
    import orjson

    return orjson.dumps(text_event(f"{number:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11")) + b"\n"


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
