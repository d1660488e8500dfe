"""File access of a folder lake that follows the lake when its folder is moved or copied.

Iceberg metadata holds absolute addresses. Those stay as they were first written (the logical root); each access maps
them to the folder where the lake is now. So moving needs no command, and a copy never touches the lake it came from.
"""

from __future__ import annotations

from typing import Final

from pyarrow import fs
from pyiceberg.io import InputFile, OutputFile
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO, PyArrowLocalFileSystem
from pyiceberg.typedef import EMPTY_DICT, Properties

from lake.manifest import map_location

LOGICAL_ROOT: Final = "engagedb.logical-root"
FOLDER: Final = "engagedb.folder"


class RelocatingFileIO(PyArrowFileIO):
    """PyIceberg's access to the files below the logical root, wherever the folder is."""

    def __init__(self, properties: Properties = EMPTY_DICT) -> None:
        super().__init__(properties)
        self._local: fs.FileSystem = PyArrowLocalFileSystem()

    def new_input(self, location: str) -> PyArrowFile:
        return self._file(location)

    def new_output(self, location: str) -> PyArrowFile:
        return self._file(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        address = location if isinstance(location, str) else location.location
        self._local.delete_file(self._path(address))

    def _file(self, location: str) -> PyArrowFile:
        return PyArrowFile(location=location, path=self._path(location), fs=self._local)

    def _path(self, location: str) -> str:
        return map_location(location, self.properties[LOGICAL_ROOT], self.properties[FOLDER])
