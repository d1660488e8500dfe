"""S3 prefixes to landing objects, against a real HTTP server."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagedb.errors import SourceError
from engagedb.settings import Settings
from ingest.begin import begin_lake
from ingest.decompress import decompress
from ingest.documents import Document, read_documents
from ingest.sources import LandingObject, list_objects, open_object
from tests.ingest.conftest import text_event

boto3 = pytest.importorskip("boto3")
moto_server = pytest.importorskip("moto.server")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that speaks S3, and an environment that points to it."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield endpoint
    server.stop()


@pytest.fixture
def bucket(server: str) -> Any:
    bucket = boto3.resource("s3").Bucket("landing")
    bucket.create()
    yield bucket
    bucket.objects.delete()
    bucket.delete()


def found_under(source: str) -> list[str]:
    return [found.uri for found in list_objects([source])]


def test_a_prefix_gives_every_object_below_it_in_order_of_key(bucket: Any) -> None:
    for key in ("sms/2026/b.gz", "sms/2026/a", "sms/empty", "ses/x", "sms/"):
        bucket.put_object(Key=key, Body=b"" if key.endswith(("empty", "/")) else b"{}")
    assert found_under("s3://landing/sms/") == [
        "s3://landing/sms/",
        "s3://landing/sms/2026/a",
        "s3://landing/sms/2026/b.gz",
        "s3://landing/sms/empty",
    ]
    assert len(found_under("s3://landing")) == 5
    assert found_under("s3://landing/nothing/") == []


def test_more_objects_than_a_page_holds_are_all_listed(bucket: Any) -> None:
    shelves = pytest.importorskip("moto.s3.models").s3_backends["123456789012"]["aws"]  # past the server, which is slow
    for number in range(1_005):
        shelves.put_object("landing", f"many/{number:05}", b"")
    assert len(found_under("s3://landing/many/")) == 1_005


def test_overlapping_prefixes_give_an_object_once(bucket: Any) -> None:
    bucket.put_object(Key="sms/a", Body=b"{}")
    assert [found.uri for found in list_objects(["s3://landing/sms/", "s3://landing/", "s3://landing/sms/a"])] == ["s3://landing/sms/a"]


def test_an_object_streams_through_decompression(bucket: Any) -> None:
    body = b'{"a":"b"}' * 50_000
    for key, packed in {"plain": body, "packed": gzip.compress(body)}.items():
        bucket.put_object(Key=key, Body=packed)
        (found,) = list_objects([f"s3://landing/{key}"])
        assert found.size == len(packed)
        with open_object(found) as stream:
            documents = list(read_documents(decompress(stream), max_record_bytes=1 << 20))
            assert stream.tell() == len(packed)
        assert len(documents) == 50_000
        assert documents[-1] == Document(9 * 49_999, b'{"a":"b"}', {"a": "b"})


def test_a_parquet_object_gives_its_rows(bucket: Any) -> None:
    table = pa.table({"messageid": ["m1", "m2"], "channel": ["text", "text"]})
    out = io.BytesIO()
    pq.write_table(table, out)
    bucket.put_object(Key="events/2026/03/04/10/part-1.parquet", Body=out.getvalue())
    (found,) = list_objects(["s3://landing/events/"])
    with open_object(found) as stream:
        rows = [item.value for item in read_documents(decompress(stream), max_record_bytes=1_000) if isinstance(item, Document)]
    assert rows == table.to_pylist()


def test_an_object_written_again_meanwhile_is_not_taken_for_the_listed_one(bucket: Any) -> None:
    bucket.put_object(Key="a", Body=b"{}")
    (found,) = list_objects(["s3://landing/a"])
    bucket.put_object(Key="a", Body=b"[]")
    (changed,) = list_objects(["s3://landing/a"])
    assert changed.etag != found.etag
    with pytest.raises(SourceError, match="written again meanwhile"):
        open_object(found)


def test_an_object_deleted_meanwhile_is_named(bucket: Any) -> None:
    with pytest.raises(SourceError, match="s3://landing/gone cannot be read: the object was deleted"):
        open_object(LandingObject("s3://landing/gone", "etag", 1))


def test_a_missing_bucket_is_one_sentence(server: str) -> None:
    with pytest.raises(SourceError, match="s3://no-such-bucket/x cannot be read: the bucket does not exist"):
        list_objects(["s3://no-such-bucket/x"])
    with pytest.raises(SourceError, match="names no bucket"):
        list_objects(["s3://"])


def test_a_server_that_is_not_there_is_one_sentence(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(SourceError, match="Check the network and AWS_ENDPOINT_URL"):
        list_objects(["s3://landing/x"])


def test_missing_credentials_are_one_sentence(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server + "/")  # a client of its own
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(SourceError, match="there are no AWS credentials"):
        list_objects(["s3://landing/x"])


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SourceError, match=r"engagedb\[aws\]"):
        list_objects(["s3://landing/x"])


def test_two_processes_read_a_bucket_as_one_does(bucket: Any, tmp_path: Path) -> None:
    for number in range(60):
        body = orjson.dumps(text_event(f"{number % 50:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11"))
        bucket.put_object(Key=f"sms/{number:02}.gz", Body=gzip.compress(body))
    told = []
    for jobs in ("1", "2"):
        lake = str(tmp_path / f"by-{jobs}")
        begin_lake(Settings(lake=lake))
        words = ["ingest", "s3://landing/sms/", "--jobs", jobs, "--lake", lake, "--json"]
        done = subprocess.run([sys.executable, "-m", "engagedb", *words], capture_output=True, text=True, check=True)
        told.append(orjson.loads(done.stdout) | {"seconds": 0})
    assert told[0] == told[1]
    assert (told[1]["objects"], told[1]["fates"]["event"], told[1]["fates"]["duplicate"]) == (60, 50, 10)
