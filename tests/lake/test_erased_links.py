"""An erased person leaves the links between pseudonyms too, whichever pseudonym names the person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.erase import erase
from lake.links import count_links
from tests.lake.offices import ANN, BEN, NOW, Office
from transforms.subject import SubjectReader


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Ann and Ben, met before and after a rotation."""
    office = Office(tmp_path)
    office.ingest(ANN, BEN)
    office.rotate("b")
    office.ingest(ANN, BEN)
    return office


def erased(office: Office, subject: str) -> Any:
    return erase(office.lake, office.keyring, [SubjectReader(office.keyring).read(subject, "the test")], now=NOW)


def known(office: Office) -> set[str | None]:
    return {row["recipient_id"] for row in office.ask("SELECT recipient_id FROM events")}


def older_of(office: Office, number: str) -> str:
    return next(row["pseudonym"] for row in office.ask("SELECT * FROM same_person") if row["person_id"] == office.id_of(number))


@pytest.mark.parametrize("named_by", ["number", "newest pseudonym", "older pseudonym"])
def test_one_name_of_a_person_erases_all_of_the_pseudonyms_and_the_link(office: Office, named_by: str) -> None:
    ben = {office.id_of(BEN), older_of(office, BEN)}
    names = {"number": ANN, "newest pseudonym": office.id_of(ANN), "older pseudonym": older_of(office, ANN)}
    done = erased(office, names[named_by])
    assert done.tables["pseudonym_links"].rows_erased == 1
    assert known(office) == {None, *ben}
    assert [row["person_id"] for row in office.ask("SELECT * FROM same_person")] == [office.id_of(BEN)]
    assert sum(count_links(office.lake).values()) == 1
    assert erased(office, names[named_by]).tables["pseudonym_links"].rows_erased == 0


def test_an_erased_person_who_is_met_again_in_old_records_is_linked_no_more(office: Office) -> None:
    erased(office, ANN)
    office.ingest(ANN)
    assert office.id_of(ANN) not in known(office)
    assert [row["person_id"] for row in office.ask("SELECT * FROM same_person")] == [office.id_of(BEN)]
