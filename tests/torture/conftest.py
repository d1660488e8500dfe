"""A bucket behind the proxy, with a landing prefix and a lake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engagedb.settings import Settings
from lake.catalog import Lake
from tests.ingest.conftest import text_event
from tests.torture.ingester import KEYRING, Errand, ingest_here
from tests.torture.landing import Ground, prepare
from tests.torture.proxy import Proxy, proxy_before
from tests.torture.rows import complaint_of_reader

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
def server() -> Iterator[tuple[str, int]]:
    moto_server = pytest.importorskip("moto.server")
    running = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield running.get_host_and_port()
    running.stop()


@pytest.fixture
def bucket(server: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    boto3 = pytest.importorskip("boto3")
    import orjson

    with proxy_before(*server) as proxy:
        for name, value in {
            "AWS_ENDPOINT_URL": proxy.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "3",
            "no_proxy": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        client = boto3.client("s3")
        name = tmp_path.name.replace("_", "-").strip("-").lower()[-40:].strip("-") + "-x"
        client.create_bucket(Bucket=name)
        for part in range(OBJECTS):
            events = [text_event(message_id(part * PER_OBJECT + number)) for number in range(PER_OBJECT)]
            client.put_object(Bucket=name, Key=f"landing/{part}", Body=b"\n".join(orjson.dumps(event) for event in events))
        settings = Settings(lake=f"s3://{name}/lake", catalog=f"sqlite:///{tmp_path}/catalog.db", batch_records=2 * PER_OBJECT)
        Lake.create(settings, KEYRING)
        yield Bucket(proxy, settings, f"s3://{name}/landing/", client)
