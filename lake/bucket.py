"""The bucket of an s3:// lake: single objects (manifest, lease) through boto3, table files through PyArrow.

Region, endpoint and credentials are found as the AWS tools find them, AWS_ENDPOINT_URL included.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from engagedb.errors import ConfigurationError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address, the key without slashes at its ends."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key.strip("/")


def s3_client() -> Any:
    """A boto3 S3 client."""
    try:
        import boto3
    except ModuleNotFoundError:
        raise ConfigurationError("An s3:// lake needs boto3. Install engagedb[aws].") from None
    return boto3.client("s3")


def custom_endpoint() -> str | None:
    """The address of an S3 server other than AWS, when the environment names one."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None


def bucket_filesystem(bucket: str) -> FileSystem:
    """PyArrow's access to the bucket; small files are written with one request."""
    return _filesystem(bucket, custom_endpoint(), os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))


@cache
def _filesystem(bucket: str, endpoint: str | None, region: str | None) -> FileSystem:
    from pyarrow.fs import S3FileSystem, resolve_s3_region

    if endpoint is None:
        return S3FileSystem(region=region or resolve_s3_region(bucket), allow_delayed_open=True)
    # Many servers other than AWS refuse uploads with the checksum trailers that the SDKs send unasked. The environment
    # is the only place where PyArrow's SDK can be told so; a choice that is there already stands.
    os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    return S3FileSystem(endpoint_override=endpoint, region=region or "us-east-1", allow_delayed_open=True)
