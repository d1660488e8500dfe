import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagedb.errors import Reason, Rejected
from transforms import redact
from transforms.redact import redact_link, redact_text
from transforms.text import email
from transforms.text.kinds import Kind

TEXTS = Path(__file__).parent / "text"
MARK = re.compile(r"\{([A-Z]+):([^}]*)\}")


def lines(name: str) -> list[str]:
    rows = (TEXTS / name).read_text(encoding="utf-8").splitlines()
    return [row.replace("\\n", "\n") for row in rows if row and not row.startswith("#")]


@pytest.mark.parametrize("line", lines("messages.txt"))
def test_what_is_marked_goes_and_the_rest_stays(line: str) -> None:
    assert redact_text(MARK.sub(r"\2", line)) == MARK.sub(r"[\1]", line)


@pytest.mark.parametrize("line", lines("harmless.txt"))
def test_a_harmless_message_is_not_changed(line: str) -> None:
    assert redact_text(line) == line


PIECES = st.sampled_from(
    [MARK.sub(r"\2", line) for line in lines("messages.txt")]
    + [kind.token for kind in Kind]
    + [
        "ph_a_abcdefghijklmnopabcdefghijklmnop",
        "call",
        "Maria",
        "code",
        " ",
        ", ",
        "\n",
        "+",
        "1234",
        "@",
        "at",
        "dot",
        "www.",
        "/",
        "\u200b",
        "٣",
        "様",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=8), st.sampled_from(["", " ", "\n", ", "]))
def test_redacting_twice_changes_nothing(pieces: list[str], joint: str) -> None:
    text = joint.join(pieces).encode("utf-8", "ignore").decode()
    once = redact_text(text)
    assert redact_text(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "ph_ab_abcdefghijklmnopabcdefghijklmnop wrote to em_ab_ponmlkjihgfedcbaponmlkjihgfedcba",
        "wa_c_abcdefghijklmnopabcdefghijklmnop and mid_abcdefghijklmnopabcdefghijklmnop",
        "Hi [PERSON], call [PHONE] or write to [EMAIL]; code [CODE], card [CARD]",
    ],
)
def test_pseudonyms_and_tokens_pass_untouched(text: str) -> None:
    assert redact_text(text) == text


def test_tokens_never_look_like_a_number() -> None:
    assert all(re.fullmatch(r"\[[A-Z]+\]", kind.token) for kind in Kind)


@pytest.mark.parametrize(
    "text", ["call +44 7700\u200b 900 123", "call +４４ ７７００ ９００１２３", "call +٤٤٧٧٠٠٩٠٠١٢٣", "call \u202a+447700900123\u202c now"]
)
def test_a_number_is_found_under_invisible_and_foreign_characters(text: str) -> None:
    assert not re.search(r"\d", redact_text(text))
    assert redact_text(text).startswith("call [PHONE]") or "[PHONE]" in redact_text(text)


def test_a_rule_that_fails_keeps_the_text_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_view: object) -> None:
        raise ZeroDivisionError("jane@example.com")

    monkeypatch.setattr(email, "claim", broken)
    with pytest.raises(Rejected) as caught:
        redact_text("write to jane@example.com")
    assert caught.value.reason is Reason.REDACTION_FAILED
    assert "jane" not in str(caught.value)


def test_a_text_that_cannot_be_encoded_is_kept_back() -> None:
    with pytest.raises(Rejected):
        redact_text("broken \ud800 text")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/reset?token=Zk3yV9q2LmN8pQ4rT7wX&lang=en", "https://a.example/reset?token=[TOKEN]&lang=en"),
        ("https://a.example/u?e=jane%40example.com&n=5", "https://a.example/u?e=[EMAIL]&n=5"),
        ("https://a.example/u?e=jane%2540example.com", "https://a.example/u?e=[EMAIL]"),
        ("https://a.example/cb#access_token=Zk3yV9q2LmN8&type=bearer", "https://a.example/cb#access_token=[TOKEN]&type=bearer"),
        ("https://a.example/t?phone=%2B447700900123&s=ok", "https://a.example/t?phone=[PHONE]&s=ok"),
        ("https://wa.me/447700900123?text=hi", "https://wa.me/[PHONE]?text=hi"),
        ("https://jane:pw@a.example/x", "https://[TOKEN]@a.example/x"),
        ("mailto:jane@example.com?subject=Hello", "mailto:[EMAIL]?subject=Hello"),
        ("https://a.example/u/amFuZUBleGFtcGxlLmNvbQ", "https://a.example/u/[TOKEN]"),
        ("https://shop.example/blue-dress-2024?utm_source=sms&page=2", "https://shop.example/blue-dress-2024?utm_source=sms&page=2"),
        ("/account/reset?token=Zk3yV9q2LmN8pQ4rT7wX", "/account/reset?token=[TOKEN]"),
    ],
)
def test_a_link_loses_its_secrets_and_keeps_the_rest(url: str, expected: str) -> None:
    assert redact_link(url) == expected
    assert redact_link(expected) == expected


def test_a_text_does_not_loop_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "_redact_once", lambda text: text + "x")
    with pytest.raises(Rejected):
        redact_text("start")
