"""Tables of a folder lake as readers open them: from the catalog's row in SQLite and the metadata file that it names.

The catalog library and what it needs take longer to import than a small query takes in all; a lake in a bucket has none
other, and what is written always goes through it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, Final

from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import FileIO, InputFile, OutputFile
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table

from engagedb.errors import LakeError
from lake.catalog import LAKE_ID, Lake
from lake.failures import telling_damage
from lake.tables import NAMESPACE
from transforms.canonical import ADDED_LATER

_OWNER: Final = "select property_value from iceberg_namespace_properties where namespace = ? and property_key = ?"
_PLACE: Final = "select metadata_location from iceberg_tables where table_namespace = ? and table_name = ?"
_WAIT_S: Final = 60.0


def readable_table(lake: Lake, name: str) -> Table | None:
    """The newest state of a table, to read only; None for one that a later version added and this lake does not have yet.

    Raises LakeError as `Lake.table` does.
    """
    if not lake.is_folder:
        return None if name in ADDED_LATER and not lake.has_table(name) else lake.table(name)
    lake.refuse_missing_catalog()
    with telling_damage(f"the table {name} in {lake.root}"):
        # Opened for writing, as every reader of SQLite must: what a killed writer began is rolled back by whoever comes next.
        with closing(sqlite3.connect(f"{Path(lake.root, 'catalog.db').as_uri()}?mode=rw", uri=True, timeout=_WAIT_S)) as catalog:
            owner = catalog.execute(_OWNER, (NAMESPACE, LAKE_ID)).fetchone()
            found = catalog.execute(_PLACE, (NAMESPACE, name)).fetchone()
        lake.refuse_owner(owner and owner[0])
        if found is None and name in ADDED_LATER:
            return None
        if found is None:
            raise LakeError(f"The lake at {lake.root} has no table {name}. Run engagedb init again to complete it.")
        files = _Files(lake)
        try:
            metadata = FromInputFile.table_metadata(files.new_input(found[0]))
        except FileNotFoundError:
            raise LakeError(f"A metadata file of table {name} is missing in {lake.root}. Restore the lake from a backup.") from None
        return Table((NAMESPACE, name), metadata, found[0], files, NoopCatalog("reader"))


class _Files(FileIO):
    """The files of a folder lake, wherever the folder is now; they can be read only."""

    def __init__(self, lake: Lake) -> None:
        super().__init__()
        self._lake = lake

    def new_input(self, location: str) -> InputFile:
        return _File(location, Path(self._lake.physical(location)))

    def new_output(self, location: str) -> OutputFile:
        raise UnsupportedOperation("readers write nothing")

    def delete(self, location: str | InputFile | OutputFile) -> None:
        raise UnsupportedOperation("readers delete nothing")


class _File(InputFile):
    def __init__(self, location: str, path: Path) -> None:
        super().__init__(location)
        self._path = path

    def __len__(self) -> int:
        return self._path.stat().st_size

    def exists(self) -> bool:
        return self._path.exists()

    def open(self, seekable: bool = True) -> BinaryIO:
        return self._path.open("rb")
