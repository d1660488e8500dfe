"""Statements run by Athena, one after another, through boto3 (the extra `aws`). Every failure is one sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from engagedb.errors import ConfigurationError, LakeError

WAIT_S: Final = 1.0
_RUNNING: Final = ("QUEUED", "RUNNING")


def run_statement(client: Any, sql: str, database: str | None, workgroup: str, output: str | None, wait: Callable[[float], None]) -> None:
    """Nothing, once Athena has done it. Raises LakeError with Athena's reason when it has not."""
    where = {"QueryExecutionContext": {"Database": database}} if database else {}
    place = {"ResultConfiguration": {"OutputLocation": output}} if output else {}
    with _explaining():
        started = client.start_query_execution(QueryString=sql, WorkGroup=workgroup, **where, **place)["QueryExecutionId"]
        while (status := client.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"])["State"] in _RUNNING:
            wait(WAIT_S)
    if status["State"] != "SUCCEEDED":
        raise LakeError(f"Athena did not do it: {status.get('StateChangeReason') or status['State']}. Correct that, and run it again.")


def athena_client() -> Any:
    """A client for the environment's account and region (AWS_PROFILE, AWS_REGION)."""
    try:
        import boto3
    except ImportError:
        raise ConfigurationError('Athena needs boto3, which is not installed. Run: pip install "engagedb[aws]"') from None
    with _explaining():
        return boto3.Session().client("athena")


def sleep(seconds: float) -> None:
    """Waits; tests pass something else."""
    time.sleep(seconds)


@contextmanager
def _explaining() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        raise ConfigurationError(
            f"Athena refuses: {told.get('Message') or told.get('Code')}. The role needs athena and glue rights."
        ) from None
    except BotoCoreError as error:
        raise ConfigurationError(f"Athena cannot be reached: {error}. Check AWS_PROFILE and AWS_REGION.") from None
