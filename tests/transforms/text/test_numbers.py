import pytest

from transforms.redact import redact_text


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("4111 1111 1111 1111", "[CARD]"),
        ("my card 4111 1111 1111 1112 fails", "[CARD]"),
        ("219-09-9999", "[SSN]"),
        ("529.982.247-25", "[ID]"),
        ("12345678Z", "[ID]"),
        ("DE89 3704 0044 0532 0130 00", "[IBAN]"),
        ("2001:db8::1", "[IP]"),
        ("40.71277, -74.00597", "[GEO]"),
        ("+1 (415) 555-0142", "[PHONE]"),
        ("oh seven nine eight four, triple one, two oh six", "[PHONE]"),
        ("john dot doe at gmail dot com", "[EMAIL]"),
    ],
)
def test_a_telling_form_needs_no_word_beside_it(text: str, token: str) -> None:
    assert token in redact_text(text)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("order 482913", None),
        ("code 482913", "[CODE]"),
        ("tel 4829137", "[PHONE]"),
        ("passport 48291377", "[ID]"),
        ("verification code for order 482913", None),
    ],
)
def test_the_nearest_word_decides_what_a_number_is(text: str, token: str | None) -> None:
    redacted = redact_text(text)
    assert redacted == text if token is None else token in redacted


@pytest.mark.parametrize("text", ["order code 482913", "promo code 482913", "código postal 28013", "area code 212"])
def test_a_special_word_beside_code_or_number_takes_its_place(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize("text", ["電話は090-1234-5678です", "番号090-1234-5678まで", "カード4111111111111111です"])
def test_japanese_letters_are_no_part_of_the_number_beside_them(text: str) -> None:
    assert not any(char.isdigit() for char in redact_text(text))


def test_the_last_four_digits_of_a_card_stay() -> None:
    assert redact_text("card ending 4242 was declined") == "card ending 4242 was declined"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Visa 4539 0432 1318 2761 12/29", "Visa [CARD] 12/29"),
        ("2025 4539 0432 1318 2761", "2025 [CARD]"),
        ("order 972912345678 (303) 555-0102", "order 972912345678 [PHONE]"),
        ("version 1.0 001 229 555 0170", "version 1.0 [PHONE]"),
        ("from 972987654321 to 972912345678 DE89 3704 0044 0532 0130 00", "from 972987654321 to 972912345678 [IBAN]"),
        ("error 131051: 2001:db8::1: unknown", "error 131051: [IP]: unknown"),
        ("MIME-Version 10.18.8.39", "MIME-Version [IP]"),
        ("android 198.18.8.39", "android [IP]"),
    ],
)
def test_a_telling_form_is_found_beside_another_number(text: str, redacted: str) -> None:
    assert redact_text(text) == redacted


@pytest.mark.parametrize("text", ["order (208) 555-0148", "messages (281) 555-0146"])
def test_an_area_code_in_brackets_outweighs_a_word_for_orders(text: str) -> None:
    assert redact_text(text).endswith(" [PHONE]")


@pytest.mark.parametrize(
    "text",
    ["1000 2000 3000 4000 5000", "version 10.18.8.39", "Chrome 126.0.0.0", "2026-03-04T10:20:30.001+0000 17", "order 1234 5678 9012 3456"],
)
def test_numbers_in_a_row_that_are_nothing_stay(text: str) -> None:
    assert redact_text(text) == text
