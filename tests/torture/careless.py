"""Ingests that break a rule of the commit each, to prove that the kills find them out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engagedb.settings import Settings
from lake.catalog import Lake
from lake.commit import Batch, Committed, commit
from lake.ingest_log import log_objects
from tests.torture.ingester import Checkpoint
from tests.torture.operations import INGEST
from tests.torture.scenes import Scenes
from transforms.canonical import INGEST_LOG


def forgetful(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """An ingest that recognises nothing."""

    def all_new(lake: Lake, table: Any, definition: Any, rows: pa.Table, *_: Any) -> Any:
        return np.zeros(rows.num_rows, np.int8)

    with patch("lake.commit.standings", all_new):
        INGEST.run(scenes, settings, checkpoint)


def hasty(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """An ingest that logs its objects before their rows are there."""

    def log_and_commit(lake: Lake, batch: Batch, *arguments: Any, **named: Any) -> Any:
        counts = (batch.events, batch.notices, batch.dead_letters)
        log_objects(lake, batch.log(Committed(*(np.zeros(rows.num_rows, np.int8) for rows in counts))))
        checkpoint("logged_first")
        return commit(lake, batch, *arguments, **named)

    with patch("ingest.run.commit", log_and_commit):
        INGEST.run(scenes, settings, checkpoint)


def impatient(scenes: Scenes, settings: Settings, checkpoint: Checkpoint) -> None:
    """An ingest that publishes events of half a batch: those of its first day before the others."""

    def append_by_day(lake: Lake, batch: Batch, *arguments: Any, **named: Any) -> Any:
        days = batch.events.column("event_time").cast(pa.date32())
        first = batch.events.filter(pc.equal(days, pc.max(days)))
        commit(lake, replace(batch, events=first, log=lambda committed: INGEST_LOG.schema.empty_table()), *arguments)
        checkpoint("half_published")
        return commit(lake, batch, *arguments, **named)

    with patch("ingest.run.commit", append_by_day):
        INGEST.run(scenes, settings, checkpoint)
