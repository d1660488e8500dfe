"""Which template versions made a lake's rows, kept as properties of the events table.

An event is recognised by its template's identity: a lake never takes rows of a source under two identities, for every
old event would come in a second time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from lake.catalog import Lake
from lake.compare_and_swap import swap
from transforms.canonical import EVENTS

_PREFIX: Final = "engagedb.template."


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version of a source's template; `identity` and `time` are its fingerprints."""

    source: str
    version: str
    identity: str
    time: str


def template_versions(lake: Lake) -> dict[str, list[TemplateVersion]]:
    """The versions that made rows of each source, oldest first."""
    properties = lake.table(EVENTS.name).properties
    return {
        name.removeprefix(_PREFIX): [TemplateVersion(**fields) for fields in orjson.loads(text)]
        for name, text in properties.items()
        if name.startswith(_PREFIX)
    }


def remember_versions(lake: Lake, versions: Collection[TemplateVersion]) -> None:
    """Adds the versions that the lake does not know yet; call it before the first rows of them are committed."""
    swap(lake, "the template versions", lambda: _remember(lake, versions))


def _remember(lake: Lake, versions: Collection[TemplateVersion]) -> None:
    known = template_versions(lake)
    fresh: dict[str, list[TemplateVersion]] = {}
    for version in versions:
        if version not in known.get(version.source, []):
            fresh[version.source] = [*known.get(version.source, []), version]
    if fresh:
        texts = {_PREFIX + source: orjson.dumps([asdict(version) for version in listed]).decode() for source, listed in fresh.items()}
        with lake.table(EVENTS.name).transaction() as transaction:
            transaction.set_properties(texts)
