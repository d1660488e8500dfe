"""Retries of a change that lost against another committer: each try starts from the tables' newest state."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from engagedb.errors import ConflictError
from lake.catalog import Lake
from lake.failures import telling_lake_errors

ATTEMPTS: Final = 12
FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 5.0

Result = TypeVar("Result")


def swap(lake: Lake, subject: str, change: Callable[[], Result]) -> Result:
    """What `change` returns; it is called again, from the start, each time another committer was faster or locks the catalog.

    `change` loads its tables itself and commits on those handles only. Raises ConflictError when every try lost:
    nothing of the last try is in the tables, and what earlier steps committed is taken up by the next run.
    """
    from pyiceberg.exceptions import CommitFailedException, ValidationException
    from sqlalchemy.exc import OperationalError

    for attempt in range(ATTEMPTS):
        try:
            with telling_lake_errors(lake.root):
                return change()
        except (CommitFailedException, ValidationException, OperationalError):
            time.sleep(min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0))
    raise ConflictError(f"Other programs kept changing {subject} of {lake.root}, {ATTEMPTS} times. Run again: nothing is lost or doubled.")
