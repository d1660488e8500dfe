"""Which finders a text needs: one pass of an RE2 set over the folded text, a few microseconds for a text with nothing in it."""

from __future__ import annotations

import re2

from transforms.text import address, email, geo, iban, ip, link, national_id, person, spoken
from transforms.text.cues import pattern_of
from transforms.text.lexicon import Cue

# Shorter numbers are personal only beside a word that says so.
_NUMBER = r"\d(?:[ \-./()]{0,3}\d){5,}"
_LETTER_ZERO = r"[ol\d](?:[ .\-]?[ol\d]){8,}"


def _build() -> tuple[re2.Set, list[str]]:
    options = re2.Options()
    options.max_mem = 64 << 20
    found = re2.Set.SearchSet(options)
    names: list[str] = []
    for name, patterns in (
        ("link", link.TRIGGERS),
        ("email", email.TRIGGERS),
        ("ip", ip.TRIGGERS),
        ("iban", iban.TRIGGERS),
        ("geo", geo.TRIGGERS),
        ("spoken", spoken.TRIGGERS),
        ("forms", (*national_id.TRIGGERS, pattern_of(Cue.IDENTITY))),
        ("numbers", (_NUMBER, _LETTER_ZERO, pattern_of(Cue.CODE, Cue.SIGN_IN, Cue.BIRTH))),
        ("address", address.TRIGGERS),
        ("person", person.TRIGGERS),
    ):
        for pattern in patterns:
            found.Add(pattern)
            names.append(name)
    found.Add("")
    names.append("always")
    found.Compile()
    return found, names


_SET, _NAMES = _build()


def wanted(low: str) -> set[str]:
    """The names of the finders that may find something; the rest cannot."""
    matched = _SET.Match(low)
    names = {_NAMES[index] for index in matched or ()}
    if "always" not in names:
        raise RuntimeError("the prefilter ran out of memory")
    names.discard("always")
    return names
