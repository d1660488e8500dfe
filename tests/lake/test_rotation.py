"""Rotation of pseudonym keys: joins go on with the keyring, end with the old key, and a stop anywhere is completed."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engagedb.errors import ConfigurationError, RotatedError
from engagedb.settings import Settings, data_folder
from ingest.backfill import backfill
from ingest.begin import begin_lake
from ingest.replay import replay
from ingest.run import Run, ingest
from ingest.sources import list_objects
from lake.catalog import Lake
from lake.cli_keys import keys_list_command
from lake.current_key import current_key
from lake.dead_letters import find_dead_letters
from lake.links import count_links, same_persons
from lake.query.session import Session
from lake.rotation import destroy, rotate
from tests.lake.offices import ANN, BEN, CYD, NOW, Office
from transforms.pseudonyms import Pseudonymiser, derive_first


class Dies(Exception):
    pass


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def dies_at(wanted: str) -> Callable[[str], None]:
    def checkpoint(point: str) -> None:
        if point == wanted:
            raise Dies

    return checkpoint


def test_joins_go_on_across_two_rotations_under_one_id(office: Office) -> None:
    office.ingest(ANN, ANN, BEN)
    assert office.history() == {office.id_of(ANN): 2, office.id_of(BEN): 1}
    ben = office.id_of(BEN)
    office.rotate("b")
    office.ingest(ANN, CYD)
    office.rotate("c")
    office.ingest(CYD)
    assert len(office.keyring.pseudonym_keys) == 3
    ann_of_b = Pseudonymiser(replace(office.keyring, pseudonym_keys=office.keyring.older)).person(ANN)
    assert office.history() == {ann_of_b: 3, ben: 1, office.id_of(CYD): 2}
    office.ingest(ANN)
    assert office.history() == {office.id_of(ANN): 4, ben: 1, office.id_of(CYD): 2}


def test_before_the_first_rotation_there_is_nothing_to_link(office: Office) -> None:
    office.ingest(ANN)
    assert office.ask("SELECT count(*) AS n FROM same_person") == [{"n": 0}]
    assert count_links(office.lake) == {}


def test_a_link_is_stored_once_and_tells_the_older_pseudonym_to_nobody_without_the_key(office: Office) -> None:
    office.ingest(ANN)
    before = office.id_of(ANN)
    office.rotate("b")
    for _ in range(3):
        office.ingest(ANN, ANN)
    (link,) = office.ask("SELECT * FROM pseudonym_links")
    assert (link["pseudonym"], link["key_id"]) == (office.id_of(ANN), office.keyring.older[0].id)
    assert office.ask("SELECT pseudonym, person_id FROM same_person") == [{"pseudonym": before, "person_id": office.id_of(ANN)}]
    stored = b"".join(path.read_bytes() for path in Path(office.settings.lake, "warehouse/pseudonym_links").rglob("*.parquet"))
    assert before.encode() not in stored
    with pytest.raises(ConfigurationError, match="There is no relation same_person"):
        Session.open(office.settings, NOW).sql("SELECT * FROM same_person")


def test_customers_are_linked_too(office: Office) -> None:
    context = {"context": {"customerId": "crm-4711"}}
    office.ingest(ANN, **context)
    office.rotate("b")
    office.ingest(BEN, **context)
    (row,) = office.ask("SELECT count(*) AS n FROM events JOIN same_person ON pseudonym = customer_id")
    assert row == {"n": 1}


def test_the_same_record_after_a_rotation_is_a_duplicate_still(office: Office) -> None:
    path = office.land(ANN, BEN)
    for landed in (path, path.with_name("again.json")):
        landed.write_bytes(path.read_bytes())
        ingest(office.lake, office.keyring, [str(landed)], office.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)
        if landed == path:
            office.rotate("b")
    assert office.ask("SELECT count(*) AS n FROM events") == [{"n": 2}]


def test_a_process_that_began_before_the_rotation_is_refused_and_loses_nothing(office: Office) -> None:
    office.ingest(ANN)
    run = Run(office.lake, office.keyring, office.settings, lambda: NOW)
    office.rotate("b")
    path = office.land(ANN, BEN)
    for found in list_objects([str(path)]):
        run.read(found, lambda *_: None)
    with pytest.raises(RotatedError, match="start again with the newest key file"):
        run.commit()
    assert office.ask("SELECT count(*) AS n FROM events") == [{"n": 1}]
    ingest(office.lake, office.keyring, [str(path)], office.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None)
    assert office.history() == {office.id_of(ANN): 2, office.id_of(BEN): 1}


def test_the_bare_root_of_a_key_file_is_refused_once_the_lake_knows_its_key(office: Office) -> None:
    office.ingest(ANN)
    with pytest.raises(RotatedError, match="bare root"):
        office.ingest(BEN, keyring=derive_first(office.keyring.root))


def test_destroying_the_old_key_ends_its_pseudonyms_and_their_links(office: Office) -> None:
    office.ingest(ANN)
    before, first = office.id_of(ANN), office.keyring.current.id
    office.rotate("b")
    office.ingest(ANN)
    assert destroy(office.lake, office.path, first) == 1
    assert [key.id for key in office.keyring.pseudonym_keys] == [office.keyring.current.id]
    assert office.history() == {before: 1, office.id_of(ANN): 1}
    assert count_links(office.lake) == {}
    office.ingest(ANN)
    assert count_links(office.lake) == {}
    derived = derive_first(office.keyring.root)
    assert before not in {Pseudonymiser(ring).person(ANN) for ring in (office.keyring, derived)}


def test_destroying_a_key_in_the_middle_takes_the_links_from_it_too(office: Office) -> None:
    office.ingest(ANN)
    first = office.id_of(ANN)
    office.rotate("b")
    office.ingest(ANN)
    middle = office.keyring.current.id
    office.rotate("c")
    office.ingest(ANN)
    assert destroy(office.lake, office.path, middle) == 2
    (link,) = office.ask("SELECT pseudonym, person_id FROM same_person")
    assert link == {"pseudonym": first, "person_id": office.id_of(ANN)}


@pytest.mark.parametrize("point", ["replaced", "rotated"])
def test_a_rotation_that_was_stopped_is_completed_and_makes_no_second_key(office: Office, point: str) -> None:
    office.ingest(ANN)
    with pytest.raises(Dies):
        office.rotate("b", checkpoint=dies_at(point))
    if point == "replaced":
        assert current_key(office.lake) == office.keyring.older[0].id
        done = office.rotate("c")
        assert (done.was_begun, done.now) == (True, office.keyring.current.id)
    assert len(office.keyring.pseudonym_keys) == 2
    assert current_key(office.lake) == office.keyring.current.id


def test_an_ingest_completes_a_rotation_that_was_stopped(office: Office) -> None:
    office.ingest(ANN)
    with pytest.raises(Dies):
        office.rotate("b", checkpoint=dies_at("replaced"))
    office.ingest(ANN)
    assert current_key(office.lake) == office.keyring.current.id
    assert office.history() == {office.id_of(ANN): 2}


@pytest.mark.parametrize("point", ["replaced", "unlinked"])
def test_a_destruction_that_was_stopped_is_completed_by_the_same_call(office: Office, point: str) -> None:
    office.ingest(ANN)
    first = office.keyring.current.id
    office.rotate("b")
    office.ingest(ANN)
    with pytest.raises(Dies):
        destroy(office.lake, office.path, first, checkpoint=dies_at(point))
    if point == "replaced":
        assert destroy(office.lake, office.path, first) == 1
    with pytest.raises(ConfigurationError, match="There is no key"):
        destroy(office.lake, office.path, first)
    assert count_links(office.lake) == {}


def test_a_stop_between_links_and_events_doubles_nothing(office: Office) -> None:
    office.ingest(ANN)
    office.rotate("b")
    path = office.land(ANN, BEN)

    def once_more(**options: Any) -> None:
        ingest(office.lake, office.keyring, [str(path)], office.settings, clock=lambda: NOW, progress=lambda _: lambda *_: None, **options)

    for point in ("leased", "events_written", "events_committed", "published"):
        with pytest.raises(Dies):
            once_more(checkpoint=dies_at(point))
    once_more()
    assert count_links(office.lake) == {office.keyring.older[0].id: 2}
    assert office.history() == {office.id_of(ANN): 2, office.id_of(BEN): 1}


def test_the_current_key_and_one_that_the_root_gives_are_not_destroyed(office: Office) -> None:
    with pytest.raises(ConfigurationError, match="Run engagedb keys rotate first"):
        destroy(office.lake, office.path, office.keyring.current.id)
    root = bytes(range(32))
    bare = office.path.with_name("bare.key")
    bare.write_text(root.hex())
    settings = Settings(lake=str(bare.with_name("other")), key_file=str(bare))
    begin_lake(settings, existing_key=True)
    rotate(Lake.open(settings), bare, b"b" * 32)
    with pytest.raises(ConfigurationError, match="derived from the root"):
        destroy(Lake.open(settings), bare, derive_first(root).current.id)


def test_the_new_key_file_is_private_and_a_link_to_it_stays_a_link(office: Office) -> None:
    link = office.path.with_name("link.key")
    link.symlink_to(office.path.name)
    rotate(office.lake, link, b"b" * 32)
    assert link.is_symlink()
    assert stat.S_IMODE(office.path.stat().st_mode) == 0o600
    assert len(office.keyring.pseudonym_keys) == 2
    assert sorted(path.name for path in office.path.parent.iterdir()) == ["lake", "lake.key", "landing", "link.key"]


def test_a_lake_of_an_earlier_version_without_the_table_takes_a_rotation(office: Office) -> None:
    office.lake.catalog.drop_table(("engagedb", "pseudonym_links"))
    office.ingest(ANN)
    assert office.ask("SELECT * FROM same_person") == []
    office.rotate("b")
    office.ingest(ANN)
    assert office.history() == {office.id_of(ANN): 2}


def test_rebuilt_days_are_linked(office: Office) -> None:
    office.ingest(ANN, BEN)
    before = {office.id_of(number): number for number in (ANN, BEN)}
    office.rotate("b")
    day = datetime.fromtimestamp(1772620829, UTC).date()
    backfill(
        office.lake, office.keyring, [str(office.landing)], office.settings, day, day, "new key", may_keep=False, clock=lambda: NOW,
        progress=lambda _: lambda *_: None,
    )  # fmt: skip
    assert {row["recipient_id"] for row in office.ask("SELECT recipient_id FROM events")} == {office.id_of(ANN), office.id_of(BEN)}
    found = same_persons(office.lake, office.keyring).to_pylist()
    assert {row["pseudonym"]: row["person_id"] for row in found} == {older: office.id_of(number) for older, number in before.items()}


def test_replayed_letters_are_linked(office: Office, tmp_path: Path) -> None:
    office.ingest(ANN)
    (tmp_path / "templates").mkdir()
    shutil.copytree(data_folder("templates") / "ses", tmp_path / "templates" / "ses")
    fewer = office.settings.model_copy(update={"templates": str(tmp_path / "templates")})
    ingest(office.lake, office.keyring, [str(office.land(ANN))], fewer, clock=lambda: NOW, progress=lambda _: lambda *_: None)
    office.rotate("b")
    done = replay(office.lake, office.keyring, office.settings, find_dead_letters(office.lake), clock=lambda: NOW)
    assert (done.tried, done.refused) == (1, 0)
    assert office.history() == {office.id_of(ANN): 2}


def test_the_list_of_keys_tells_a_rotation_that_was_stopped_and_changes_nothing(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    def states() -> list[str]:
        keys_list_command(lake=office.settings.lake, key_file=None, as_json=True)
        return [key["state"] for key in json.loads(capsys.readouterr().out)["keys"]]

    assert states() == ["current"]
    office.ingest(ANN)
    with pytest.raises(Dies):
        office.rotate("b", checkpoint=dies_at("replaced"))
    assert states() == states() == ["current", "begun"]
    office.rotate("c")
    assert states() == ["older", "current"]
