"""Answers of named queries for the pages. Pages hold no SQL: they name a mart, a window, groups and channels."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from engagedb.settings import Settings
from lake.query.session import Session, engine_errors

# How old what a page shows may be; reading the lake anew costs a second.
REFRESH_S = 60

# A DuckDB connection answers one question at a time, and Streamlit runs each reader in a thread.
_one_question = threading.Lock()


class Answers:
    """What the lake held when it was opened. All parts of a page are asked of the same one, so that they agree."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[Any, ...], pd.DataFrame] = {}
        self.now = session.now

    def mart(
        self,
        name: str,
        *,
        since: date | None = None,
        until: date | None = None,
        by: Sequence[str] | None = None,
        channels: Sequence[str] = (),
    ) -> pd.DataFrame:
        """The rows of a mart; money as float, for drawing."""
        asked = (name, since, until, None if by is None else tuple(by), tuple(channels))
        with _one_question, engine_errors():
            if asked not in self._known:
                found = self._session.mart(name, since=since, until=until, by=by, channel=channels).to_arrow_table()
                self._known[asked] = _for_drawing(found).to_pandas()
            return self._known[asked]


@st.cache_resource(ttl=REFRESH_S, max_entries=4, show_spinner="Opening the lake")
def open_answers(place: str) -> Answers:
    """The answers of the lake at that place, opened anew every minute. Raises LakeError when there is none."""
    settings = Settings.from_environment().model_copy(update={"lake": place})
    return Answers(Session.open(settings, datetime.now(UTC)))


def lake_place() -> str:
    """Where the lake is, as the command line handed it on."""
    return Settings.from_environment().lake


def _for_drawing(table: pa.Table) -> pa.Table:
    fields = [field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field for field in table.schema]
    return table.cast(pa.schema(fields))
