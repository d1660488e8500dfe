"""A stand-in for Amazon Comprehend that the environment points to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ingest.engines.comprehend_stand_in import StandIn, serving

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}  # fmt: skip


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    service = StandIn({"Rosalind": "NAME", "Teddy": "NAME"})
    with serving(service) as address:
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL_COMPREHEND": address}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.0)
        yield service
