"""Which columns of which table hold a subject, and what an erasure leaves in them.

Every column of a class that may be about a person stands here; a test fails when one is missing. A row is about the
subject when one of its FOUND_BY columns names it, or when it belongs to such a row's message and names nobody. In all
other rows, and in columns that stay, only the subject's pseudonyms are taken out of the strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from transforms.canonical import Privacy


class Erased(StrEnum):
    """What becomes of a column in a row about the subject."""

    NULL = "null"
    OPAQUE = "opaque"  # the provider's message id becomes mid_...: counted as before, and nobody at the provider can look it up
    TOKEN = "token"  # [ERASED], where the column may not be null
    DESTROYED = "destroyed"  # no bytes are left
    ROW = "row"  # the whole row goes
    STAYS = "stays"  # it tells where the row came from; its pseudonyms go like those of all other rows


ERASED_TOKEN: Final = "[ERASED]"
LEFT: Final[Mapping[Erased, str | bytes | None]] = {Erased.NULL: None, Erased.TOKEN: ERASED_TOKEN, Erased.DESTROYED: b""}

PERSONAL: Final = frozenset({Privacy.PERSON, Privacy.MESSAGE_ID, Privacy.TEXT, Privacy.LINK, Privacy.MAP, Privacy.SEALED})
"""Classes of columns that may be about a person; each column of them stands in INDEX."""

SEARCHED: Final = frozenset({Privacy.TEXT, Privacy.LINK, Privacy.MAP, Privacy.MACHINE, Privacy.PUBLIC})
"""Classes of columns in which redaction may have left the pseudonym of a person, of any table and row."""

FOUND_BY: Final = ("recipient_id", "customer_id", "pseudonym")

_WHO: Final = {
    "recipient_id": Erased.NULL,
    "customer_id": Erased.NULL,
    "number_range": Erased.NULL,  # narrows down to ten thousand numbers, fewer in use
    "recipient_domain": Erased.NULL,  # a private domain is one person
}
_SAID: Final = {
    "message_id": Erased.OPAQUE,
    "status_reason": Erased.NULL,
    "body": Erased.NULL,
    "subject": Erased.NULL,
    "conversation_id": Erased.NULL,
    "in_reply_to": Erased.NULL,
}

INDEX: Final[Mapping[str, Mapping[str, Erased]]] = {
    "events": {
        **_WHO,
        **_SAID,
        "link": Erased.NULL,
        "tags": Erased.NULL,
        "attributes": Erased.NULL,
        "raw_event": Erased.NULL,
        "source_object": Erased.STAYS,
    },
    "messages": {**_WHO, **_SAID},
    "notices": {
        "status_reason": Erased.STAYS,
        "attributes": Erased.STAYS,
        "raw_event": Erased.STAYS,
        "source_object": Erased.STAYS,
    },
    "dead_letters": {
        "sealed_record": Erased.DESTROYED,
        "excerpt": Erased.NULL,
        "detail": Erased.TOKEN,
        "source_object": Erased.STAYS,
    },
    "ingest_log": {"object": Erased.STAYS},
    "backfills": {"reason": Erased.STAYS},
    "erasures": {},
    "pseudonym_links": {"pseudonym": Erased.ROW, "sealed_pseudonym": Erased.ROW},
}
