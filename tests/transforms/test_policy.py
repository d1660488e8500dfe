import pytest

from engagedb.errors import ConfigurationError
from transforms.policy import Policies, Policy, key_words, shipped_policy


def treatment(*path: str) -> str:
    place = shipped_policy().root
    for key in path:
        place = place.child(key)
    return place.treatment.name


@pytest.mark.parametrize(
    "key", ["phoneNumber", "phone_number", "phone-number", "PHONE NUMBER", "PhoneNumber2", "user_phone_number", "phonenumber"]
)
def test_a_key_is_known_in_every_spelling(key: str) -> None:
    assert treatment(key) == "contact"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("first_name",), "name"),
        (("prénom",), "name"),
        (("templateName",), "public"),
        (("carrierName",), "machine"),
        (("profile", "name"), "name"),
        (("intent", "name"), "machine"),
        (("name",), "perhaps_name"),
        (("originationPhoneNumber",), "public"),
        (("destinationPhoneNumber",), "contact"),
        (("x-amz-lex:user-id",), "handle"),
        (("IPAddress",), "ip"),
        (("fechaNacimiento",), "birth"),
        (("errors", "code"), "machine"),
        (("code",), "code"),
        (("電話番号",), "contact"),
        (("anything else",), "text"),
    ],
)
def test_the_longest_rule_and_the_nearest_parents_decide(path: tuple[str, ...], expected: str) -> None:
    assert treatment(*path) == expected


def test_a_key_that_says_nothing_is_what_the_key_above_it_says() -> None:
    assert treatment("slots", "Phone", "value", "originalValue") == "contact"


def test_the_words_of_a_key_have_no_case_and_no_accents() -> None:
    assert key_words("XCustomerNAMEÉtat_2") == ("x", "customer", "name", "etat", "2")


@pytest.mark.parametrize("text", ["", "[]", "treatments: {a: {operator: burn}}", "treatments: {text: {operator: keep}}\nkeys: {b: [c]}"])
def test_a_broken_policy_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.yaml is no privacy policy"):
        Policy(text, "mine.yaml")


OWN = """
treatments:
  loyalty: {operator: pseudonymise, kind: cu, identifies: handle}
keys:
  loyalty: [loyalty id]
  drop: [internal notes]
  machine: [phone]
paths:
  drop: [order.gift text]
columns:
  drop: [subject, number_range]
sources:
  ses:
    keys:
      drop: [shoe size]
    columns:
      drop: [body]
"""


def of_own(policy: Policy, *path: str) -> str:
    place = policy.root
    for key in path:
        place = place.child(key)
    return place.treatment.name


def test_own_rules_stand_over_the_shipped_ones() -> None:
    policies = Policies(OWN, "mine.yaml")
    found = [of_own(policies.common, *path) for path in (("loyaltyId",), ("order", "giftText"), ("phone",), ("mobilePhone",), ("email",))]
    assert found == ["loyalty", "drop", "machine", "contact", "contact"]
    assert treatment("phone") == "contact"


def test_what_stands_below_a_dropped_key_is_dropped_too() -> None:
    assert of_own(Policies(OWN, "mine.yaml").common, "internalNotes", "email", "value") == "drop"


def test_a_source_may_have_rules_that_no_other_has() -> None:
    policies = Policies(OWN, "mine.yaml")
    assert (of_own(policies.common, "shoeSize"), of_own(policies.by_source["ses"], "shoeSize")) == ("text", "drop")
    assert of_own(policies.by_source["ses"], "loyaltyId") == "loyalty"
    assert policies.common.dropped_columns == {"subject", "number_range"}
    assert policies.by_source["ses"].dropped_columns == {"subject", "number_range", "body"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {drop: [event_id]}", "cannot treat the column or operator event_id"),
        ("columns: {keep: [body]}", "cannot treat the column or operator keep"),
        ("keys: {nothing: [a]}", "mine.yaml is no privacy policy"),
        ("columns: {drop: [recipient_id]}", "cannot treat the column or operator recipient_id"),
        ("kyes: {drop: [a]}", "kyes is none of"),
        ("sources: {ses: {key: {drop: [a]}}}", "key is none of"),
        ("treatments: {a: {operator: burn}}", "mine.yaml is no privacy policy"),
        ("- a", "mine.yaml is no privacy policy"),
        ("keys: [", "mine.yaml is no privacy policy"),
    ],
)
def test_own_rules_that_cannot_be_are_refused_by_name(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Policies(text, "mine.yaml")
