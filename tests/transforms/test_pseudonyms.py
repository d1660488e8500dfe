import hashlib
import hmac
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.pseudonyms import EmailPart, Keyring, PersonKind, Pseudonymiser, PseudonymKey, canonical, derive_first, person_kind

KEYRING = derive_first(b"a root secret of thirty-two byte")
P = Pseudonymiser(KEYRING)
OTHER = Pseudonymiser(derive_first(b"another secret of thirty-two byt"))


def test_a_pseudonym_is_the_documented_hmac_in_letters() -> None:
    expected = hmac.new(KEYRING.pseudonym_keys[-1].key, b"ph\x00+12065550100", hashlib.sha256).hexdigest()[:32]
    letters = expected.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
    assert P.person("+12065550100") == f"ph_{KEYRING.pseudonym_keys[-1].id}_{letters}"


@pytest.mark.parametrize(
    "other",
    [
        "12065550100",
        "+1 (206) 555-0100",
        "0012065550100",
        "+1 206 555 0100",
        "\uff0b\uff11\uff12\uff10\uff16\uff15\uff15\uff15\uff10\uff11\uff10\uff10",
    ],
)
def test_a_person_is_the_same_by_sms_and_by_whatsapp_and_in_every_spelling(other: str) -> None:
    assert P.person(other) == P.person("+12065550100")


@pytest.mark.parametrize(
    ("whatsapp", "sms"),
    [("5215512345678", "+525512345678"), ("551187654321", "+5511987654321"), ("4407700900123", "+44 (0)07700900123")],
)
def test_numbers_that_whatsapp_names_by_an_older_plan_are_the_same_person(whatsapp: str, sms: str) -> None:
    assert P.person(whatsapp) == P.person(sms)


def test_a_brazilian_landline_gets_no_mobile_digit() -> None:
    assert canonical("551132654321", PersonKind.PHONE) == "+551132654321"


@pytest.mark.parametrize(
    ("one", "other"), [("Ana@Example.com", "ana@example.com"), ("ana@B\u00fccher.example", "ana@xn--bcher-kva.example")]
)
def test_the_spelling_of_an_email_address_does_not_matter(one: str, other: str) -> None:
    assert P.person(one) == P.person(other)
    assert P.person(one).startswith("em_")


@pytest.mark.parametrize(
    ("ignored", "same", "other"),
    [
        ((), "Ana@gmail.com", ["ana+x@gmail.com", "a.na@gmail.com"]),
        (("plus_tag",), "ana+news@example.com", ["a.na@example.com", "anna@example.com"]),
        (("plus_tag",), "ana+a+b@example.com", ["+ana@example.com"]),
        (("gmail_dots",), "a.n.a@googlemail.com", ["ana+x@gmail.com"]),
        (("gmail_dots", "plus_tag"), "A.na+x@gmail.com", ["anna@gmail.com"]),
    ],
)
def test_a_lake_may_ignore_parts_of_addresses(ignored: tuple[str, ...], same: str, other: list[str]) -> None:
    maker = Pseudonymiser(replace(KEYRING, email_ignores=frozenset(ignored)))
    plain = "ana@" + {"googlemail.com": "gmail.com"}.get(same.rpartition("@")[2], same.rpartition("@")[2])
    assert maker.person(same) == maker.person(plain) == P.person(plain)
    assert maker.person(plain) not in {maker.person(address) for address in other}
    assert maker.message_key("ses", "id", same) == P.message_key("ses", "id", same)  # two addresses are two messages all the same


def test_dots_tell_people_apart_outside_gmail() -> None:
    maker = Pseudonymiser(replace(KEYRING, email_ignores=frozenset(EmailPart)))
    assert maker.person("a.na@example.com") != maker.person("ana@example.com")


@given(st.text(st.sampled_from("ab.-@ÄüI0")))
def test_a_domain_is_spelled_as_internet_names_are(domain: str) -> None:
    folded = domain.lower()
    try:
        spelled = folded.rpartition("@")[2].encode("idna").decode()
    except UnicodeError:
        spelled = folded.rpartition("@")[2]
    assert canonical(f"ana@{domain}", PersonKind.EMAIL).rpartition("@")[2] == spelled


def test_an_address_with_an_impossible_domain_still_has_a_pseudonym() -> None:
    assert P.person("ana@" + "x" * 80 + "..com").startswith("em_")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("+12065550100", PersonKind.PHONE),
        ("4915107136475", PersonKind.PHONE),
        ("a@b.example", PersonKind.EMAIL),
        ("US.13491208655302741918", PersonKind.WHATSAPP),
    ],
)
def test_the_shape_of_an_identifier_tells_its_kind(value: str, kind: PersonKind) -> None:
    assert person_kind(value) is kind
    assert P.person(value).startswith(kind.value + "_")


def test_the_same_text_as_two_kinds_gives_two_unrelated_pseudonyms() -> None:
    letters = {P.person("12065550100", kind).rsplit("_", 1)[1] for kind in PersonKind}
    assert len(letters) == len(PersonKind)


@given(st.text(min_size=1))
def test_any_text_has_a_stable_pseudonym_without_digits_that_another_key_does_not_share(value: str) -> None:
    pseudonym = P.person(value)
    assert pseudonym == Pseudonymiser(KEYRING).person(value)
    assert re.fullmatch(r"(ph|em|wa)_[a-p]{6}_[a-p]{32}", pseudonym)
    assert pseudonym != OTHER.person(value)


def test_a_rotated_key_changes_pseudonyms_but_no_id_of_the_root() -> None:
    rotated = Pseudonymiser(Keyring(KEYRING.root, (*KEYRING.pseudonym_keys, PseudonymKey("abcdef", b"n" * 32))))
    assert rotated.person("+12065550100").startswith("ph_abcdef_")
    assert rotated.event_id("sms", ["a"]) == P.event_id("sms", ["a"])
    assert rotated.opaque_id("wamid.x") == P.opaque_id("wamid.x")
    assert rotated.keyring.key_check() == KEYRING.key_check()


def test_an_event_id_tells_values_types_and_order_apart() -> None:
    texts = [["a", "b"], ["b", "a"], ["ab"], [1], ["1"], [None], []]
    ids = [P.event_id("sms", values) for values in texts] + [P.event_id("mms", ["a", "b"])]
    assert len(set(ids)) == len(ids)


def test_an_event_id_of_a_whole_payload_does_not_depend_on_the_order_of_its_keys() -> None:
    assert P.event_id("sms", [{"a": 1, "b": 2}]) == P.event_id("sms", [{"b": 2, "a": 1}])


def test_integers_beyond_64_bits_are_exact_in_an_event_id() -> None:
    assert P.event_id("sms", [10**30]) != P.event_id("sms", [10**30 + 1])


def test_a_message_key_knows_its_recipient_whatever_the_case() -> None:
    assert P.message_key("ses", "id", "Ana@example.com") == P.message_key("ses", "id", "ana@example.com")
    assert len({P.message_key("ses", "id", "ana@example.com"), P.message_key("ses", "id"), P.message_key("eum", "id")}) == 3


def test_every_purpose_of_the_root_has_a_digest_of_its_own() -> None:
    assert len({P.dead_letter_id(b"x"), P.dead_letter_id(b"x", 1), P.object_key("x"), P.opaque_id("x")[4:], P.event_id("x", [])}) == 5


def test_a_keyring_does_not_print_its_secrets() -> None:
    shown = repr(KEYRING)
    assert "secret" not in shown
    assert repr(KEYRING.pseudonym_keys[0].key) not in shown
