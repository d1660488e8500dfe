import base64

import orjson
import pytest

from transforms.identify import Identifiers, collect, is_written_like_a_name, mailboxes, phone_digits

EVENT = {
    "destinationPhoneNumber": "+4915107136475",
    "mail": {"commonHeaders": {"to": ['"Müller, Renée" <Jane.Doe77@example.com>']}},
    "context": {"note": "hello"},
}
OWN = collect(EVENT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 0151 0713 6475 now", "call [PHONE] now"),
        ("4915107136475", "[PHONE]"),
        ("00491510713-6475", "[PHONE]"),
        ("wa-4915107136475", "wa-[PHONE]"),
        ("+49 (151) 07136475!", "[PHONE]!"),
        ("\uff14\uff19\uff11\uff15\uff11\uff10\uff17\uff11\uff13\uff16\uff14\uff17\uff15", "[PHONE]"),
        ("\u0664\u0669\u0661\u0665\u0661\u0660\u0667\u0661\u0663\u0666\u0664\u0667\u0665", "[PHONE]"),
        ("7136475", "[PHONE]"),
        ("JANE.DOE77@EXAMPLE.COM", "[EMAIL]"),
        ("bounces+jane.doe77=example.com@x.org", "bounces+[EMAIL]@x.org"),
        ("no account (jane.doe77) here", "no account ([EMAIL]) here"),
        ("RENÉE MÜLLER", "[PERSON]"),
        ("Rene\u0301e Mu\u0308ller", "[PERSON]"),
        ("Renee_Muller.pdf", "[PERSON].pdf"),
        ("CV-MüllerRenée", "CV-[PERSON]"),
        ("Welcome Renée!", "Welcome [PERSON]!"),
        ("Frau Mueller", "Frau [PERSON]"),
        ("Re\u200bnée Müller", "[PERSON]"),
    ],
)
def test_an_identifier_is_removed_in_every_form(text: str, expected: str) -> None:
    assert OWN.scrub(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "order 6475 of 2025-01-07",
        "Müllerstraße 5",
        "a4715107ff",
        "90713647512",
        "DELIVERED",
        "6abc59c9-49f4-441f-a2f0-57f0ed81a671",
        "doe",
        "[PERSON]",
    ],
)
def test_what_only_resembles_an_identifier_stays(text: str) -> None:
    assert OWN.scrub(text) is text


def test_a_machine_value_loses_whole_names_only() -> None:
    assert OWN.scrub("Renee queue of renee muller", is_text=False) == "Renee queue of [PERSON]"


def test_the_senders_own_number_and_addresses_are_nobodys_identifiers() -> None:
    mail = {"source": "Shop <no-reply@brand.example>"}
    found = collect({"originationPhoneNumber": "+18005550199", "mail": mail, "From": "help@brand.example"})
    assert not found.phones
    assert not found.emails


@pytest.mark.parametrize(
    "payload",
    [
        {"json": orjson.dumps({"deep": {"phone": "+12065550100"}}).decode()},
        {"blob": base64.b64encode(orjson.dumps({"deep": {"phone": "+12065550100"}})).decode()},
        {"headers": [{"name": "X-Phone", "value": "206-555-0100"}]},
        {"events": [{"k": "msisdn", "v": "12065550100"}]},
        {"status_by_recipient": {"+12065550100": "DELIVERED"}},
        {"phone": 12065550100},
        {"unknown": "+12065550100"},
        {"slots": {"Phone": {"value": {"originalValue": "(206) 555-0100"}}}},
    ],
)
def test_identifiers_are_found_wherever_a_payload_states_them(payload: object) -> None:
    assert "[PHONE]" in collect(payload).scrub("call 2065550100")


@pytest.mark.parametrize("again", ["jane.doe77@example.com", "Jane.Doe77@Example.com", "Jane <jane.doe77@example.com>"])
def test_an_address_that_is_stated_again_is_one_address(again: str) -> None:
    found = collect({"to": ["Jane.Doe77@example.com", again]})
    assert found.emails == {"jane.doe77@example.com"}
    assert bool(found.names) == again.startswith("Jane <")


def test_an_address_that_is_written_like_another_as_it_is_compared_is_an_address_too() -> None:
    found = collect({"to": ["\u0144\u0331ora@example.com", "n\u0301ora@example.com"]})
    assert found.scrub("write to n\u0301ora@example.com") == "write to [EMAIL]"


def test_ordinary_words_are_no_names() -> None:
    assert collect({"customer_name": "Customer", "first_name": "na"}).scrub("Dear Customer, na") == "Dear Customer, na"


def test_an_event_without_people_leaves_every_text_alone() -> None:
    text = "anything +12065550100"
    assert Identifiers().scrub(text) is text


@pytest.mark.parametrize(
    ("value", "expected"),
    [("+1 (206) 555-0100", "12065550100"), ("0012065550100", "12065550100"), ("12065550100", None), ("+12", None)],
)
def test_a_phone_number_is_told_from_other_numbers(value: str, expected: str | None) -> None:
    assert phone_digits(value, needs_plus=True) == expected


def test_mailboxes_are_read_as_mail_programs_read_them() -> None:
    assert mailboxes('"Doe, Jane" <j@x.example>, k@y.example') == [("Doe, Jane", "j@x.example"), ("", "k@y.example")]
    assert mailboxes("write to j@x.example please") == []


@pytest.mark.parametrize("value", ["Kaito Mori", "Kaito", "maria lopez", "Mateus_Silva", "山田太郎", "O'Brien", "Jean-Luc"])
def test_names_are_told_by_how_they_are_written(value: str) -> None:
    assert is_written_like_a_name(value)


@pytest.mark.parametrize("value", ["CheckOrder", "flow", "spring_launch", "x1", "+1206", "a@b.example", ""])
def test_machine_words_are_no_names(value: str) -> None:
    assert not is_written_like_a_name(value)
