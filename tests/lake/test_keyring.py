import base64
import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from engagedb.errors import ConfigurationError
from engagedb.settings import Settings
from lake.keyring import create_key_file, key_path, load_key_file, require_keyring
from transforms.pseudonyms import derive_first

ROOT = bytes(range(32))


def settings(**changes: object) -> Settings:
    return Settings.model_construct(**{**{name: field.default for name, field in Settings.model_fields.items()}, **changes})


def test_a_new_key_file_is_private_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "lake.key"
    made = create_key_file(path, str(tmp_path / "lake"))
    assert load_key_file(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_new_keys_differ(tmp_path: Path) -> None:
    assert create_key_file(tmp_path / "a", "lake").root != create_key_file(tmp_path / "b", "lake").root


def test_an_existing_key_is_never_overwritten_and_its_owner_is_told_to_back_it_up(tmp_path: Path) -> None:
    path = tmp_path / "lake.key"
    create_key_file(path, "lake")
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="Back it up"):
        create_key_file(path, "lake")
    assert path.read_bytes() == before


def test_a_key_inside_the_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="inside the lake"):
        create_key_file(tmp_path / "lake" / "my.key", str(tmp_path / "lake"))


@pytest.mark.parametrize(
    "text",
    [ROOT.hex(), ROOT.hex().upper() + "\n", base64.b64encode(ROOT).decode(), base64.urlsafe_b64encode(ROOT).decode().rstrip("=")],
)
def test_the_environment_holds_the_root_in_hex_or_base64(text: str) -> None:
    assert require_keyring(settings(pseudonym_key=SecretStr(text)), "lake") == derive_first(ROOT)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    create_key_file(tmp_path / "lake.key", "lake")
    assert require_keyring(settings(pseudonym_key=SecretStr(ROOT.hex()), key_file=tmp_path / "lake.key"), "lake") == derive_first(ROOT)


def test_a_file_with_the_bare_root_is_a_keyring_too(tmp_path: Path) -> None:
    (tmp_path / "k").write_text(ROOT.hex())
    assert load_key_file(tmp_path / "k") == derive_first(ROOT)


@pytest.mark.parametrize("text", ["", "00ff", ROOT.hex()[:-2], "x" * 44, base64.b64encode(b"short").decode(), "geheim"])
def test_a_key_of_another_length_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="ENGAGEDB_PSEUDONYM_KEY must hold 32 bytes") as caught:
        require_keyring(settings(pseudonym_key=SecretStr(text)), "lake")
    assert not text or text not in str(caught.value)


def test_without_any_key_the_places_and_the_command_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        require_keyring(settings(), str(tmp_path / "lake"))
    sentence = str(caught.value)
    assert all(part in sentence for part in ("ENGAGEDB_PSEUDONYM_KEY", str(tmp_path / "lake.key"), "engagedb init", "--key-file"))


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"engagedb_keyring": 1, "root": "00", "pseudonym_keys": []}', '{"engagedb_keyring": 1, "root": 5}']
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "k").write_text(text)
    with pytest.raises(ConfigurationError, match="back-up"):
        load_key_file(tmp_path / "k")


def test_a_key_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    create_key_file(tmp_path / "k", "lake")
    (tmp_path / "k").write_text((tmp_path / "k").read_text().replace('"engagedb_keyring": 1', '"engagedb_keyring": 2'))
    with pytest.raises(ConfigurationError, match="newer version"):
        load_key_file(tmp_path / "k")


def test_a_binary_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not plain text"):
        load_key_file(tmp_path / "k")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_key_file_without_permission_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k").touch(mode=0o000)
    with pytest.raises(ConfigurationError, match="permissions"):
        load_key_file(tmp_path / "k")


@pytest.mark.parametrize(
    ("location", "expected"), [("./lake", "lake.key"), ("/data/lake/", "/data/lake.key"), ("s3://bucket/lake", "engagedb.key")]
)
def test_the_key_lies_beside_a_folder_lake_and_here_for_another(location: str, expected: str) -> None:
    assert key_path(settings(), location) == Path(expected)


def test_a_lake_in_the_current_folder_has_its_key_beside_that_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert key_path(settings(), ".") == tmp_path.with_name(tmp_path.name + ".key")
