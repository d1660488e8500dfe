"""What a query reads: the files of each table that hold rows it may ask for, and the bytes of the columns that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lake.snapshot import PublishedFile
from transforms import canonical

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

SAMPLED: Final = 16
"""Files of a table whose column sizes are looked up; those of the others are taken to be alike."""
_SCANS: Final = ("READ_PARQUET", "ARROW_SCAN")
_BOUND: Final = re.compile(r"(\w+)(>=|<=|>|<|=)'([^']+)'::TIMESTAMP")
_FILTERED: Final = re.compile(r"\b([a-z_]+)(?:>=|<=|!=|>|<|=| IS | IN )")


@dataclass(frozen=True, slots=True)
class TableRead:
    """A stored table that a query scans: the columns, and of its `of_files` files those whose day passes the query's bounds."""

    table: str
    columns: tuple[str, ...]
    files: tuple[PublishedFile, ...]
    of_files: int

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day of the files; None when they have none."""
        known = [file.day for file in self.files if file.day is not None]
        return (min(known), max(known)) if known else None


def reads(plan: Any, files: Mapping[str, Sequence[PublishedFile]], known: Mapping[str, Sequence[PublishedFile]]) -> list[TableRead]:
    """One for each of the tables `files` that the plan (EXPLAIN, FORMAT json) scans.

    `files` are those that the plan's scans may open, `known` all there are. Where a scan's columns fit several of the tables,
    it counts for each of them: what is told is never too little.
    """
    found: dict[str, tuple[set[str], set[PublishedFile]]] = {}
    for node in _scans(plan):
        filters = str(node["extra_info"].get("Filters", ""))
        columns = {*_listed(node["extra_info"].get("Projections", ())), *_FILTERED.findall(filters)}
        for table in files:
            if columns <= set(canonical.TABLES[table].names):
                asked, opened = found.setdefault(table, (set(), set()))
                asked |= columns
                opened.update(file for file in files[table] if _holds_rows(file, canonical.TABLES[table].partition_by, filters))
    return [
        TableRead(table, tuple(sorted(columns)), tuple(sorted(opened, key=lambda file: file.path)), len(known[table]))
        for table, (columns, opened) in sorted(found.items())
    ]


def scanned_bytes(read: TableRead, filesystem: FileSystem | None = None) -> int:
    """The compressed bytes of the columns in the files: what an engine that skips nothing inside a file reads."""
    import pyarrow.parquet as pq

    step = max(1, -(-len(read.files) // SAMPLED))
    sample = read.files[::step]
    wanted = sizes = 0
    for file in sample:
        metadata = pq.read_metadata(file.path.removeprefix("s3://") if filesystem else file.path, filesystem=filesystem)
        for group in (metadata.row_group(at) for at in range(metadata.num_row_groups)):
            for chunk in (group.column(at) for at in range(metadata.num_columns)):
                if chunk.path_in_schema.partition(".")[0] in read.columns:
                    wanted += chunk.total_compressed_size
        sizes += file.size_bytes
    return round(wanted * sum(file.size_bytes for file in read.files) / sizes) if sizes else 0


def _scans(plan: Any) -> Iterator[dict[str, Any]]:
    for node in plan:
        if str(node["name"]).strip() in _SCANS:
            yield node
        yield from _scans(node["children"])


def _listed(words: Any) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _holds_rows(file: PublishedFile, column: str | None, filters: str) -> bool:
    """False when the bounds on the column exclude the file's whole day."""
    if file.day is None or column is None:
        return True
    begins = datetime(file.day.year, file.day.month, file.day.day, tzinfo=UTC)
    for name, relation, text in _BOUND.findall(filters):
        if name == column:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            is_too_early = relation in (">=", ">", "=") and begins + timedelta(days=1) <= moment
            is_too_late = (relation in ("<=", "=") and begins > moment) or (relation == "<" and begins >= moment)
            if is_too_early or is_too_late:
                return False
    return True
