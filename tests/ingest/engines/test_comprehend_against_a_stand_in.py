"""Amazon Comprehend as its documentation says that it answers, played by a stand-in (comprehend_stand_in.py); no AWS here."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engagedb.errors import ConfigurationError, EngineError, Rejected
from ingest.engines import comprehend
from ingest.engines.comprehend import Comprehend, Estimate
from tests.ingest.engines.comprehend_stand_in import StandIn
from transforms.engine import TextRedactor
from transforms.text.found import Found
from transforms.text.kinds import Kind

SENTENCE = "Rosalind can swap with Teddy on Saturday"


def entity(start: object, end: object, kind: str = "NAME", score: object = 0.9) -> dict[str, object]:
    return {"Score": score, "Type": kind, "BeginOffset": start, "EndOffset": end}


def test_the_stand_in_gets_text_and_language_and_its_offsets_become_tokens(stand_in: StandIn) -> None:
    assert TextRedactor(Comprehend())(SENTENCE) == "[PERSON] can swap with [PERSON] on Saturday"
    assert stand_in.asked[0] == {"Text": SENTENCE, "LanguageCode": "en"}


def test_offsets_count_code_points_so_that_emoji_before_a_name_move_nothing(stand_in: StandIn) -> None:
    assert TextRedactor(Comprehend(), "en")("🎉🇪🇸 ok, with Teddy 👍 at four") == "🎉🇪🇸 ok, with [PERSON] 👍 at four"


def test_only_english_and_spanish_are_sent(stand_in: StandIn) -> None:
    redact = TextRedactor(Comprehend())
    redact("Ich habe gestern mit Detlef Bruns gesprochen")
    assert stand_in.asked == []
    redact("Ayer vino Eulalia por la factura")
    assert stand_in.asked[0]["LanguageCode"] == "es"


def test_what_the_rules_know_is_not_sent(stand_in: StandIn) -> None:
    TextRedactor(Comprehend())("Ask Teddy why +1 415 555 0142 and wanda@example.com do not answer")
    assert stand_in.asked
    assert not any("555" in text or "wanda" in text for text in stand_in.texts)


def test_many_texts_go_side_by_side_but_not_all_at_once(stand_in: StandIn) -> None:
    redact = TextRedactor(Comprehend(), "en")
    texts = [f"parcel {number} is with Teddy now" for number in range(60)]
    redact.ask((text, None) for text in texts)
    assert len(stand_in.asked) == 120  # each once, and once more without the name
    assert 1 <= stand_in.busiest <= 8
    assert {redact(text) for text in texts} == {f"parcel {number} is with [PERSON] now" for number in range(60)}
    assert len(stand_in.asked) == 120


def test_throttling_and_server_errors_are_tried_again(stand_in: StandIn) -> None:
    stand_in.faults = ["ThrottlingException", "InternalServerException", "ServiceUnavailable"]
    assert "[PERSON]" in TextRedactor(Comprehend())(SENTENCE)
    assert len(stand_in.asked) == 5  # three in vain, the text, and what is left of it


@pytest.mark.parametrize(
    ("fault", "told"),
    [("ThrottlingException", "quota"), ("InternalServerException", "later"), ("AccessDeniedException", "comprehend:DetectPiiEntities")],
)
def test_a_stand_in_that_goes_on_failing_stops_the_batch_with_advice(stand_in: StandIn, fault: str, told: str) -> None:
    stand_in.always = fault
    with pytest.raises(EngineError) as caught:
        TextRedactor(Comprehend())(SENTENCE)
    assert told in str(caught.value)
    assert fault in str(caught.value)
    assert "Rosalind" not in str(caught.value)
    assert len(stand_in.asked) <= comprehend._TRIES


def test_a_service_that_is_not_there_stops_the_batch(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_COMPREHEND", "http://127.0.0.1:9")
    with pytest.raises(EngineError, match="cannot be reached"):
        TextRedactor(Comprehend())(SENTENCE)


@pytest.mark.parametrize("body", [b"\x00 no answer", {"Entitites": []}])
def test_an_answer_that_is_none_stops_the_batch(stand_in: StandIn, body: bytes | dict[str, object]) -> None:
    stand_in.faults = [body] * 20
    with pytest.raises(EngineError):
        TextRedactor(Comprehend())(SENTENCE)


@pytest.mark.parametrize(
    "wrong",
    [entity(0, 900), entity(-1, 4), entity(6, 6), entity(8, 2), {"Type": "NAME", "Score": 0.9}, entity(0, 8, score=7.5)],
    ids=["behind the end", "before the beginning", "empty", "backwards", "without offsets", "no score"],
)
def test_an_impossible_span_refuses_its_text_and_no_other(stand_in: StandIn, wrong: dict[str, object]) -> None:
    redact = TextRedactor(Comprehend(), "en")
    stand_in.faults = [[wrong]]
    with pytest.raises(Rejected):
        redact(SENTENCE)
    assert redact("lunch with Teddy at one") == "lunch with [PERSON] at one"


def test_a_text_that_the_service_refuses_is_refused(stand_in: StandIn) -> None:
    stand_in.faults = ["InvalidRequestException"]
    with pytest.raises(Rejected):
        TextRedactor(Comprehend())(SENTENCE)


def test_overlapping_spans_become_one_token(stand_in: StandIn) -> None:
    text = "leave it at Maple House 4 please"
    stand_in.faults = [[entity(12, 23, "NAME"), entity(12, 25, "ADDRESS"), entity(18, 25, "PHONE")]]
    assert TextRedactor(Comprehend())(text) == "leave it at [ADDRESS] please"


def test_a_type_that_we_do_not_know_is_a_secret_and_dates_stay(stand_in: StandIn) -> None:
    text = "we will meet Saturday, the word is swordfish"
    stand_in.faults = [[entity(13, 21, "DATE_TIME"), entity(35, 44, "NEW_KIND")]]
    assert TextRedactor(Comprehend())(text) == "we will meet Saturday, the word is [TOKEN]"


def test_what_it_is_not_sure_of_stays(stand_in: StandIn) -> None:
    stand_in.faults = [[entity(0, 8, score=0.3)]]
    assert TextRedactor(Comprehend())(SENTENCE) == SENTENCE


def test_a_long_text_goes_in_pieces_below_100_kilobytes_and_a_name_on_the_cut_is_found(stand_in: StandIn) -> None:
    filler = "déjà vu, ça va? " * 1_499 + "ok? " * 3
    text = filler + "so Teddy " + filler
    assert text.index("Teddy") < comprehend.PIECE < text.index("Teddy") + 20
    redacted = TextRedactor(Comprehend())(text, "en")
    assert "Teddy" not in redacted
    assert len(redacted) == len(text) + len("[PERSON]") - len("Teddy")
    assert all(len(piece.encode()) < 100_000 for piece in stand_in.texts)


def test_units_are_hundreds_of_characters_at_least_three_a_request(stand_in: StandIn) -> None:
    engine = Comprehend(Decimal("0.0001"))
    engine.find(["a b", "c" * 301, "d" * 300], "en")
    assert (engine.usage.texts, engine.usage.units, engine.usage.cost_usd) == (3, 3 + 4 + 3, Decimal("0.0010"))
    assert engine.usage.sentence() == "Text engine comprehend: 3 texts, 604 characters, 10 billed units, about USD 0.00"


def test_an_estimate_asks_nobody_and_counts_what_would_be_asked(stand_in: StandIn) -> None:
    estimate = Estimate()
    TextRedactor(estimate).ask([(SENTENCE, None), ("STOP", None), (SENTENCE, None)])
    assert (estimate.usage.texts, estimate.usage.units, estimate.usage.cost_usd) == (1, 3, None)
    assert stand_in.asked == []


def test_every_documented_type_is_either_kept_or_becomes_a_token() -> None:
    from botocore.session import Session

    documented = set(Session().get_service_model("comprehend").shape_for("PiiEntityType").enum) - {"ALL"}
    secrets = {"USERNAME", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "MAC_ADDRESS"}
    assert documented == comprehend._KEPT | comprehend._KINDS.keys() | secrets
    assert comprehend._found(entity(0, 4, "AWS_SECRET_KEY")) == Found(0, 4, Kind.TOKEN, 0.9)


def test_without_a_region_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COMPREHEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(ConfigurationError, match="Set AWS_REGION"):
        Comprehend()


def test_without_boto3_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(ConfigurationError, match=r"engagedb\[aws\]"):
        Comprehend()
