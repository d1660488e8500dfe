"""What happens to each leaf of a payload, told by its key and the keys above it: `policy.yaml`, read once and remembered by path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from engagedb.errors import ConfigurationError
from transforms.canonical import EVENTS, NOTICES, Privacy
from transforms.pseudonyms import PersonKind
from transforms.yaml_loader import LOADER

_FIELDS_REMEMBERED: Final = 50_000
_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
SHIPPED: Final = Path(__file__).with_name("policy.yaml")
_OWN_PARTS: Final = frozenset({"treatments", "keys", "paths", "columns"})
DROPPABLE: Final = frozenset(
    column.name
    for table in (EVENTS, NOTICES)
    for column in table.columns
    if not column.required
    and (column.privacy in (Privacy.TEXT, Privacy.LINK, Privacy.MAP) or column.name in ("number_range", "recipient_domain", "link_domain"))
) - {"source_object", "raw_event"}


class Operator(StrEnum):
    """What is done to a value; the event's own identifiers are removed before."""

    KEEP_PUBLIC = "keep_public"  # the sender's own side
    KEEP = "keep"
    KEEP_ID = "keep_id"
    DROP = "drop"  # with everything below
    PSEUDONYMISE = "pseudonymise"
    MASK = "mask"
    MASK_NAME = "mask_name"
    TRUNCATE_IP = "truncate_ip"
    COARSEN_GEO = "coarsen_geo"
    DOMAIN_ONLY = "domain_only"
    REDACT_LINK = "redact_link"
    REDACT_TEXT = "redact_text"


REMEMBERED: Final = (
    Operator.KEEP, Operator.KEEP_ID, Operator.KEEP_PUBLIC, Operator.TRUNCATE_IP, Operator.REDACT_LINK, Operator.REDACT_TEXT,
)  # fmt: skip
"""Operators that make the same of a string whomever the event is about, unless it names one of its people."""


class Identifies(StrEnum):
    """What a value tells of the event's people, so that it is removed from every other string of the event."""

    CONTACT = "contact"  # phone number, e-mail address or mailbox with a name
    HANDLE = "handle"  # the sender's or the provider's own id of the person
    NAME = "name"
    PERHAPS_NAME = "perhaps_name"  # a name if it is written like one
    PHRASE = "phrase"  # as it stands: a street, a document number


_SENDERS_OPERATORS: Final = (Operator.KEEP_PUBLIC, Operator.DOMAIN_ONLY)


@dataclass(frozen=True, slots=True)
class Treatment:
    name: str
    operator: Operator
    token: str = ""
    kind: PersonKind | None = None
    identifies: Identifies | None = None


@dataclass(slots=True, eq=False)
class Field:
    """A place in a payload, list positions apart: its treatment, and the fields below it as they turn up.

    `identifies` is the treatment's; `is_senders` when a value here is the sender's own, whatever it looks like.
    """

    policy: Policy = field(repr=False)
    treatment: Treatment
    names: tuple[str, ...]
    children: dict[str, Field] = field(default_factory=dict, repr=False)
    identifies: Identifies | None = field(init=False)
    is_senders: bool = field(init=False)
    is_dropped: bool = field(init=False)

    def __post_init__(self) -> None:
        self.identifies = self.treatment.identifies
        self.is_senders = self.treatment.operator in _SENDERS_OPERATORS
        self.is_dropped = self.treatment.operator is Operator.DROP

    def child(self, key: str) -> Field:
        """The field of that key below this one."""
        found = self.children.get(key)
        return found if found is not None else self.policy.remember(self, key)


