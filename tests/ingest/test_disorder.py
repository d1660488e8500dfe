"""Events come late, twice and in any order, and the rows of their messages are the same."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from engagedb.settings import Settings
from ingest.batch import PortionBuilder
from ingest.reading import records
from ingest.run import ingest
from ingest.transformer import Transformer
from lake.catalog import Lake
from lake.fold_events import READ, fold_events
from tests.ingest.payloads import WAYS, Payload, lifecycles
from tests.lake.lifecycles import stored
from transforms.pseudonyms import derive_first
from transforms.vocabulary import Channel, Direction

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEYRING = derive_first(bytes(range(32)))
TRANSFORMER = Transformer(Settings(), KEYRING)


def events_of(payloads: list[Payload], folder: Path) -> pa.Table:
    """The events that the real reader and the real templates make of the payloads, one after another."""
    place = folder / "all"
    place.write_bytes(b"".join(json.dumps(payload).encode() for payload in payloads))
    builder = PortionBuilder()
    with place.open("rb") as stream:
        for opened in records(stream, place.name, Settings().max_record_bytes):
            TRANSFORMER.put(opened, builder, NOW)
    ready = builder.finish().batch()
    assert ready.dead_letters.num_rows == 0, ready.dead_letters["detail"].to_pylist()
    return ready.events


def folded(events: pa.Table) -> list[dict[str, Any]]:
    rows = fold_events(events.select(READ)).to_pylist()
    return sorted(rows, key=lambda row: row["message_key"])


def disordered(payloads: list[Payload], chance: random.Random) -> list[Payload]:
    again = [*payloads, *chance.choices(payloads, k=len(payloads) // 2)]
    chance.shuffle(again)
    return again


def test_every_channel_has_lifecycles_both_ways(tmp_path: Path) -> None:
    assert set(WAYS) == {(str(channel), str(direction)) for channel in Channel for direction in Direction}
    for (channel, direction), lifecycle in WAYS.items():

        def is_told(payloads: list[Payload], way: tuple[str, str] = (channel, direction)) -> bool:
            events = events_of(payloads, tmp_path).filter(pc.field("message_key").is_valid())
            return way in zip(events["channel"].to_pylist(), events["direction"].to_pylist(), strict=True)

        find(lifecycle("m"), is_told, settings=settings(phases=[Phase.generate], deadline=None, database=None))


@given(lifecycles(), st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_the_records_of_every_channel_in_any_order_and_number_of_copies_give_the_same_messages(
    tmp_path: Path, payloads: list[Payload], chance: random.Random
) -> None:
    assert folded(events_of(disordered(payloads, chance), tmp_path)) == folded(events_of(payloads, tmp_path))


@given(lifecycles(), st.randoms(use_true_random=False))
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_landing_objects_in_any_split_and_batches_of_any_size_give_the_same_lake(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[Payload], chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("disorder")
    expected = events_of(payloads, folder)
    chosen = Settings(lake=str(folder / "lake"), batch_records=chance.choice([20, 50]))
    lake = Lake.create(chosen, KEYRING)
    (folder / "landing").mkdir()
    pieces, tallies = disordered(payloads, chance), []
    while pieces:
        for _ in range(chance.randint(1, 4)):  # objects of one run
            size = chance.randint(5, 60)
            _write(folder / "landing" / f"{len(pieces):04}", pieces[:size], chance)
            pieces = pieces[size:]
        tallies.append(ingest(lake, KEYRING, [str(folder / "landing")], chosen, clock=lambda: NOW, progress=lambda _: lambda *_: None))
    assert [row["event_id"] for row in stored(lake, "events")] == sorted(set(expected["event_id"].to_pylist()))
    assert stored(lake, "messages") == folded(expected)
    assert sum(tally.rows["events"] for tally in tallies) == len(stored(lake, "events"))


def _write(place: Path, payloads: list[Payload], chance: random.Random) -> None:
    separator = chance.choice([b"\n", b""])
    body = b"".join(json.dumps(payload).encode() + separator for payload in payloads)
    place.write_bytes(gzip.compress(body) if chance.random() < 0.3 else body)
