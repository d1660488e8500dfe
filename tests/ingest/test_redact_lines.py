import io

import orjson

from ingest.redact_lines import redact_lines


def test_lines_come_out_redacted_with_their_other_fields() -> None:
    out, err = io.StringIO(), io.StringIO()
    code = redact_lines(['{"id": 1, "text": "write to jane@example.com", "channel": "sms"}\n', "\n"], out, err)
    assert code == 0
    assert orjson.loads(out.getvalue()) == {"id": 1, "text": "write to [EMAIL]", "channel": "sms"}
    assert err.getvalue() == ""


def test_a_bad_line_is_named_without_its_text_and_the_rest_goes_on() -> None:
    out, err = io.StringIO(), io.StringIO()
    lines = [
        b'{"id": 1, "text": "jane@example.com"',
        b'{"id": 2}',
        b'["jane@example.com"]',
        b'{"id": 4, "text": 5}',
        b'{"id": 5, "text": "fine"}',
    ]
    assert redact_lines(lines, out, err) == 1
    assert [orjson.loads(line)["id"] for line in out.getvalue().splitlines()] == [5]
    assert len(err.getvalue().splitlines()) == 4
    assert "jane" not in err.getvalue()
