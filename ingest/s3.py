"""Landing objects in S3, through boto3 (the extra `aws`). Every failure is one sentence; nothing is retried beyond boto3's own."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any, BinaryIO, cast

from engagedb.errors import SourceError
from ingest.sources import S3, LandingObject


def list_prefix(source: str) -> Iterator[LandingObject]:
    """Every object whose key begins with the prefix, in order of key; the first page is asked for at once."""
    bucket, prefix = _split(source)
    pages = iter(_client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
    with _explaining(source):
        first = next(pages)
    return _objects(source, bucket, chain((first,), pages))


def open_key(uri: str, etag: str, size: int) -> BinaryIO:
    """The object's bytes as a stream. Raises SourceError, also when it is not the one that was listed or not all of it comes."""
    bucket, key = _split(uri)
    client = _client()
    with _explaining(uri):
        answer = client.get_object(Bucket=bucket, Key=key, IfMatch=f'"{etag}"')
    if answer["ContentLength"] != size:  # records that do not come would be logged as read
        raise SourceError(f"{uri} cannot be read: the answer was cut short. Check the network and its proxies, and run again.")
    return cast(BinaryIO, _Body(uri, answer["Body"]))


def _objects(source: str, bucket: str, pages: Iterator[Any]) -> Iterator[LandingObject]:
    with _explaining(source):
        for page in pages:
            for found in page.get("Contents", ()):
                written_at = found["LastModified"].timestamp()
                yield LandingObject(f"{S3}{bucket}/{found['Key']}", found["ETag"].strip('"'), found["Size"], written_at)


class _Body(io.RawIOBase):
    """The body of an answer; a connection that breaks is a SourceError and not the end of the object."""

    def __init__(self, uri: str, body: Any) -> None:
        self._uri = uri
        self._body = body
        self._read_bytes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        with _explaining(self._uri):
            data: bytes = self._body.read(None if size < 0 else size)
        self._read_bytes += len(data)
        return data

    def tell(self) -> int:
        return self._read_bytes

    def close(self) -> None:
        self._body.close()
        super().close()


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix(S3).partition("/")
    if not bucket:
        raise SourceError(f"{uri} names no bucket. Write s3://bucket/prefix.")
    return bucket, key


def _client() -> Any:
    return _client_for(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"))


@cache
def _client_for(endpoint: str | None) -> Any:
    """One client per endpoint; a server that is not AWS seldom answers to bucket names as host names."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise SourceError('Reading s3:// needs boto3, which is not installed. Run: pip install "engagedb[aws]"') from None
    return boto3.Session().client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path" if endpoint else "auto"}))


@contextmanager
def _explaining(uri: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise SourceError(f"{uri} cannot be read: {_SENTENCES.get(code, f'S3 answers {code}.')}") from None
    except NoCredentialsError:
        raise SourceError(f"{uri} cannot be read: there are no AWS credentials. Set AWS_PROFILE or run aws configure.") from None
    except (BotoCoreError, HTTPError, OSError) as error:
        raise SourceError(f"{uri} cannot be read: {type(error).__name__}. Check the network and AWS_ENDPOINT_URL, and run again.") from None


_SENTENCES = {
    "NoSuchBucket": "the bucket does not exist. Check its name and the account.",
    "NoSuchKey": "the object was deleted meanwhile. Run again.",
    "AccessDenied": "access is denied. The role needs s3:ListBucket and s3:GetObject.",
    "403": "access is denied. The role needs s3:ListBucket and s3:GetObject.",
    "InvalidAccessKeyId": "the AWS access key is not known there. Check the credentials.",
    "SignatureDoesNotMatch": "the AWS secret key is wrong. Check the credentials.",
    "ExpiredToken": "the AWS credentials have expired. Sign in again.",
    "PermanentRedirect": "the bucket is in another region. Set AWS_REGION to it.",
    "InvalidObjectState": "the object is archived. Restore it first.",
    "PreconditionFailed": "the object was written again meanwhile. Run again.",
    "412": "the object was written again meanwhile. Run again.",
}
