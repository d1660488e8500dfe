import orjson
import pytest

from transforms.excerpt import EXCERPT_CHARS, completed
from transforms.pseudonyms import Pseudonymiser, derive_first
from transforms.scrub import Scrubber

SCRUBBER = Scrubber(Pseudonymiser(derive_first(b"a root secret of thirty-two byte")))


def test_json_that_was_cut_off_anywhere_can_be_read_up_to_the_cut() -> None:
    whole = orjson.dumps({"a": [1, {"b": 'x\u00e9"y'}], "c": None, "d": {"e": True, "f": -1.5}}).decode()
    for cut in range(1, len(whole) + 1):
        assert isinstance(orjson.loads(completed(whole[:cut])), dict), whole[:cut]


@pytest.mark.parametrize(
    "record",
    [
        b'{"first_name": "Zoraida", "note": "Zoraida called',
        b'junk {"first_name": "Zoraida", ] "note": "Zoraida called"',
        b'{"Message": "{\\"first_name\\": \\"Zoraida\\", \\"note\\": \\"Zor',
        b'"first_name": "Zoraida" and then Zoraida called',
    ],
)
def test_a_name_is_gone_from_broken_records_too(record: bytes) -> None:
    excerpt = SCRUBBER.excerpt(record)
    assert "[PERSON]" in excerpt
    assert "Zoraida" not in excerpt


def test_a_value_that_the_end_cuts_in_two_is_not_shown() -> None:
    assert SCRUBBER.excerpt(b'{"eventType": "Odd", "account": "ann.zqv00209@mail') == '{"eventType":"Odd","account":"…"}'
    assert SCRUBBER.excerpt(b'{"Message": "{\\"to\\": \\"ann.zqv00209@mail') == '{"Message":{"to":"…"}}'


def test_an_excerpt_is_short_and_shows_the_beginning() -> None:
    excerpt = SCRUBBER.excerpt(orjson.dumps({"eventType": "Odd", "list": ["word"] * 10_000}))
    assert excerpt.startswith('{"eventType":"Odd"')
    assert len(excerpt) == EXCERPT_CHARS


@pytest.mark.parametrize("record", [b"\x00\x01\x02" * 100, bytes(range(128, 256)) * 4])
def test_bytes_that_are_no_text_show_their_size_only(record: bytes) -> None:
    assert SCRUBBER.excerpt(record) == f"[{len(record)} bytes that are no text]"


def test_what_cannot_be_redacted_is_not_shown() -> None:
    assert SCRUBBER.excerpt(b"[" * 300 + b'"ana@example.com"' + b"]" * 300) == ""


@pytest.mark.parametrize("record", [b"", b"   ", b"{", b"plain words"])
def test_little_is_shown_as_it_is(record: bytes) -> None:
    assert SCRUBBER.excerpt(record) in (record.decode().strip(), record.decode(), "{}")


def test_a_hundred_thousand_blanks_do_not_take_long() -> None:
    assert SCRUBBER.excerpt(b'{"a": 1,' + b" " * 200_000 + b"x") != ""
