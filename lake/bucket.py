"""Single objects of an s3:// lake: its manifest and its lease. Tables are read and written by PyIceberg, not here."""

from __future__ import annotations

import os
from typing import Any

from engagedb.errors import ConfigurationError


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address, the key without slashes at its ends."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key.strip("/")


def s3_client() -> Any:
    """A boto3 S3 client; region, endpoint and credentials are found as the AWS tools find them."""
    try:
        import boto3
    except ModuleNotFoundError:
        raise ConfigurationError("An s3:// lake needs boto3. Install engagedb[aws].") from None
    return boto3.client("s3")


def file_io_properties() -> dict[str, str]:
    """Region and endpoint for PyIceberg's file access. A custom endpoint needs no real region, so it gets a default one."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ("us-east-1" if endpoint else None)
    found = {"s3.endpoint": endpoint, "s3.region": region}
    return {name: value for name, value in found.items() if value}
