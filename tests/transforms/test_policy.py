import pytest

from engagedb.errors import ConfigurationError
from transforms.policy import Policy, key_words, shipped_policy


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
