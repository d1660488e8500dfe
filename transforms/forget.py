"""Forgetting: rows about erased persons keep what is counted and lose what is about them.

The same rules serve the erasure of stored rows and the rows that come again later. Tombstones are digests by the lake's
root secret: of the person (its canonical identifier, whatever pseudonym key is in use) and of each pseudonym that an
erasure knew. They tell nobody without the key whom to forget.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.canonical import MAP, STRING, TIMESTAMP, Table
from transforms.pseudonyms import DIGEST_LETTERS, Keyring, PersonKind, Pseudonymiser, person_kind
from transforms.subjects import ERASED_TOKEN, FOUND_BY, INDEX, LEFT, SEARCHED, Erased

PSEUDONYM: Final = re.compile(r"(?:ph|em|wa|cu)_[a-p]+_[a-p]{32}")
_TIMES: Final = ("event_time", "requested_at", "received_at", "notice_time")
_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")

Gone = Callable[[str], datetime | None]
"""Up to when rows about this pseudonym are forgotten; None for everybody else."""


class TombstoneKind(StrEnum):
    PERSON = "person"
    PSEUDONYM = "pseudonym"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Whom the lake forgets: digests of persons and pseudonyms with their moment, and the keys of forgotten messages."""

    persons: Mapping[str, datetime] = field(default_factory=dict)
    messages: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.persons or self.messages)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The rows as they may stay, which of them were about a subject, and which only named one."""

    rows: pa.Table
    own: np.ndarray[Any, np.dtype[np.bool_]]
    naming: np.ndarray[Any, np.dtype[np.bool_]]

    @property
    def changed(self) -> bool:
        return bool(self.own.any() or self.naming.any())


class Digests:
    """Tombstone digests under one root."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._key = keyring.subkey("erasure")

    def person(self, value: str, kind: PersonKind) -> str:
        return self._digest(TombstoneKind.PERSON, f"{kind}\x00{self._keyring.canonical(value, kind)}")

    def pseudonym(self, pseudonym: str) -> str:
        return self._digest(TombstoneKind.PSEUDONYM, pseudonym)

    def _digest(self, kind: str, text: str) -> str:
        data = kind.encode() + b"\x00" + text.encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, data, "sha256").hex()[:DIGEST_LETTERS].translate(_LETTERS)


class Forgetter:
    """Knows the tombstones of a lake, and the pseudonyms of forgotten persons that this process has met."""

    def __init__(self, keyring: Keyring) -> None:
        self.digests = Digests(keyring)
        self.tombstones = Tombstones()
        self._met: dict[str, str] = {}  # pseudonym -> digest of the person
        self._untold: dict[str, str] = {}

    def meet(self, value: str, kind: PersonKind, pseudonym: str) -> None:
        """Take note of a person's pseudonym; only forgotten ones are kept."""
        if self.tombstones and (person := self.digests.person(value, kind)) in self.tombstones.persons:
            self._met[pseudonym] = self._untold[pseudonym] = person

    def take_met(self) -> dict[str, str]:
        """The forgotten persons that were met since the last call, for the forgetter of another process to `learn`."""
        found, self._untold = self._untold, {}
        return found

    def learn(self, met: Mapping[str, str]) -> None:
        """Know forgotten persons that another process has met."""
        self._met.update(met)

    def gone(self, pseudonym: str) -> datetime | None:
        persons = self.tombstones.persons
        met = self._met.get(pseudonym)
        return (persons.get(met) if met is not None else None) or persons.get(self.digests.pseudonym(pseudonym))


class AttentivePseudonymiser(Pseudonymiser):
    """A pseudonymiser that shows each person that it meets to a forgetter, once."""

    def __init__(self, keyring: Keyring, forgetter: Forgetter) -> None:
        super().__init__(keyring)
        self._forgetter = forgetter

    def meet_again(self) -> None:
        """Show everybody once more: there are other tombstones."""
        self.person.cache_clear()  # type: ignore[attr-defined]

    def _person(self, value: str, kind: PersonKind | None = None) -> str:
        pseudonym = super()._person(value, kind)
        self._forgetter.meet(value, kind or person_kind(value), pseudonym)
        return pseudonym


def forget(table: Table, rows: pa.Table, gone: Gone, messages: Iterable[str], opaque_id: Callable[[str], str]) -> Forgotten:
    """The rows without the persons that are gone. Erasing twice changes nothing.

    A row is about a person by its FOUND_BY columns, if it was there by the moment that `gone` tells: its own time, its send
    time or its arrival. Whatever its times, it is by one of the message keys when it names nobody else.
    """
    times = [rows[name].cast(pa.int64()) for name in _TIMES if name in rows.column_names]
    earliest = pc.min_element_wise(*times) if times else pa.nulls(rows.num_rows, pa.int64())
    own = _own_rows(rows, earliest, gone, messages)
    naming = np.zeros(rows.num_rows, bool)
    searched = searched_columns(table)
    for column in table.columns:
        treatment = INDEX[table.name].get(column.name)
        if treatment not in (None, Erased.STAYS, Erased.ROW) and own.any():
            rows = _set(rows, column.name, _erased(rows[column.name], own, treatment, opaque_id))
        if column.name in searched:
            named, cleaned = _without_names(rows[column.name], earliest, gone)
            if named.any():
                naming |= named
                rows = _set(rows, column.name, cleaned)
    return Forgotten(rows, own, naming & ~own)


