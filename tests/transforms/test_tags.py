from __future__ import annotations

from transforms.known_values import Identifiers
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber
from transforms.tags import Tags

PSEUDONYMS = Pseudonymiser(derive_first(bytes(range(32))))
TAGS = Tags(Scrubber(PSEUDONYMS), frozenset({"customerId"}))
NOBODY = Identifiers()


def test_tags_are_treated_by_their_names() -> None:
    tags = {"customer": "Ana Lima", "user_email": ["ana@example.com"], "list": ["a", "b"], "n": 5, "none": None, "b": True}
    ana = PSEUDONYMS.person("ana@example.com")
    assert TAGS.redacted(tags, NOBODY) == {"customer": "[PERSON]", "user_email": ana, "list": "a,b", "n": "5", "b": "true"}
    assert TAGS.redacted(tags, NOBODY, is_named=False) == TAGS.redacted(tags, NOBODY)


def test_the_senders_own_ids_of_persons_are_left_out() -> None:
    assert TAGS.redacted({"customerId": "C-1", "campaign": "spring"}, NOBODY) == {"campaign": "spring"}


def test_the_same_keys_with_other_values_are_looked_at_anew() -> None:
    ana = Identifiers()
    ana.add_name("Ana Lima")
    assert TAGS.redacted({"campaign": "spring"}, ana, is_named=False) == {"campaign": "spring"}
    assert TAGS.redacted({"campaign": "for Ana Lima"}, ana) == {"campaign": "for [PERSON]"}
    assert TAGS.redacted({"campaign": ["for", "Ana Lima"]}, ana) == {"campaign": "for,[PERSON]"}


def test_what_may_name_somebody_are_keys_and_values_that_are_remembered() -> None:
    keys, *values = TAGS.strings({"campaign": "spring", "list": ["a", 7, "b"], "user_email": "ana@example.com", "n": 5})
    assert keys.split("\x00") == ["campaign", "list", "user_email", "n"]
    assert values == ["spring", "a", "b"]
