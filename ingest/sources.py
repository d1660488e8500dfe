"""Where landing objects are found and how their bytes are read: files, folders and `s3://` prefixes.

Objects come in the order of their names, each once, whatever overlaps. What engagedb itself keeps in a folder (a lake,
its key) is never taken for landing data, so that `engagedb ingest .` does what it looks like.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from engagedb.errors import SourceError

S3 = "s3://"
SETTLING_S = 2.0


@dataclass(frozen=True, slots=True)
class LandingObject:
    """One object to read; another etag under the same uri means that it was written again. `written_at` is Unix time in seconds."""

    uri: str
    etag: str
    size: int
    written_at: float = field(default=0.0, compare=False)

    @property
    def name(self) -> str:
        """The uri as it can be written down: bytes of a file name that are no text stand escaped."""
        return self.uri.encode("utf-8", "backslashreplace").decode("utf-8")


def is_settling(landing_object: LandingObject, now: datetime) -> bool:
    """True for a local file that was written so lately that its writer may not have finished; in a bucket objects appear whole."""
    if landing_object.uri.startswith(S3):
        return False
    age = now.timestamp() - int(landing_object.etag.rpartition("-")[2]) / 1e9
    return 0 <= age < SETTLING_S


def list_objects(sources: Sequence[str]) -> Iterator[LandingObject]:
    """Every object below the sources. All of them are looked at before the first object comes.

    Raises SourceError for a source that is not there or may not be read."""
    listings: list[Iterator[LandingObject]] = []
    for source in without_overlap(sources):
        if source.startswith(S3):
            from ingest.s3 import list_prefix

            listings.append(list_prefix(source))
        else:
            listings.append(_list_path(Path(source)))
    return (found for listing in listings for found in listing)


def open_object(landing_object: LandingObject) -> BinaryIO:
    """The object's bytes as a stream; the caller closes it. Raises SourceError when it cannot be read any more."""
    if landing_object.uri.startswith(S3):
        from ingest.s3 import open_key

        return open_key(landing_object.uri, landing_object.etag, landing_object.size)
    with _explaining(landing_object.uri):
        return open(landing_object.uri, "rb")  # the caller closes it


def without_overlap(sources: Sequence[str]) -> list[str]:
    """The sources in order of name, local ones as absolute paths, without those that lie in another one."""
    kept: list[str] = []
    for source in sorted({source if source.startswith(S3) else os.path.abspath(source) for source in sources}):
        if not any(source.startswith(other if other.startswith(S3) else other.rstrip("/") + "/") for other in kept):
            kept.append(source)
    return kept


def _list_path(path: Path) -> Iterator[LandingObject]:
    with _explaining(str(path)):
        found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        return _walk(_entries(str(path)), {(found.st_dev, found.st_ino)})
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(f"{path} is neither a file nor a folder. Name a file, a folder or an s3:// prefix.")
    return iter((_local_object(str(path), found),))


def _walk(entries: list[os.DirEntry[str]], above: set[tuple[int, int]]) -> Iterator[LandingObject]:
    """`above` are the folders on the way here, so that a link to one of them is not followed for ever."""
    for entry in entries:
        try:
            found = entry.stat()
        except OSError:
            continue  # deleted meanwhile, or a link to nothing
        if stat.S_ISREG(found.st_mode):
            if not _is_key(entry):
                yield _local_object(entry.path, found)
        elif stat.S_ISDIR(found.st_mode):
            folder = (found.st_dev, found.st_ino)
            if folder not in above and not os.path.exists(os.path.join(entry.path, "lake.json")):
                yield from _walk(_entries(entry.path), above | {folder})


def _entries(path: str) -> list[os.DirEntry[str]]:
    """What is in a folder; a sub-folder sorts as the paths inside it do."""
    with _explaining(path), os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name + "/" if entry.is_dir() else entry.name)


def _is_key(entry: os.DirEntry[str]) -> bool:
    lake = entry.path.removesuffix(".key")
    return entry.name == "engagedb.key" or (lake != entry.path and os.path.exists(os.path.join(lake, "lake.json")))


def _local_object(path: str, found: os.stat_result) -> LandingObject:
    return LandingObject(path, f"{found.st_size}-{found.st_mtime_ns}", found.st_size, found.st_mtime)


@contextmanager
def _explaining(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise SourceError(f"There is no file or folder {path}. Check the path.") from None
    except PermissionError:
        raise SourceError(f"{path} may not be read by this user. Give it read permission, or name another source.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check the disk or the mount.") from None
