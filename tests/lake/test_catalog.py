"""Making and opening a lake: idempotent, and each refusal says what to do."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from engagedb.errors import ConfigurationError, LakeError
from engagedb.settings import Settings
from lake.catalog import Lake, catalog_name
from lake.commit import commit
from tests.lake.lifecycles import KEYRING, NOW, batch, event, new_lake, stored
from transforms.canonical import TABLES
from transforms.pseudonyms import derive_first


def test_a_new_lake_has_every_canonical_table_empty(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    assert lake.was_created
    assert {name: stored(lake, name) for name in TABLES} == {name: [] for name in TABLES}


def test_creating_a_lake_again_returns_it_as_it_is(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a")]), NOW)
    files = sorted(tmp_path.rglob("*"))
    again = new_lake(tmp_path / "lake")
    assert not again.was_created
    assert again.manifest == lake.manifest
    assert len(stored(again, "events")) == 1
    assert sorted(tmp_path.rglob("*")) == files


def test_a_lake_that_was_half_made_is_completed(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    Path(lake.root, "catalog.db").unlink()
    with pytest.raises(LakeError, match=r"catalog\.db is missing"):
        Lake.open(Settings(lake=lake.root)).table("events")
    assert not new_lake(tmp_path / "lake").was_created
    assert Lake.open(Settings(lake=lake.root)).table("events").current_snapshot() is None


def test_a_folder_name_may_hold_any_character(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "a b#c?d%41é'\"" / "lake")
    commit(lake, batch([event("a")]), NOW)
    assert len(stored(Lake.open(Settings(lake=lake.root)), "messages")) == 1


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_a_folder_with_other_things_in_it_is_not_made_a_lake(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(LakeError, match="not empty and is no lake"):
        new_lake(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_not_made_a_lake(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("mine")
    with pytest.raises(LakeError, match="is a file"):
        new_lake(tmp_path / "lake")


def test_a_missing_lake_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="Run engagedb init"):
        Lake.open(Settings(lake=str(tmp_path / "nowhere")))


def test_another_key_is_refused(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    lake.check_key(KEYRING)
    with pytest.raises(LakeError, match="key does not belong"):
        lake.check_key(derive_first(b"z" * 32))
    with pytest.raises(LakeError, match="key does not belong"):
        Lake.create(Settings(lake=lake.root), derive_first(b"z" * 32))


def test_a_lake_keeps_the_rules_for_addresses_that_it_was_made_with(tmp_path: Path) -> None:
    ignoring = replace(KEYRING, email_ignores=frozenset({"plus_tag"}))
    lake = Lake.create(Settings(lake=str(tmp_path / "lake")), ignoring)
    stated = json.loads((tmp_path / "lake" / "lake.json").read_text())
    assert (stated["format"], stated["email_ignores"]) == (2, ["plus_tag"])
    lake = Lake.open(lake.settings)
    lake.check_key(ignoring)
    with pytest.raises(LakeError, match="ENGAGEDB_EMAIL_IGNORES=plus_tag, and here it is nothing"):
        lake.check_key(KEYRING)
    with pytest.raises(LakeError, match="ENGAGEDB_EMAIL_IGNORES=nothing, and here it is gmail_dots,plus_tag"):
        new_lake(tmp_path / "other").check_key(replace(KEYRING, email_ignores=frozenset({"plus_tag", "gmail_dots"})))


def test_a_manifest_without_rules_for_addresses_reads_as_one_that_has_none(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    path = tmp_path / "lake" / "lake.json"
    stated = json.loads(path.read_text())
    assert stated["format"] == 1
    del stated["email_ignores"]
    path.write_text(json.dumps(stated))
    Lake.open(lake.settings).check_key(KEYRING)


def test_a_lake_of_a_newer_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    path = Path(lake.root, "lake.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 3, "created_by": "engagedb 9.0"}))
    with pytest.raises(LakeError, match=r"format 3, made by engagedb 9\.0.*formats up to 2") as caught:
        Lake.open(Settings(lake=lake.root))
    assert "Upgrade" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": null}', "\udcff"])
def test_a_damaged_manifest_is_told(tmp_path: Path, text: str) -> None:
    lake = new_lake(tmp_path / "lake")
    Path(lake.root, "lake.json").write_text(text, errors="surrogateescape")
    with pytest.raises(LakeError, match="damaged"):
        Lake.open(Settings(lake=lake.root))


def test_a_damaged_catalog_is_told(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    Path(lake.root, "catalog.db").write_bytes(b"no database" * 100)
    with pytest.raises(LakeError, match="cannot be used: file is not a database"):
        Lake.open(Settings(lake=lake.root)).table("events")


def test_a_catalog_of_another_lake_is_refused(tmp_path: Path) -> None:
    one, two = new_lake(tmp_path / "one"), new_lake(tmp_path / "two")
    Path(two.root, "catalog.db").write_bytes(Path(one.root, "catalog.db").read_bytes())
    with pytest.raises(LakeError, match="belongs to another lake"):
        Lake.open(Settings(lake=two.root)).table("events")


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    with sqlite3.connect(Path(lake.root, "catalog.db")) as catalog:
        catalog.execute("delete from iceberg_tables where table_name = 'notices'")
    with pytest.raises(LakeError, match="no table notices"):
        lake.table("notices")


def test_an_s3_lake_without_a_catalog_says_which_setting_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="ENGAGEDB_CATALOG"):
        catalog_name("s3://bucket/lake", Settings(lake="s3://bucket/lake"))


def test_a_state_that_is_known_is_not_parsed_again_and_a_newer_one_of_another_process_is_seen(tmp_path: Path) -> None:
    lake = new_lake(tmp_path / "lake")
    commit(lake, batch([event("a")]), NOW)
    known = lake.table("events")
    assert lake.table("events").metadata is known.metadata
    commit(Lake.open(Settings(lake=lake.root)), batch([event("b")]), NOW)
    newer = lake.table("events")
    assert newer.metadata_location != known.metadata_location
    assert len(stored(lake, "events")) == 2
