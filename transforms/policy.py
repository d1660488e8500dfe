"""What happens to each leaf of a payload, told by its key and the keys above it: `policy.yaml`, read once and remembered by path."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from engagedb.errors import ConfigurationError
from transforms.pseudonyms import PersonKind

_FIELDS_REMEMBERED: Final = 50_000
_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_SHIPPED: Final = Path(__file__).with_name("policy.yaml")


class Operator(StrEnum):
    """What is done to a value; the event's own identifiers are removed before."""

    KEEP_PUBLIC = "keep_public"  # the sender's own side
    KEEP = "keep"
    KEEP_ID = "keep_id"
    PSEUDONYMISE = "pseudonymise"
    MASK = "mask"
    MASK_NAME = "mask_name"
    TRUNCATE_IP = "truncate_ip"
    COARSEN_GEO = "coarsen_geo"
    DOMAIN_ONLY = "domain_only"
    REDACT_LINK = "redact_link"
    REDACT_TEXT = "redact_text"


class Identifies(StrEnum):
    """What a value tells of the event's people, so that it is removed from every other string of the event."""

    CONTACT = "contact"  # phone number, e-mail address or mailbox with a name
    HANDLE = "handle"  # the sender's or the provider's own id of the person
    NAME = "name"
    PERHAPS_NAME = "perhaps_name"  # a name if it is written like one
    PHRASE = "phrase"  # as it stands: a street, a document number


@dataclass(frozen=True, slots=True)
class Treatment:
    name: str
    operator: Operator
    token: str = ""
    kind: PersonKind | None = None
    identifies: Identifies | None = None


@dataclass(slots=True)
class Field:
    """A place in a payload, list positions apart: its treatment, and the fields below it as they turn up."""

    policy: Policy = field(repr=False)
    treatment: Treatment
    names: tuple[str, ...]
    children: dict[str, Field] = field(default_factory=dict, repr=False)

    def child(self, key: str) -> Field:
        """The field of that key below this one."""
        found = self.children.get(key)
        return found if found is not None else self.policy.remember(self, key)


class Policy:
    """The rules of one policy file."""

    def __init__(self, text: str, origin: str) -> None:
        try:
            rules = yaml.safe_load(text)
            self._treatments = {name: _treatment(name, stated) for name, stated in rules["treatments"].items()}
            self._keys: dict[tuple[str, ...], Treatment] = {}
            self._whole_keys: dict[tuple[str, ...], Treatment] = {}
            for name, keys in rules["keys"].items():
                for key in keys:
                    words = key_words(key.removeprefix("="))
                    known = self._whole_keys if key.startswith("=") else self._keys
                    known[words] = known["".join(words),] = self._treatments[name]
            self._paths = {
                tuple("".join(key_words(part)) for part in path.split(".")): self._treatments[name]
                for name, paths in rules["paths"].items()
                for path in paths
            }
            self._wrappers = {"".join(key_words(key)) for key in rules["wrappers"]}
            self._pairs: dict[str, list[str]] = {}
            for name, content in rules["pairs"]:
                self._pairs.setdefault(content, []).append(name)
            self.ordinary_words = frozenset(rules["ordinary_words"].split())
            self.default = self._treatments["text"]
        except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"{origin} is no privacy policy ({type(error).__name__}: {error}). Correct it.") from None
        self._remembered = 0
        self.root = Field(self, self.default, ())

    def pair(self, mapping: dict[str, Any]) -> tuple[str, str] | None:
        """The two keys by which the mapping holds a named value, if it does."""
        for content, names in self._pairs.items():
            if content in mapping:
                for name in names:
                    if type(mapping.get(name)) is str:
                        return name, content
        return None

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


@cache
def shipped_policy() -> Policy:
    """The policy that engagedb ships."""
    return Policy(_SHIPPED.read_text(encoding="utf-8"), str(_SHIPPED))
