"""What fuzzing found, each as small as it can be; all of these once failed."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from engagedb.errors import Rejected
from tests.fuzz.targets import answer_whole, bury_whole, open_whole, read_whole, redact_whole, transform_whole
from tests.ingest.envelope.wrappers import SNS, b64, dump, firehose_failure
from transforms.filters import integer, money, timestamp
from transforms.filters import number as as_number
from transforms.known_values import Identifiers
from transforms.operators import add, multiply, negate, subtract
from transforms.redact import redact_text


def test_a_zip_directory_may_place_a_member_before_the_beginning() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.json", b'{"a": 1}')
    stored = bytearray(out.getvalue())
    end = stored.rindex(b"PK\x05\x06")
    stored[end + 16 : end + 20] = struct.pack("<L", struct.unpack_from("<L", stored, end + 16)[0] + 3)
    read_whole(bytes(stored))


def _zip(method: int = zipfile.ZIP_STORED, name: str = "a.json") -> tuple[bytearray, int]:
    """An archive of one member, and where its directory begins."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), b'{"a": 1}', method)
    stored = bytearray(out.getvalue())
    return stored, stored.index(b"PK\x01\x02")


def test_a_zip_directory_may_ask_for_a_version_that_nobody_wrote() -> None:
    stored, at = _zip()
    stored[at + 6] = 253
    read_whole(bytes(stored))


def test_a_zip_member_may_have_no_name() -> None:
    read_whole(bytes(_zip(name="")[0]))


def test_a_zip_member_in_lzma_may_be_damaged() -> None:
    stored, at = _zip(zipfile.ZIP_LZMA)
    stored[at - 6 : at - 2] = b"\xff\xff\xff\xff"
    read_whole(bytes(stored))


@pytest.mark.parametrize("kind", [[], {}, ["Notification"], {"a": []}, 5, None])
def test_a_notification_may_have_any_type(kind: Any) -> None:
    transform_whole(json.dumps({**SNS, "Type": kind, "Message": "{}"}).encode())


def test_a_text_in_a_list_of_messages_is_kept_as_it_was_read() -> None:
    open_whole(json.dumps({**SNS, "Message": ['"{\\"a\\": 1}"', '{"b": 2}', "x"]}).encode())
    open_whole(json.dumps({**SNS, "Message": ['"{\\"a\\": 1}"']}).encode())


def test_digits_in_a_row_beside_a_word_for_identities_take_no_exponential_time() -> None:
    redact_whole("passport no " + "9223372036854775808" * 3 + "ü")


def test_a_text_that_becomes_a_link_by_redaction_settles() -> None:
    redact_whole("12 Main Street, Springfield born 03/04/1985" + "None" * 15)


def test_words_without_digits_beside_a_word_for_identities_take_no_quadratic_time() -> None:
    redact_text("passport no A1 " + "word " * 20_000)


def test_a_thousand_numbers_in_one_text_are_all_redacted() -> None:
    assert redact_text(" , ".join(f"call +44 20 7946 {number:04d}" for number in range(1000))).count("[PHONE]") == 1000


def test_a_firehose_record_without_an_id_or_with_a_strange_time_is_answered() -> None:
    for arrived in (1e300, -1e300, "soon", [], True, None, 10**400):
        answer_whole({"records": [{"recordId": "r", "data": "e30=", "approximateArrivalTimestamp": arrived}]})


def test_a_plain_record_among_envelopes_is_kept_as_one() -> None:
    message = {"messageId": "q", "receiptHandle": "h", "body": "{}"}
    for plain in ({"a": 1}, "text", '{"a": 1}', None, [], [{"a": 1}, {"b": 2}]):
        open_whole(json.dumps({"Records": [message, plain]}).encode())
        open_whole(json.dumps({**SNS, "Message": json.dumps({"Messages": [plain, message]})}).encode())


@pytest.mark.parametrize("text", ["[[]]", '[[], {"a": 1}]', '[{"a": 1}, [], [{"b": 2}, []]]', '[[[], "a"]]', '["a", [[], []]]'])
def test_an_empty_list_among_records_is_kept_as_one(text: str) -> None:
    message = dump({**SNS, "Message": text})
    for stored in (text.encode(), message, dump({**SNS, "Messages": [json.loads(text)]}), dump({**SNS, "Message": b64(text.encode())})):
        open_whole(stored)
        bury_whole(stored)


def test_garbage_behind_plain_json_where_base64_is_due_is_kept_as_garbage() -> None:
    open_whole(dump(firehose_failure(None) | {"rawData": '{"a": 1}\n@b\n'}))
    bury_whole(dump(firehose_failure(None) | {"rawData": '{"a": 1} @b'}))


@pytest.mark.parametrize("written", ["1e99999999", "-1e99999999", "1e400", "1" * 4301])
def test_a_number_beyond_all_floats_is_no_time_and_no_price(written: str) -> None:
    number = Decimal(written)
    assert (integer(number), as_number(number), integer(written), as_number(written)) == (None,) * 4
    for refuse in (timestamp, money):
        for value in (number, written):
            with pytest.raises(Rejected, match="is not"):
                refuse(value)


def test_arithmetic_gives_none_where_its_result_could_not_be_written() -> None:
    huge = Decimal("1e99999999")
    assert (negate(huge), add(huge, 1), multiply(1e308, 10), multiply(10**4000, 10**4000), subtract(0.5, 10**4400)) == (None,) * 5
    assert (negate(Decimal("-1.5")), negate(2)) == (Decimal("1.5"), -2)


def test_a_letter_about_damaged_content_opens_to_the_damage() -> None:
    packed = gzip.compress(b'{"a": 1}\n{"b": 2}\n')[:-6]
    bury_whole(dump(firehose_failure(None) | {"rawData": b64(packed)}))


def test_texts_in_an_array_in_base64_that_nothing_announces_are_kept_readable() -> None:
    open_whole(dump({**SNS, "Message": b64(dump(['{"a": 1, "b": "long enough"}', '{"c": 2}', 7, "x"]))}))


def test_an_event_with_thousands_of_addresses_is_redacted_in_time_in_proportion() -> None:
    mail = {"timestamp": "2026-03-04T10:20:28Z", "messageId": "m", "source": "a@shop.example", "headers": []}
    people = [{"emailAddress": f"b{n}@example.com", "diagnosticCode": f"550 no b{n}@example.com"} for n in range(800)]
    bounce = {"timestamp": "2026-03-04T10:20:28Z", "bounceType": "Permanent", "bouncedRecipients": people}
    transform_whole(dump({"eventType": "Bounce", "bounce": bounce, "mail": mail}))
    known = Identifiers()
    for n in range(4000):
        known.add_email(f"someone.{n}@example.com")
    assert (
        known.scrub("ask someone.3999@example.com or someone.17=example.com, not someone.4000x")
        == "ask [EMAIL] or [EMAIL], not someone.4000x"
    )
