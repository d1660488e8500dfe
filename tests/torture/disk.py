"""The files of a folder lake: those that nothing names, and those that are named and missing; found without lake/maintenance."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lake.catalog import Lake
from transforms.canonical import TABLES


@dataclass(frozen=True)
class Disk:
    """`orphans` are below the warehouse and named by no snapshot; `missing` are named and not there."""

    orphans: frozenset[str]
    missing: frozenset[str]


def look_at(lake: Lake) -> Disk:
    """What stands on disk against what the tables' metadata name."""
    warehouse = Path(lake.root, "warehouse")
    there = {str(path) for path in warehouse.rglob("*") if path.is_file()}
    named = {path for name in TABLES if lake.has_table(name) for path in _named(lake, name)}
    return Disk(frozenset(there - named), frozenset(named - there))


def copy_lake(made: Path, to: Path) -> None:
    """A copy that shares the warehouse's files, which are never changed once written, and nothing else."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(made, to, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    if "/warehouse/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _named(lake: Lake, name: str) -> set[str]:
    table = lake.table(name)
    addresses = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    manifests = {}
    for snapshot in table.snapshots():
        addresses.add(snapshot.manifest_list)
        if Path(lake.physical(snapshot.manifest_list)).exists():
            manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)}
    addresses |= manifests.keys()
    for path, manifest in manifests.items():
        if Path(lake.physical(path)).exists():
            addresses |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)}
    return {lake.physical(address) for address in addresses}
