"""Orphan files go: files below the warehouse that no snapshot in the tables' metadata names.

They are what killed commits left behind, and what expired snapshots held. The list is made before the metadata is read,
and a file that was written lately stays: a commit that is under way names its files only at its end. Files of live
snapshots stay whatever their age, so that no reader loses one (lake/maintenance/expire.py tells how long snapshots live).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from engagedb.errors import LakeError
from lake.catalog import Lake
from transforms import canonical

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo
    from pyiceberg.table import Table

SAFETY_AGE: Final = timedelta(hours=25)  # above the time that readers have: see lake/thin.py


@dataclass(frozen=True, slots=True)
class Swept:
    """Orphans that were deleted, or would be."""

    files: int = 0
    size_bytes: int = 0


def sweep(
    lake: Lake,
    now: datetime,
    *,
    expired: Mapping[str, Collection[int]] | None = None,
    safety_age: timedelta = SAFETY_AGE,
    dry_run: bool = False,
    checkpoint: Callable[[str], None] = lambda point: None,
) -> dict[str, Swept]:
    """What was swept from each table's folder. `expired` are snapshots per table that are to count as gone already.

    Needs no lease: nothing that is swept can come into use again. Checkpoints: <table>_orphan before each file goes.
    """
    done: dict[str, Swept] = {}
    for name in canonical.TABLES:
        if not lake.has_table(name):
            continue
        listed = [file for file in _files_below(lake, name) if _is_older(file, now - safety_age)]
        table, used = _used_files(lake, name, (expired or {}).get(name, ()))
        orphans = [file for file in listed if file.path not in used]
        for file in orphans if not dry_run else ():
            checkpoint(f"{name}_orphan")
            _delete(lake, table, file.path)
        done[name] = Swept(len(orphans), sum(file.size for file in orphans))
    return done


def _files_below(lake: Lake, name: str) -> Iterator[FileInfo]:
    from pyarrow.fs import FileSelector, FileType

    folder = f"{lake.root.removeprefix('s3://')}/warehouse/{name}"
    found = lake.filesystem.get_file_info(FileSelector(folder, recursive=True, allow_not_found=True))
    return (file for file in found if file.type == FileType.File)


def _is_older(file: FileInfo, moment: datetime) -> bool:
    """False also for a file whose time nobody knows."""
    return file.mtime is not None and file.mtime < moment


def _used_files(lake: Lake, name: str, expired: Collection[int]) -> tuple[Table, set[str]]:
    """The table, loaded after the list of files, and every file that it names, as the file system calls them.

    So a file that was listed and committed since counts as used.
    """
    table = lake.table(name)
    while True:
        try:
            return table, {lake.physical(address).removeprefix("s3://") for address in _addresses(table, expired)}
        except FileNotFoundError:
            seen, table = table.metadata_location, lake.table(name)
            if table.metadata_location == seen:
                raise LakeError(f"A metadata file of table {name} is missing in {lake.root}. Restore the lake from a backup.") from None
            # else another sweep was faster, and that state is history


def _addresses(table: Table, expired: Collection[int]) -> set[str]:
    """Metadata, manifest lists, manifests and data files of every snapshot."""
    from pyiceberg.utils.concurrent import ExecutorFactory

    snapshots = [snapshot for snapshot in table.snapshots() if snapshot.snapshot_id not in expired]
    executor = ExecutorFactory.get_or_create()
    listed = executor.map(lambda snapshot: snapshot.manifests(table.io), snapshots)
    manifests = {manifest.manifest_path: manifest for found in listed for manifest in found}
    entries = executor.map(lambda manifest: manifest.fetch_manifest_entry(table.io, discard_deleted=True), manifests.values())
    return {
        table.metadata_location,
        *(entry.metadata_file for entry in table.metadata.metadata_log),
        *(file.statistics_path for file in table.metadata.statistics),
        *(snapshot.manifest_list for snapshot in snapshots),
        *manifests,
        *(entry.data_file.file_path for found in entries for entry in found),
    }


def _delete(lake: Lake, table: Table, path: str) -> None:
    """A file that another sweep deleted is as good as deleted."""
    root = lake.root.removeprefix("s3://")
    try:
        table.io.delete(lake.manifest.location + path.removeprefix(root))
    except FileNotFoundError:
        return
