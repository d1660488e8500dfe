"""Files and folders to landing objects."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engagedb.errors import SourceError
from ingest.sources import list_objects, open_object


def names(folder: Path, *sources: Path | str) -> list[str]:
    return [os.path.relpath(found.uri, folder) for found in list_objects([str(source) for source in sources or (folder,)])]


def write(path: Path, body: bytes = b"{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the right to read everything that root has."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_gives_every_object_below_it_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b/2.gz", "b/1", "a", "b.json", ".hidden", "c/d/empty"):
        write(tmp_path / name, b"" if name.endswith("empty") else b"{}")
    assert names(tmp_path) == [".hidden", "a", "b.json", "b/1", "b/2.gz", "c/d/empty"]
    assert [found.size for found in list_objects([str(tmp_path)])] == [2, 2, 2, 2, 2, 0]


def test_an_object_comes_once_however_often_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "b" / "1")
    write(tmp_path / "ba")
    monkeypatch.chdir(tmp_path)
    assert names(tmp_path, tmp_path / "b", tmp_path / "b" / "1", "b/", "./b", "ba") == ["b/1", "ba"]


def test_rewriting_an_object_changes_its_etag(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b"{}")
    os.utime(path, ns=(0, 1_000))
    (before,) = list_objects([str(path)])
    assert before.etag == "2-1000"
    os.utime(path, ns=(0, 2_000))
    assert list(list_objects([str(path)])) != [before]


def test_an_object_opens_as_its_bytes(tmp_path: Path) -> None:
    (found,) = list_objects([str(write(tmp_path / "a", b'{"a":1}'))])
    with open_object(found) as stream:
        assert stream.read() == b'{"a":1}'


def test_a_missing_source_is_named_before_any_object_comes(tmp_path: Path) -> None:
    write(tmp_path / "a")
    with pytest.raises(SourceError, match=r"There is no file or folder .*/zzz"):
        list_objects([str(tmp_path / "a"), str(tmp_path / "zzz")])


def test_an_object_that_is_deleted_meanwhile_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a")
    (found,) = list_objects([str(path)])
    path.unlink()
    with pytest.raises(SourceError, match="There is no file"):
        open_object(found)


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    path = write(folder / "a")
    for part in (tmp_path, *tmp_path.parents[:3]):
        os.chmod(part, 0o755)
    (found,) = list_objects([str(path)])
    os.chmod(path, 0)
    with as_nobody(), pytest.raises(SourceError, match="may not be read by this user"):
        open_object(found)
    os.chmod(folder, 0)
    with as_nobody(), pytest.raises(SourceError, match="may not be read by this user"):
        list_objects([str(folder)])
    with as_nobody(), pytest.raises(SourceError, match="may not be read by this user"):
        list(list_objects([str(tmp_path)]))
    os.chmod(folder, 0o755)


def test_what_is_neither_file_nor_folder_is_refused_as_a_source_and_passed_over_in_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "a")
    assert names(tmp_path) == ["a"]
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        list_objects([str(tmp_path / "pipe")])


def test_linked_folders_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "x")
    landing = tmp_path / "landing"
    write(landing / "a")
    (landing / "linked").symlink_to(tmp_path / "elsewhere")
    (landing / "linked_file").symlink_to(tmp_path / "elsewhere" / "x")
    (tmp_path / "elsewhere" / "back").symlink_to(landing)
    assert names(landing) == ["a", "linked/x", "linked_file"]


def test_a_lake_and_its_key_are_no_landing_data(tmp_path: Path) -> None:
    write(tmp_path / "lake" / "lake.json")
    write(tmp_path / "lake" / "events" / "data.parquet")
    for name in ("lake.key", "engagedb.key", "other.key", "a.json"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a.json", "other.key"]
