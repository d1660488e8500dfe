"""One queryable, PII-free history of every message sent through AWS End User Messaging and Amazon SES.

    import engagedb

    lake = engagedb.open("my-lake")
    lake.sql("SELECT channel, outcome, count(*) AS messages FROM messages GROUP BY ALL").df()

Land what Firehose delivered with `engagedb ingest`, see what failed with `engagedb dead-letters list`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lake.query.session import Session


def open(lake: str | None = None, *, now: datetime | None = None, with_key: bool = False) -> Session:
    """The lake for reading; `lake` is a folder or an s3:// prefix, by default the one of ENGAGEDB_LAKE or ./lake.

    `now` (UTC-aware, by default the clock) is the moment for what depends on time: pending, silent, outcome.
    `with_key` adds the relation same_person, for which the lake's key is needed. Raises LakeError when there is no lake.
    """
    from engagedb.settings import Settings
    from lake.query.session import Session

    settings = Settings.from_environment()
    settings = settings.model_copy(update={"lake": lake}) if lake else settings
    if not with_key:
        return Session.open(settings, now or datetime.now(UTC))
    from lake.keyring import require_keyring

    return Session.open(settings, now or datetime.now(UTC), require_keyring(settings, settings.lake))
