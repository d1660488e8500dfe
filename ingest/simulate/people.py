"""Made-up people: the same number always means the same person, with a phone number, a name and an e-mail address.

A person is country index x 10,000,000 + a number within the country. Names are put together from invented parts,
e-mail domains are reserved ones, phone numbers follow the country's plan.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.simulate.countries import countries
from ingest.simulate.draw import Ints, Words, scatter, words
from ingest.simulate.numbers import RANGES_PER_COUNTRY

PER_COUNTRY: Final = 10_000_000
MOST_PEOPLE: Final = RANGES_PER_COUNTRY * 10_000

_GIVEN_HEADS: Final = ["Al", "Bre", "Cor", "Da", "El", "Fi", "Ga", "Hel", "Iri", "Jo", "Ka", "Lu", "Mar",
                "Ni", "Or", "Pe", "Ro", "Sa", "Te", "Vi"]  # fmt: skip
_GIVEN_TAILS: Final = ["na", "vin", "lia", "den", "mira", "sa", "rik", "lo", "ette", "dro"]
_FAMILY_HEADS: Final = ["Ash", "Bran", "Cal", "Dor", "Eld", "Fen", "Grau", "Hol", "Ist", "Kess", "Lind",
                 "Mor", "Nov", "Ost", "Pell", "Quin"]  # fmt: skip
_FAMILY_TAILS: Final = ["berg", "ley", "mann", "ova", "sson", "ini", "escu", "well", "dorf", "aro", "gård", "ieux"]

GIVEN: Final[Words] = words([head + tail for head in _GIVEN_HEADS for tail in _GIVEN_TAILS])
FAMILY: Final[Words] = words([head + tail for head in _FAMILY_HEADS for tail in _FAMILY_TAILS])
_FOLD: Final = str.maketrans("å", "a")
_GIVEN_LOCAL: Final[Words] = words([name.lower().translate(_FOLD) for name in GIVEN])
_FAMILY_LOCAL: Final[Words] = words([name.lower().translate(_FOLD) for name in FAMILY])

# Mail providers of private people, then companies; the companies' gateways open and click every link before anybody reads.
DOMAINS: Final[Words] = words([
    "webmail.example", "mailbox.example.com", "post.example.net", "correo.example.es", "courriel.example.fr", "posteo.example.de",
    "inbox.example.org", "mail.example.co", "acme-industries.example", "nordwind.example", "blueharbor.example",
])  # fmt: skip
DOMAIN_WEIGHTS: Final = (30, 22, 12, 7, 7, 7, 5, 3, 3, 2, 2)
SCANNED_FROM: Final = 8  # domains from this one on are companies with scanners
_DOMAIN_OF: Final = np.repeat(np.arange(len(DOMAIN_WEIGHTS), dtype=np.int64), DOMAIN_WEIGHTS)

RANGES: Final[Words] = words([prefix for country in countries() for prefix in country.ranges])
FIRST_RANGE: Final = np.cumsum([0] + [len(country.ranges) for country in countries()]).astype(np.int64)


def draw_people(rng: np.random.Generator, country: Ints, population: Ints) -> Ints:
    """One person per message: the lower numbers of a country hear from the company more often."""
    return country * PER_COUNTRY + (rng.random(len(country)) ** 1.6 * population[country]).astype(np.int64)


def phone_of(person: Ints) -> tuple[Ints, Ints]:
    """Index into RANGES and the last four digits of each person's phone number."""
    country, number = person // PER_COUNTRY, person % PER_COUNTRY
    return FIRST_RANGE[country] + number % RANGES_PER_COUNTRY, number // RANGES_PER_COUNTRY * 7919 % 10_000


def name_of(person: Ints) -> tuple[Ints, Ints]:
    """Indexes into GIVEN and FAMILY."""
    return scatter(person, 1, len(GIVEN)), scatter(person, 2, len(FAMILY))


def domain_of(person: Ints) -> Ints:
    """Index into DOMAINS."""
    return _DOMAIN_OF[scatter(person, 3, len(_DOMAIN_OF))]


def email_of(person: Ints) -> tuple[list[str], list[str], list[int], list[str]]:
    """The four fields of an e-mail address, for the format `EMAIL`."""
    given, family = name_of(person)
    domains = DOMAINS[domain_of(person)].tolist()
    return _GIVEN_LOCAL[given].tolist(), _FAMILY_LOCAL[family].tolist(), (person % PER_COUNTRY).tolist(), domains


EMAIL: Final = "%s.%s%d@%s"
CUSTOMER: Final = "C%09d"
