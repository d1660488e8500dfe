"""PyIceberg's access to the table files of an s3:// lake."""

from __future__ import annotations

from pyiceberg.io import InputFile, OutputFile
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO

from lake.bucket import bucket_filesystem, s3_client, split_uri


class BucketFileIO(PyArrowFileIO):
    """Reads and writes through one file system per bucket. Deletes through boto3: PyArrow would leave an empty object
    named like the folder behind, which some servers take for a file in the folder's place."""

    def new_input(self, location: str) -> PyArrowFile:
        return self._file(location)

    def new_output(self, location: str) -> PyArrowFile:
        return self._file(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        bucket, key = split_uri(location if isinstance(location, str) else location.location)
        s3_client().delete_object(Bucket=bucket, Key=key)

    def _file(self, location: str) -> PyArrowFile:
        return PyArrowFile(location=location, path=location.removeprefix("s3://"), fs=bucket_filesystem(split_uri(location)[0]))
