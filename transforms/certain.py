"""What becomes of a string whoever the event is about, even if it names one of the event's people.

A contact is remembered as the person it names, never as a pseudonym: a pseudonymiser may have to be told of everybody anew.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from transforms.identify import mailboxes, phone_digits
from transforms.memory import Memory
from transforms.policy import Operator, Treatment
from transforms.pseudonyms import PersonKind
from transforms.written import is_pseudonym, network

_NUMBER_OR_ADDRESS: Final = re.compile(r"(\+[0-9]{7,15})|[^\s@<>()\[\]\",;:]+@[^\s@<>()\[\]\",;:]+")


def person_in(treatment: Treatment, value: str) -> tuple[str, PersonKind] | None:
    """The one person that a contact names, as a pseudonymiser takes it."""
    if plain := _NUMBER_OR_ADDRESS.fullmatch(value):  # by far the most
        return value, PersonKind.PHONE if plain[1] else PersonKind.EMAIL
    if "@" not in value and phone_digits(value, needs_plus=False) is not None:
        return value, PersonKind.PHONE
    if boxes := mailboxes(value):
        return (boxes[0][1], PersonKind.EMAIL) if len(boxes) == 1 else None
    return (value, treatment.kind) if value and treatment.kind is not None and not is_pseudonym(value) else None


def networks_in(value: str) -> str | None:
    """The networks of IP addresses that commas part."""
    cut = [network(part) for part in value.split(",")]
    return ", ".join(part for part in cut if part) if all(cut) else None


def domains_in(value: str) -> str | None:
    """The domains of the mailboxes that a string consists of."""
    return ", ".join([address.rpartition("@")[2] for _, address in mailboxes(value)]) or None


def certain_memory(treatment: Treatment) -> Memory | None:
    """What is certain of strings with that treatment; for contacts `person_in`. None where nothing is."""
    if treatment.operator is Operator.PSEUDONYMISE:
        return Memory(partial(person_in, treatment))
    return Memory(domains_in) if treatment.operator is Operator.DOMAIN_ONLY else None
