"""A bucket on a bad day: every ingest ends well after retries or in one sentence, and the next one completes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from botocore.config import Config

from engagedb.errors import Fatal, LakeError, SourceError
from lake.catalog import Lake
from tests.torture.conftest import OBJECTS, PER_OBJECT, Bucket, message_id
from tests.torture.ingester import Errand, ingest_here, now
from tests.torture.proxy import Fault, Rule
from tests.torture.rivals import Backfill, Maintain
from tests.torture.rows import complaint_of_reader

ALL = OBJECTS * PER_OBJECT
LANDING = "GET /[^/]+/landing/"
DATA = "PUT .*/lake/warehouse/"
READ = "GET .*/lake/warehouse/"
ANYTHING = "/lake/|/landing/|list-type"
BAD_DAYS = [
    (Fault.SLOW_DOWN, LANDING, 2, "S3 answers SlowDown"),
    (Fault.SLOW_DOWN, DATA, 8, "SLOW_DOWN"),
    (Fault.EXPIRED, LANDING, 2, "credentials have expired"),
    (Fault.EXPIRED, DATA, 8, "refuses the credentials"),
    (Fault.EXPIRED, ANYTHING, 30, "credentials"),
    (Fault.RESET, LANDING, 2, "Check the network"),
    (Fault.TRUNCATED, LANDING, 2, "Check the network"),
    (Fault.SHORT, LANDING, 2, "was cut short"),
    (Fault.TRUNCATED, READ, 5, "(lake|the table \\w+) cannot be read|is damaged"),
]


@pytest.mark.parametrize("fault", [Fault.SLOW_DOWN, Fault.INTERNAL_ERROR])
def test_a_server_that_stumbles_once_everywhere_is_asked_again(bucket: Bucket, fault: Fault) -> None:
    bucket.proxy.rules = [Rule(fault, requests, times=1) for requests in (LANDING, DATA, READ, "list-type")]
    bucket.ingest()
    assert all(rule.is_used for rule in bucket.proxy.rules)
    assert bucket.event_ids() == ALL


@pytest.mark.parametrize(("fault", "requests", "after", "sentence"), BAD_DAYS)
def test_a_server_that_stays_bad_is_told_in_one_sentence_and_nothing_is_lost(
    bucket: Bucket, fault: Fault, requests: str, after: int, sentence: str
) -> None:
    bucket.proxy.rules = [rule := Rule(fault, requests, after=after)]
    with pytest.raises(Fatal, match=sentence) as told:
        bucket.ingest()
    assert rule.is_used
    assert "\n" not in str(told.value)
    bucket.proxy.rules = []
    bucket.ingest()
    assert bucket.event_ids() == ALL


def test_a_server_that_does_not_answer_is_given_up_in_a_sentence(any_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Config.OPTION_DEFAULTS, "read_timeout", 0.5)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    any_bucket.proxy.rules = [Rule(Fault.STALL, LANDING, after=2)]
    monkeypatch.setenv("AWS_ENDPOINT_URL", any_bucket.proxy.endpoint + "/")  # a client of its own
    with pytest.raises(SourceError, match="ReadTimeoutError"):
        any_bucket.ingest()
    any_bucket.proxy.rules = []
    any_bucket.ingest()
    assert any_bucket.event_ids() == ALL


def test_a_stale_listing_costs_only_time(any_bucket: Bucket) -> None:
    any_bucket.ingest()
    name = any_bucket.source.split("/")[2]
    from ingest.sources import list_objects

    assert len(list(list_objects([any_bucket.source]))) == OBJECTS
    body = (
        any_bucket.client.get_object(Bucket=name, Key="landing/0")["Body"].read().replace(message_id(0).encode(), message_id(ALL).encode())
    )
    any_bucket.client.put_object(Bucket=name, Key="landing/9", Body=body)
    any_bucket.client.delete_object(Bucket=name, Key="landing/0")
    any_bucket.proxy.rules = [Rule(Fault.STALE, "list-type")]
    any_bucket.ingest()
    assert any_bucket.event_ids() == ALL
    any_bucket.proxy.rules = []
    any_bucket.ingest()
    assert any_bucket.event_ids() == ALL + 1


def test_a_lease_that_cannot_be_taken_is_told(bucket: Bucket) -> None:
    bucket.proxy.rules = [Rule(Fault.EXPIRED, "PUT .*lease.json")]
    with pytest.raises(LakeError, match="refuses the credentials"):
        bucket.ingest()
    bucket.proxy.rules = []
    bucket.ingest()
    assert bucket.event_ids() == ALL


def test_a_server_of_real_files_has_the_same_bad_days_and_all_is_there_after_them(file_bucket: Bucket) -> None:
    """One bad day after another: each ingest goes on from what the ones before it committed."""
    file_bucket.proxy.rules = [Rule(Fault.SLOW_DOWN, requests, times=1) for requests in (LANDING, "list-type")]
    for fault, requests, _, sentence in BAD_DAYS:
        stumbles = [] if requests == LANDING else file_bucket.proxy.rules
        file_bucket.proxy.rules = [*stumbles, rule := Rule(fault, requests, after=0 if requests == LANDING else 3)]
        with pytest.raises(Fatal, match=sentence) as told:
            file_bucket.ingest()
        assert rule.is_used
        assert "\n" not in str(told.value)
        file_bucket.proxy.rules = []
        assert complaint_of_reader(Lake.open(file_bucket.settings)) is None
    file_bucket.ingest()
    assert file_bucket.event_ids() == ALL


@pytest.mark.parametrize("work", [Backfill(["landing/"], date(2026, 3, 4), days=1), Maintain(now())], ids=["backfill", "maintain"])
def test_upkeep_of_a_lake_on_a_bad_day_is_told_and_runs_well_afterwards(bucket: Bucket, work: Backfill | Maintain) -> None:
    if isinstance(work, Backfill):
        work, batch = replace(work, sources=[bucket.source]), ALL
    else:
        batch = 4  # many small files, that are worth merging
    ingest_here(Errand(bucket.settings.model_copy(update={"batch_records": batch}), [bucket.source]))
    for fault, requests, sentence in ((Fault.EXPIRED, DATA, "credentials"), (Fault.TRUNCATED, READ, "cannot be read")):
        bucket.proxy.rules = [rule := Rule(fault, requests, after=6)]
        with pytest.raises(Fatal, match=sentence) as told:
            work(bucket.settings, lambda point: None)
        assert rule.is_used
        assert "\n" not in str(told.value)
        bucket.proxy.rules = []
        assert bucket.event_ids() == ALL
    work(bucket.settings, lambda point: None)
    assert bucket.event_ids() == ALL
