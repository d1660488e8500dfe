"""What is certain of a contact, whoever the event is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.certain import person_in
from transforms.identify import mailboxes, phone_digits
from transforms.policy import Operator, Treatment
from transforms.pseudonyms import PersonKind

CONTACT = Treatment("contact", Operator.PSEUDONYMISE)
_SOMETHING_LIKE_A_CONTACT = st.text(st.sampled_from('+049 a@.<>:,;"-(\u00a0\u0664é\n'), max_size=18)


@given(_SOMETHING_LIKE_A_CONTACT | st.from_regex(r"\A\+?\d{5,17}\Z") | st.from_regex(r"\A(mailto:)?[^@]{1,4}@[^@]{1,4}\Z"))
def test_a_plain_number_or_address_is_the_person_that_reading_it_with_care_finds(value: str) -> None:
    boxes = mailboxes(value)
    if "@" not in value and phone_digits(value, needs_plus=False) is not None:
        assert person_in(CONTACT, value) == (value, PersonKind.PHONE)
    else:
        assert person_in(CONTACT, value) == ((boxes[0][1], PersonKind.EMAIL) if len(boxes) == 1 else None)


@pytest.mark.parametrize(
    ("value", "person"),
    [
        ("+4915107136475", ("+4915107136475", PersonKind.PHONE)),
        ("0151 0713 6475", ("0151 0713 6475", PersonKind.PHONE)),
        ("Ana <ana@example.com>", ("ana@example.com", PersonKind.EMAIL)),
        ("mailto:ana@example.com", ("ana@example.com", PersonKind.EMAIL)),
        ("ana@example.com, bob@example.com", None),
        ("+491510", None),
        ("nobody", None),
    ],
)
def test_one_person_is_found_in_a_contact(value: str, person: tuple[str, PersonKind] | None) -> None:
    assert person_in(CONTACT, value) == person
