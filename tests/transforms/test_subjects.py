"""The index of what holds a subject is whole."""

from __future__ import annotations

import pytest

from transforms.canonical import STRING, TABLES, Column, Privacy
from transforms.subjects import FOUND_BY, INDEX, LEFT, PERSONAL, SEARCHED, Erased

PLACES = [(table.name, column) for table in TABLES.values() for column in table.columns]


def name_of(value: object) -> str:
    return value.name if isinstance(value, Column) else str(value)


@pytest.mark.parametrize(("table", "column"), [place for place in PLACES if place[1].privacy in PERSONAL], ids=name_of)
def test_every_column_that_may_be_about_a_person_stands_in_the_index(table: str, column: Column) -> None:
    assert column.name in INDEX[table], (
        f"{table}.{column.name} is classed {column.privacy}: say in transforms/subjects.py what erasing leaves"
    )


def test_the_index_names_only_columns_that_exist() -> None:
    known = {(table, column.name) for table, column in PLACES}
    assert {(table, name) for table, columns in INDEX.items() for name in columns if table in TABLES} <= known


@pytest.mark.parametrize(("table", "column"), PLACES, ids=name_of)
def test_what_stays_is_searched_and_what_may_not_be_null_is_not_nulled(table: str, column: Column) -> None:
    treatment = INDEX[table].get(column.name)
    if treatment is Erased.STAYS:
        assert column.privacy in SEARCHED
    if treatment is Erased.NULL:
        assert not column.required
    if treatment in (Erased.TOKEN, Erased.DESTROYED):
        assert LEFT[treatment] is not None


def test_persons_are_found_by_every_column_of_their_class() -> None:
    persons = {column.name for _, column in PLACES if column.privacy is Privacy.PERSON}
    assert persons <= set(FOUND_BY)
    assert all(column.type == STRING for _, column in PLACES if column.name in FOUND_BY)
