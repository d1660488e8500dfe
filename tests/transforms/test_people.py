from __future__ import annotations

from transforms.people import KNOWN, People
from transforms.pseudonyms import Keyring, Pseudonymiser, derive_first, pseudonym_key

ROOT = bytes(range(32))
NUMBER = "+4915107136475"


def known(people: People, **said: str) -> dict[str, object]:
    names = ("recipient", "customer", "message_id", "channel", "direction", "originator", "link")
    return dict(zip(KNOWN, people.known(True, *(said.get(name) for name in names), None), strict=True))


def test_a_number_tells_its_country_and_range_and_an_address_its_domain() -> None:
    people = People(Pseudonymiser(derive_first(ROOT)), ("customerId",), feedback_expected=False)
    by_phone = known(people, recipient=NUMBER, channel="sms", message_id="m-1")
    assert (by_phone["recipient_country"], by_phone["number_range"], by_phone["recipient_domain"]) == ("DE", "+491510713", None)
    by_mail = known(people, recipient="Ana@Example.com", channel="email", message_id="m-1")
    assert (by_mail["recipient_country"], by_mail["number_range"], by_mail["recipient_domain"]) == (None, None, "example.com")
    assert NUMBER not in str(by_phone)


def test_an_email_to_nobody_known_has_no_message_of_its_own() -> None:
    people = People(Pseudonymiser(derive_first(ROOT)), (), feedback_expected=False)
    assert known(people, channel="email", message_id="m-1")["message_key"] is None
    assert known(people, channel="sms", message_id="m-1")["message_key"] is not None


def test_a_setting_makes_outbound_texts_expect_feedback() -> None:
    people = People(Pseudonymiser(derive_first(ROOT)), (), feedback_expected=True)
    expected = [known(people, channel=channel, direction=way)["feedback_expected"] for channel, way in (
        ("sms", "outbound"), ("mms", "outbound"), ("sms", "inbound"), ("voice", "outbound"),
    )]  # fmt: skip
    assert expected == [True, True, None, None]


def test_a_recipient_is_told_to_the_keyring_again_after_an_abandoned_batch() -> None:
    keyring = Keyring(ROOT, (pseudonym_key(b"a" * 32), pseudonym_key(b"b" * 32)))
    pseudonymiser = Pseudonymiser(keyring)
    people = People(pseudonymiser, (), feedback_expected=False)
    recipient_id = known(people, recipient=NUMBER, channel="sms")["recipient_id"]
    assert list(pseudonymiser.take_older()) == [recipient_id]  # taken with a batch that is then abandoned
    known(people, recipient=NUMBER, channel="sms")
    assert list(pseudonymiser.take_older()) == [recipient_id]