class Policy:
    """The rules of one policy file, with those of others put over them: where both name the same key, the later one decides."""

    def __init__(self, text: str, origin: str, own: Sequence[Mapping[str, Any]] = (), own_origin: str = "") -> None:
        self._treatments: dict[str, Treatment] = {}
        self._keys: dict[tuple[str, ...], Treatment] = {}
        self._whole_keys: dict[tuple[str, ...], Treatment] = {}
        self._paths: dict[tuple[str, ...], Treatment] = {}
        self.dropped_columns: frozenset[str] = frozenset()
        try:
            rules = yaml.load(text, LOADER)
            self._take(rules)
            self._wrappers = {"".join(key_words(key)) for key in rules["wrappers"]}
            self._pairs: dict[str, list[str]] = {}
            for name, content in rules["pairs"]:
                self._pairs.setdefault(content, []).append(name)
            self.ordinary_words = frozenset(rules["ordinary_words"].split())
            self.default = self._treatments["text"]
        except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"{origin} is no privacy policy ({type(error).__name__}: {error}). Correct it.") from None
        try:
            for over in own:
                self._take(over)
                self._take_columns(over.get("columns") or {}, own_origin)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"{own_origin} is no privacy policy ({type(error).__name__}: {error}). Correct it.") from None
        self._remembered = 0
        self.root = Field(self, self.default, ())

    def _take(self, rules: Mapping[str, Any]) -> None:
        self._treatments |= {name: _treatment(name, stated) for name, stated in (rules.get("treatments") or {}).items()}
        for name, keys in (rules.get("keys") or {}).items():
            for key in keys:
                words = key_words(key.removeprefix("="))
                known = self._whole_keys if key.startswith("=") else self._keys
                known[words] = known["".join(words),] = self._treatments[name]
        for name, paths in (rules.get("paths") or {}).items():
            for path in paths:
                self._paths[tuple("".join(key_words(part)) for part in path.split("."))] = self._treatments[name]

    def _take_columns(self, columns: Mapping[str, Sequence[str]], origin: str) -> None:
        if wrong := sorted({*columns.get(Operator.DROP, ())} - DROPPABLE) or sorted(columns.keys() - {Operator.DROP}):
            raise ConfigurationError(
                f"{origin} cannot treat the column or operator {wrong[0]}: a column is dropped or left to its class. "
                f"These can be dropped: {', '.join(sorted(DROPPABLE))}."
            )
        self.dropped_columns |= frozenset(columns.get(Operator.DROP, ()))

    def pair(self, mapping: Mapping[str, Any]) -> tuple[str, str] | None:
        """The two keys by which the mapping holds a named value, if it does."""
        for name, content in self.possible_pairs(mapping):
            if type(mapping[name]) is str:
                return name, content
        return None

    def possible_pairs(self, keys: Collection[str]) -> Sequence[tuple[str, str]]:
        """The pairs of keys by which a mapping with those keys may hold a named value; the first that does counts."""
        if self._pairs.keys().isdisjoint(keys):
            return ()
        return [(name, content) for content, names in self._pairs.items() if content in keys for name in names if name in keys]

    def remember(self, parent: Field, key: str) -> Field:
        """The field of a key that `parent` has not seen. Bounded: keys may be personal values and of any number."""
        words = key_words(key)
        names = (*parent.names[-2:], "".join(words))
        found = Field(self, self._judge(parent, words, names), names)
        if self._remembered < _FIELDS_REMEMBERED:
            self._remembered += 1
            parent.children[key] = found
        return found

    def _judge(self, parent: Field, words: tuple[str, ...], names: tuple[str, ...]) -> Treatment:
        if parent.treatment.operator is Operator.DROP:
            return parent.treatment
        for start in range(len(names) - 1):
            if (by_path := self._paths.get(names[start:])) is not None:
                return by_path
        if names[-1] in self._wrappers:
            return parent.treatment
        if (whole := self._whole_keys.get(words)) is not None:
            return whole
        while len(words) > 1 and words[-1].isdigit() and words not in self._keys:
            words = words[:-1]
        for start in range(len(words)):
            if (by_key := self._keys.get(words[start:])) is not None:
                return by_key
        return self.default


def key_words(key: str) -> tuple[str, ...]:
    """The words of a key, lower case and without accents, whatever joins them: camelCase, snake_case, kebab-case, spaces."""
    plain = key if key.isascii() else "".join(c for c in unicodedata.normalize("NFKD", key) if not _is_latin_accent(c))
    return tuple(word.lower() for word in _WORD.findall(plain))


def _is_latin_accent(char: str) -> bool:
    return "\u0300" <= char <= "\u036f"


def _treatment(name: str, stated: dict[str, Any]) -> Treatment:
    return Treatment(
        name=name,
        operator=Operator(stated["operator"]),
        token=f"[{stated['token']}]" if "token" in stated else "",
        kind=PersonKind(stated["kind"]) if "kind" in stated else None,
        identifies=Identifies(stated["identifies"]) if "identifies" in stated else None,
    )


class Policies:
    """The shipped policy with the rules of one's own: for every source, and for those that have rules of their own as well."""

    def __init__(self, text: str | None = None, origin: str = "") -> None:
        self.by_source: dict[str, Policy] = {}
        if text is None:
            self.common = shipped_policy()
            return
        try:
            own = yaml.load(text, LOADER) or {}
            sources = own.pop("sources", None) or {}
            if unknown := sorted({*own, *(part for rules in sources.values() for part in rules)} - _OWN_PARTS):
                raise ValueError(f"{unknown[0]} is none of {', '.join(sorted(_OWN_PARTS))}, sources")
        except (yaml.YAMLError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"{origin} is no privacy policy ({type(error).__name__}: {error}). Correct it.") from None
        shipped = SHIPPED.read_text(encoding="utf-8")
        self.common = Policy(shipped, str(SHIPPED), [own], origin)
        self.by_source = {source: Policy(shipped, str(SHIPPED), [own, rules], origin) for source, rules in sources.items()}


@cache
def shipped_policy() -> Policy:
    """The policy that engagedb ships."""
    return Policy(SHIPPED.read_text(encoding="utf-8"), str(SHIPPED))
