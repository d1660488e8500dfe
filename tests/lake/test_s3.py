"""A lake in a bucket: the same protocol over S3, with a catalog that the settings name and a lease made of conditional writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from engagedb.errors import ConflictError, LakeError
from engagedb.settings import Settings
from lake.catalog import Lake, catalog_name
from lake.commit import commit
from lake.lease import hold_lease
from lake.snapshot import Published
from tests.lake.lifecycles import KEYRING, NOW, batch, event, log_row, stored


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def settings(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    given = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    bucket = tmp_path.name.replace("_", "-").strip("-")
    boto3.client("s3").create_bucket(Bucket=bucket)
    return Settings(lake=f"s3://{bucket}/a/lake/", catalog=f"sqlite:///{tmp_path}/catalog.db")


def test_a_lake_in_a_bucket_commits_and_is_read(settings: Settings) -> None:
    lake = Lake.create(settings, KEYRING)
    commit(lake, batch([event("a"), event("b", key="n")], log=[log_row("o")]), NOW)
    commit(lake, batch([event("a"), event("c", stage="delivered")]), NOW)
    opened = Lake.open(settings)
    assert [row["event_count"] for row in stored(opened, "messages")] == [2, 1]
    files = Published(opened).files("events")
    assert len(files) == 2
    assert all(path.startswith(f"{settings.lake}warehouse/events/data/event_time_day=2026-01-10/") for path in files)
    assert not Lake.create(settings, KEYRING).was_created


def test_a_glue_catalog_serves_a_lake(settings: Settings) -> None:
    lake = Lake.create(settings.model_copy(update={"catalog": "glue"}), KEYRING)
    commit(lake, batch([event("a")]), NOW)
    commit(lake, batch([event("a"), event("b")]), NOW)
    assert [row["event_count"] for row in stored(lake, "messages")] == [2]
    other = settings.model_copy(update={"lake": settings.lake.replace("/a/", "/b/"), "catalog": "glue"})
    with pytest.raises(LakeError, match="already serves another lake"):
        Lake.create(other, KEYRING)


def test_another_catalog_than_the_one_it_was_made_with_is_refused(settings: Settings, tmp_path: Path) -> None:
    Lake.create(settings, KEYRING)
    with pytest.raises(LakeError, match="was made with the catalog"):
        Lake.open(settings.model_copy(update={"catalog": f"sqlite:///{tmp_path}/other.db"}))


def test_the_manifest_keeps_no_password_of_the_catalog(settings: Settings) -> None:
    given = settings.model_copy(update={"catalog": "postgresql+psycopg://user:secret@db/lake"})
    assert catalog_name("s3://bucket/lake", given) == "postgresql+psycopg://db/lake"


def test_a_place_in_a_bucket_with_other_objects_is_not_made_a_lake(settings: Settings) -> None:
    bucket = settings.lake.split("/")[2]
    boto3.client("s3").put_object(Bucket=bucket, Key="a/lake/file", Body=b"mine")
    with pytest.raises(LakeError, match="not empty and is no lake"):
        Lake.create(settings, KEYRING)


def test_a_missing_bucket_is_told(settings: Settings) -> None:
    with pytest.raises(LakeError, match="bucket of s3://nowhere/lake does not exist"):
        Lake.open(settings.model_copy(update={"lake": "s3://nowhere/lake"}))


def test_a_held_lease_keeps_the_next_out_and_names_its_holder(settings: Settings) -> None:
    lake = Lake.create(settings, KEYRING)
    with hold_lease(lake, "erase"), pytest.raises(ConflictError, match=r"by erase \(process"), hold_lease(lake, "x", patience_s=0.1):
        pass
    with hold_lease(lake, "ingest", patience_s=0.1):
        pass


def test_a_lease_that_is_not_renewed_is_taken_over_and_its_old_holder_leaves_it_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake.create(settings, KEYRING)
    takeover = hold_lease(lake, "next", patience_s=0.1)
    with hold_lease(lake, "stalled"), monkeypatch.context() as patch:
        patch.setattr("lake.lease.EXPIRY_S", -1.0)
        takeover.__enter__()
    held = boto3.client("s3").get_object(Bucket=settings.lake.split("/")[2], Key="a/lake/lease.json")["Body"].read()
    assert b'"next"' in held
    takeover.__exit__(None, None, None)


def test_a_long_commit_renews_its_lease(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.lease.RENEWAL_S", 0.01)
    lake = Lake.create(settings, KEYRING)
    bucket = settings.lake.split("/")[2]
    client = boto3.client("s3")
    with hold_lease(lake, "ingest"):
        first = client.head_object(Bucket=bucket, Key="a/lake/lease.json")["ETag"]
        while client.head_object(Bucket=bucket, Key="a/lake/lease.json")["ETag"] == first:
            pass
    assert "Contents" not in client.list_objects_v2(Bucket=bucket, Prefix="a/lake/lease.json")


def test_a_lost_race_leaves_no_folder_objects_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.create(settings, KEYRING)
    monkeypatch.setattr("lake.commit.hold_lease", lambda *_: nullcontext())
    others = iter([batch([event("b")])])

    def intrude(point: str) -> None:
        if point == "events_written" and (other := next(others, None)) is not None:
            commit(Lake.open(settings), other, NOW)

    commit(lake, batch([event("a")]), NOW, checkpoint=intrude)
    assert [row["event_id"] for row in stored(lake, "events")] == ["a", "b"]
    objects = boto3.client("s3").list_objects_v2(Bucket=settings.lake.split("/")[2])["Contents"]
    assert [found["Key"] for found in objects if found["Size"] == 0] == []
