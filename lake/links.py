"""Links between the pseudonyms of one person under an older key and under the current one, for as long as both keys exist.

Ids go one way, so a link is made when a person is met again after a rotation; whoever is not met again has the older
pseudonym only, and nothing to join. The older one is sealed with a key derived from its own pseudonym key: without the
keyring nobody can follow a link, and when that key is destroyed nobody ever can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from lake.catalog import Lake
from lake.compare_and_swap import swap
from lake.connect import connect
from lake.datafiles import newest_files, read_files, scan_files, stage_change, write_rows
from lake.seal import Sealer
from transforms.canonical import EVENTS, LINKS, Table
from transforms.pseudonyms import Keyring, Pseudonymiser, PseudonymKey, derive

Honouring = Callable[[Table, pa.Table], pa.Table]
PERSON_COLUMNS: Final = ("recipient_id", "customer_id")
SAME_PERSON: Final = pa.schema([("pseudonym", pa.string()), ("person_id", pa.string())])
_PURPOSE: Final = "links of pseudonyms"


def link_persons(lake: Lake, pseudonymiser: Pseudonymiser, events: pa.Table, now: datetime, honour: Honouring | None = None) -> None:
    """Stores, once, the link of each person in these events to each older key. Call it before the events are committed.

    `honour` takes forgotten persons out of the events (lake/erasure/tombstones.py).
    """
    older = pseudonymiser.take_older()
    if older and events.num_rows:
        if not lake.has_table(LINKS.name):
            lake.complete()
        swap(lake, "the links of pseudonyms", lambda: _append_new(lake, pseudonymiser.keyring, older, events, now, honour))


def same_persons(lake: Lake, keyring: Keyring) -> pa.Table:
    """Each older pseudonym that a key of the keyring links, and the newest one of the same person (SAME_PERSON)."""
    newer: dict[str, str] = {}
    if lake.has_table(LINKS.name):
        sealers = _sealers(keyring.older)
        rank = {key.id: position for position, key in enumerate(keyring.pseudonym_keys)}
        rows = read_files(lake, LINKS, newest_files(lake.table(LINKS.name)))
        for row in rows.filter(pc.is_in(rows["key_id"], pa.array(list(sealers), pa.string()))).to_pylist():
            pseudonym = row["pseudonym"]
            older = sealers[row["key_id"]].unseal(row["sealed_pseudonym"], _bound_to(pseudonym, row["key_id"])).decode()
            if rank.get(key_id_of(pseudonym), -1) > rank.get(key_id_of(newer.get(older, "")), -1):
                newer[older] = pseudonym
    return pa.Table.from_pylist([{"pseudonym": older, "person_id": _newest(older, newer)} for older in newer], schema=SAME_PERSON)


def remove_links(lake: Lake, key_id: str) -> int:
    """How many links from or to that key's pseudonyms were removed."""
    if not lake.has_table(LINKS.name):
        return 0
    return swap(lake, "the links of pseudonyms", lambda: _remove(lake, key_id))


def count_links(lake: Lake) -> Mapping[str, int]:
    """Links by the id of the older key."""
    if not lake.has_table(LINKS.name):
        return {}
    keys = scan_files(lake, LINKS, newest_files(lake.table(LINKS.name)), ["key_id"]).read_all()["key_id"]
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(keys).to_pylist()}


def key_id_of(pseudonym: str) -> str:
    """The id of the key that made the pseudonym."""
    return pseudonym.split("_")[1] if pseudonym.count("_") == 2 else ""


def _append_new(
    lake: Lake, keyring: Keyring, older: Mapping[str, tuple[str, ...]], events: pa.Table, now: datetime, honour: Honouring | None
) -> None:
    table = lake.table(LINKS.name)  # before the tombstones are asked: an erasure that is later finds what is committed on this handle
    persons = events if honour is None else honour(EVENTS, events)
    met = set(chain.from_iterable(pc.unique(persons[name]).to_pylist() for name in PERSON_COLUMNS)) & older.keys()
    asked = [(pseudonym, key.id, made) for pseudonym in met for key, made in zip(keyring.older, older[pseudonym], strict=True)]
    if not asked:
        return
    with connect() as connection:
        connection.register("asked", pa.table([*zip(*asked, strict=True)], names=["pseudonym", "key_id", "made"]))
        connection.register("stored", scan_files(lake, LINKS, newest_files(table), ["pseudonym", "key_id"]))
        fresh = connection.sql("select asked.* from asked anti join stored using (pseudonym, key_id)").fetchall()
    sealers = _sealers(keyring.older)
    rows = [
        {
            "pseudonym": pseudonym,
            "key_id": key_id,
            "sealed_pseudonym": sealers[key_id].seal(made.encode(), _bound_to(pseudonym, key_id)),
            "linked_at": now,
        }
        for pseudonym, key_id, made in fresh
    ]
    if rows:
        stage_change(table, write_rows(table, LINKS, pa.Table.from_pylist(rows, schema=LINKS.schema))).commit_transaction()


def _remove(lake: Lake, key_id: str) -> int:
    table = lake.table(LINKS.name)
    files = newest_files(table)
    stored = read_files(lake, LINKS, files)
    of_key = pc.or_(pc.equal(stored["key_id"], key_id), pc.match_substring(stored["pseudonym"], f"_{key_id}_"))
    others = stored.filter(pc.invert(of_key))
    if others.num_rows < stored.num_rows:
        stage_change(table, write_rows(table, LINKS, others), files).commit_transaction()
    return int(stored.num_rows - others.num_rows)


def _newest(pseudonym: str, newer: Mapping[str, str]) -> str:
    while pseudonym in newer:  # each step leads to a younger key
        pseudonym = newer[pseudonym]
    return pseudonym


def _sealers(keys: Sequence[PseudonymKey]) -> dict[str, Sealer]:
    return {key.id: Sealer(derive(key.key, _PURPOSE)) for key in keys}


def _bound_to(pseudonym: str, key_id: str) -> bytes:
    return f"{pseudonym}/{key_id}".encode()