def searched_columns(table: Table) -> list[str]:
    """Columns in whose strings redaction may have left a pseudonym."""
    return [column.name for column in table.columns if column.privacy in SEARCHED and column.type in (STRING, MAP)]


def names_gone(columns: Iterable[pa.ChunkedArray], gone: Gone) -> bool:
    """Whether a value of these columns names somebody who is gone."""
    for column in columns:
        hits = np.flatnonzero(holds_pseudonym(column))
        if hits.size and any(gone(found) is not None for found in _pseudonyms(column.take(pa.array(hits)))):
            return True
    return False


def _pseudonyms(column: pa.ChunkedArray) -> set[str]:
    whole = column.combine_chunks()
    parts = (whole,) if whole.type != MAP else (whole.keys, whole.items)
    return {found for part in parts for text in part.to_pylist() if text for found in PSEUDONYM.findall(text)}


def _own_rows(rows: pa.Table, earliest: Any, gone: Gone, messages: Iterable[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    own = np.zeros(rows.num_rows, bool)
    names_nobody = np.ones(rows.num_rows, bool)
    for name in FOUND_BY:
        if name not in rows.column_names:
            continue
        encoded = rows[name].combine_chunks().dictionary_encode()
        until = pa.array([gone(value) for value in encoded.dictionary.to_pylist()], TIMESTAMP).cast(pa.int64()).take(encoded.indices)
        found = _flags(pc.or_kleene(pc.less_equal(earliest, until), pc.and_(pc.is_null(earliest), pc.is_valid(until))))
        own |= found
        if name == FOUND_BY[0]:
            names_nobody = _flags(pc.or_(pc.is_null(rows[name]), pc.is_valid(until)))
    if "message_key" in rows.column_names:
        keys = messages if isinstance(messages, pa.Array) else pa.array(list(messages), STRING)
        if len(keys):
            own |= _flags(pc.is_in(rows["message_key"], keys)) & names_nobody
    return own


def _without_names(column: pa.ChunkedArray, earliest: Any, gone: Gone) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], Any]:
    """Which values name somebody who is gone, and the column without these names."""
    named = np.zeros(len(column), bool)
    candidates = np.flatnonzero(holds_pseudonym(column))
    replaced: dict[int, Any] = {}
    for row, value in zip(candidates.tolist(), column.take(pa.array(candidates)).to_pylist(), strict=True):
        clean = _clean(value, earliest[row].as_py(), gone)
        if clean != value:
            named[row], replaced[row] = True, clean
    if not replaced:
        return named, column
    rest = pa.array([replaced[row] for row in sorted(replaced)], column.type)
    both = pa.concat_arrays([column.combine_chunks(), rest])
    places = np.arange(len(column))
    places[named] = len(column) + np.arange(len(replaced))
    return named, both.take(pa.array(places))


def holds_pseudonym(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which values of the strings or maps hold the pseudonym of anybody."""
    if column.type != MAP:
        return _flags(pc.match_substring_regex(column, PSEUDONYM.pattern))
    whole = column.combine_chunks()
    found = np.zeros(len(whole), bool)
    bounds = np.asarray(whole.offsets)
    for members in (whole.keys, whole.items):
        hits = np.flatnonzero(_flags(pc.match_substring_regex(members, PSEUDONYM.pattern)))
        inside = hits[(hits >= bounds[0]) & (hits < bounds[-1])]
        found[np.searchsorted(bounds[1:], inside, side="right")] = True
    return found


def _clean(value: Any, moment: int | None, gone: Gone) -> Any:
    def replaced(match: re.Match[str]) -> str:
        until = gone(match[0])
        return ERASED_TOKEN if until is not None and (moment is None or moment <= _microseconds(until)) else match[0]

    if isinstance(value, str):
        return PSEUDONYM.sub(replaced, value)
    members = {PSEUDONYM.sub(replaced, key): None if member is None else PSEUDONYM.sub(replaced, member) for key, member in value}
    return list(members.items())


def _microseconds(moment: datetime) -> int:
    whole: int = pa.scalar(moment, TIMESTAMP).value
    return whole


def _erased(
    column: pa.ChunkedArray, own: np.ndarray[Any, np.dtype[np.bool_]], treatment: Erased, opaque_id: Callable[[str], str]
) -> pa.Array | pa.ChunkedArray:
    """The column with what the treatment leaves in these rows."""
    if treatment is Erased.OPAQUE:
        ids = column.filter(pa.array(own)).to_pylist()
        changed = [value if value is None or value.startswith("mid_") else opaque_id(value) for value in ids]
        return pc.replace_with_mask(column.combine_chunks(), pa.array(own), pa.array(changed, STRING))
    if treatment is Erased.NULL:
        return column.take(pa.array(np.arange(len(column)), mask=own))
    return pc.if_else(pa.array(own), pa.scalar(LEFT[treatment], column.type), column)


def _set(rows: pa.Table, name: str, column: Any) -> pa.Table:
    position = rows.column_names.index(name)
    return rows.set_column(position, rows.schema.field(position), column)


def _flags(mask: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    whole = mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask
    return np.asarray(pc.fill_null(whole, False).to_numpy(zero_copy_only=False), bool)
