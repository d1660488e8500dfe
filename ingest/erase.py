"""The erasure of persons, dead letters included: their sealed records are opened and searched."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from engagedb.errors import LakeError
from lake.catalog import Lake
from lake.commit import Checkpoint
from lake.erasure.erase import Erasure, erase_subjects
from lake.erasure.tombstones import LetterCheck
from lake.links import same_persons
from lake.seal import unseal
from transforms.forget import Digests, Forgetter, TombstoneKind
from transforms.naming import digit_runs, persons_named
from transforms.pseudonyms import Keyring, PersonKind
from transforms.subject import Subject, SubjectReader

_HANDLES = tuple(f"{kind}_" for kind in (PersonKind.WHATSAPP, PersonKind.CUSTOMER))


def erase(
    lake: Lake,
    keyring: Keyring,
    subjects: Sequence[Subject],
    *,
    now: datetime,
    dry_run: bool = False,
    checkpoint: Checkpoint = lambda point: None,
    tell: Callable[[float], None] = lambda share: None,
) -> Erasure:
    """What was erased of the subjects (transforms/subject.py), or would be in a dry run.

    Checkpoints: those of lake/erasure/erase.py. Run again after a stop anywhere, it goes on; run again after its end,
    it finds nothing new.
    """
    subjects = _with_linked(subjects, same_persons(lake, keyring).to_pylist(), keyring)
    search = LetterSearch(keyring, subjects)
    return erase_subjects(lake, keyring, subjects, search, now=now, dry_run=dry_run, checkpoint=checkpoint, tell=tell)


def _with_linked(subjects: Sequence[Subject], links: Sequence[Mapping[str, str]], keyring: Keyring) -> list[Subject]:
    """The subjects, each with all pseudonyms of the person that the links tell."""
    newest = {link["pseudonym"]: link["person_id"] for link in links}
    of_person: dict[str, set[str]] = {}
    for older, person in newest.items():
        of_person.setdefault(person, {person}).add(older)
    digests = Digests(keyring)

    def linked(subject: Subject) -> Subject:
        persons = {newest.get(name, name) for name in subject.pseudonyms}
        more = set[str]().union(*(of_person.get(person, ()) for person in persons)) - subject.pseudonyms
        stones = tuple((TombstoneKind.PSEUDONYM, digests.pseudonym(name)) for name in sorted(more))
        return replace(subject, tombstones=subject.tombstones + stones, pseudonyms=subject.pseudonyms | more)

    return [linked(subject) for subject in subjects] if links else list(subjects)


class LetterSearch:
    """Whether a sealed record names one of the subjects."""

    def __init__(self, keyring: Keyring, subjects: Sequence[Subject]) -> None:
        self._keyring = keyring
        self._values = {(subject.value, subject.kind) for subject in subjects if subject.value is not None}
        self._national = {digits for subject in subjects if (digits := subject.national_digits) is not None}
        # A subject that is known by a pseudonym only is recognised by making the pseudonyms of everybody who is named.
        unnamed = frozenset(name for subject in subjects if subject.value is None for name in subject.pseudonyms)
        self._pseudonyms = unnamed
        self._reader = SubjectReader(keyring)
        self._with_handles = any(name.startswith(_HANDLES) for name in unnamed)

    def __call__(self, letter_id: str, sealed: bytes) -> bool | None:
        try:
            record = opened_record(self._keyring, letter_id, sealed)
        except LakeError:
            return None
        if self._national and any(digits in self._national for digits in digit_runs(record)):
            return True
        return any(self._is_subject(value, kind) for value, kind in persons_named(record, with_handles=self._with_handles))

    def _is_subject(self, value: str, kind: PersonKind) -> bool:
        if (self._keyring.canonical(value, kind), kind) in self._values:
            return True
        return bool(self._pseudonyms) and not self._pseudonyms.isdisjoint(self._reader.pseudonyms(value, kind))


def opened_record(keyring: Keyring, letter_id: str, sealed: bytes) -> bytes:
    """The bytes of the record that a dead letter seals. Raises LakeError when the key does not open it."""
    try:
        return base64.b64decode(orjson.loads(unseal(keyring, sealed, letter_id.encode()))["record"])
    except (orjson.JSONDecodeError, KeyError, ValueError):
        raise LakeError("A sealed record has a form that this version of engagedb does not know. Upgrade engagedb.") from None


def letter_check(keyring: Keyring, forgetter: Forgetter) -> LetterCheck:
    """Tells, of a sealed record, up to when letters are gone that name its persons."""
    reader = SubjectReader(keyring)

    def gone_until(letter_id: str, sealed: bytes) -> datetime | None:
        persons = forgetter.tombstones.persons
        moments = []
        for value, kind in persons_named(opened_record(keyring, letter_id, sealed), with_handles=True):
            keys = [forgetter.digests.person(value, kind)]
            keys += [forgetter.digests.pseudonym(name) for name in reader.pseudonyms(value, kind)]
            moments += [persons[key] for key in keys if key in persons]
        return max(moments, default=None)

    return gone_until
