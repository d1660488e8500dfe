"""Subjects are read from what people write, and a wrong one is refused without being repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engagedb.errors import ConfigurationError
from transforms.forget import Digests, TombstoneKind
from transforms.pseudonyms import PersonKind, Pseudonymiser, PseudonymKey, derive_first
from transforms.subject import SubjectReader

KEYRING = derive_first(b"s" * 32)
READER = SubjectReader(KEYRING)
PERSON = Pseudonymiser(KEYRING).person


@pytest.mark.parametrize("text", ["+12065550123", " +1 (206) 555-0123 ", "0012065550123", "+1.206.555.0123"])
def test_spellings_of_a_number_are_one_subject(text: str) -> None:
    subject = READER.read(text, "here")
    assert subject.pseudonyms == {PERSON("12065550123")}
    assert subject.tombstones[0] == (TombstoneKind.PERSON, Digests(KEYRING).person("+12065550123", PersonKind.PHONE))


def test_an_address_is_one_subject_in_any_case() -> None:
    assert READER.read("Jo@Example.COM", "here").tombstones == READER.read("jo@example.com", "here").tombstones


def test_a_subject_has_a_pseudonym_under_each_key_and_one_tombstone_of_its_own() -> None:
    other = PseudonymKey("bbbbbb", b"o" * 32)
    rotated = replace(KEYRING, pseudonym_keys=(*KEYRING.pseudonym_keys, other))
    before, after = READER.read("+12065550123", "here"), SubjectReader(rotated).read("+12065550123", "here")
    assert len(after.pseudonyms) == 2
    assert before.pseudonyms < after.pseudonyms
    assert before.tombstones[0] == after.tombstones[0]


def test_a_pseudonym_is_a_subject_as_it_stands() -> None:
    name = PERSON("customer 7", PersonKind.CUSTOMER)
    assert READER.read(name, "here").pseudonyms == {name}


@pytest.mark.parametrize(
    "text",
    ["206 555 0123", "12065550123", "+12", "+1206555012345678901", "jo@", "@example.com", "jo@example", "a b@example.com", "jo", "",
     "ph_abc", "ph_kchpmk_zz", "+1206555O123", "'; drop table events"],
)  # fmt: skip
def test_what_is_no_subject_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError, match="Line 3 of people is no subject") as refusal:
        READER.read(text, "Line 3 of people")
    assert not text.strip() or text not in str(refusal.value).replace("(ph_..., em_..., wa_... or cu_...)", "")


def test_lines_are_subjects_but_for_empty_ones_and_remarks() -> None:
    lines = ["# asked by letter", "+12065550123", "", "  jo@example.com  "]
    assert [subject.kind for subject in READER.read_lines(lines, "a file")] == [PersonKind.PHONE, PersonKind.EMAIL]
    with pytest.raises(ConfigurationError, match="Line 2 of a file"):
        READER.read_lines(["+12065550123", "5550123"], "a file")


def test_a_subject_shows_no_value() -> None:
    assert "2065550123" not in repr(READER.read("+12065550123", "here"))


@pytest.mark.parametrize(("number", "national"), [("+12065550123", "2065550123"), ("+4915107136475", "15107136475"), ("+3541234567", None)])
def test_a_number_is_also_known_as_its_country_writes_it(number: str, national: str | None) -> None:
    assert READER.read(number, "here").national_digits == national
