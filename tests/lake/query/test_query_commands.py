"""query, trace and marts as a user runs them, on a real lake."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from engagedb.errors import ConfigurationError, LakeError
from lake.keyring import require_keyring
from lake.query.cli import app
from tests.canonical_rows import lake_of
from transforms.pseudonyms import Pseudonymiser

SENT = datetime(2026, 1, 5, 10, tzinfo=UTC)
WAMID = "wamid.HBgLMTU1NTAxMDAwMDEVAgARGBI="


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("query") / "lake"
    settings = lake_of(folder, [{"message_id": "m0", "stage": "sent", "event_time": SENT}])
    pseudonymiser = Pseudonymiser(require_keyring(settings, settings.lake))
    lake_of(
        folder,
        [
            {
                "event_id": "e1",
                "message_id": "m1",
                "stage": "sent",
                "event_time": SENT,
                "recipient_country": "US",
                "message_price_usd": "0.00581",
            },
            {"event_id": "e2", "message_id": "m1", "stage": "delivered", "event_time": SENT.replace(second=4), "campaign": "=HYPERLINK(1)"},
            {"event_id": "e3", "message_id": pseudonymiser.opaque_id(WAMID), "stage": "read", "event_time": SENT, "channel": "whatsapp"},
        ],
    )
    return str(folder)


def run(lake: str, *words: str) -> Result:
    """The command's result; what it raises on purpose is raised here, as `engagedb` turns it into a sentence and an exit code."""
    result = CliRunner().invoke(app, [*words, "--lake", lake])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_sql_is_answered_in_every_text_format(lake: str) -> None:
    query = "SELECT message_id, outcome FROM messages WHERE channel = 'sms' ORDER BY message_id"
    assert "m1           delivered" in run(lake, "query", query).stdout
    assert run(lake, "query", query, "--format", "csv").stdout == "message_id,outcome\nm0,pending\nm1,delivered\n"
    assert json.loads(run(lake, "query", query, "--format", "json").stdout)[1] == {"message_id": "m1", "outcome": "delivered"}


def test_parquet_goes_to_a_file_or_into_a_pipe(lake: str, tmp_path: Path) -> None:
    query = "SELECT message_price_usd FROM messages WHERE message_id = 'm1'"
    run(lake, "query", query, "--format", "parquet", "--output", str(tmp_path / "out.parquet"))
    from_file = pq.read_table(tmp_path / "out.parquet")
    from_pipe = pq.read_table(io.BytesIO(run(lake, "query", query, "--format", "parquet").stdout_bytes))
    assert from_file.equals(from_pipe)
    assert str(from_file.schema.field(0).type) == "decimal128(18, 8)"
    assert [place.name for place in tmp_path.iterdir()] == ["out.parquet"]


def test_csv_cannot_start_a_formula(lake: str) -> None:
    out = run(lake, "query", "SELECT campaign FROM messages WHERE campaign IS NOT NULL", "--format", "csv").stdout
    assert list(csv.reader(io.StringIO(out))) == [["campaign"], ["'=HYPERLINK(1)"]]


def test_a_mart_is_asked_by_its_name_with_a_window_and_filters(lake: str) -> None:
    def rows(*words: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(run(lake, "query", "--name", *words, "--format", "json").stdout)
        return found

    assert rows("delivery_by_country") == rows("delivery_by_country_v1")
    assert rows("delivery", "--by", "all", "--from", "2026-01-05", "--to", "2026-01-05", "--channel", "sms")[0]["messages"] == 2
    assert rows("delivery", "--by", "all", "--from", "2026-01-06")[0]["messages"] == 0
    assert [row["channel"] for row in rows("delivery", "--by", "channel", "--channel", "sms", "--channel", "whatsapp")] == [
        "sms",
        "whatsapp",
    ]
    assert rows("delivery", "--by", "recipient_country", "--country", "US")[0]["recipient_country"] == "US"


def test_an_existing_file_is_replaced_only_when_told(lake: str, tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_text("mine")
    with pytest.raises(ConfigurationError, match=r"out\.csv exists"):
        run(lake, "query", "SELECT 1 AS n", "--format", "csv", "--output", str(place))
    assert place.read_text() == "mine"
    run(lake, "query", "SELECT 1 AS n", "--format", "csv", "--output", str(place), "--yes")
    assert place.read_text() == "n\n1\n"


def test_a_failing_query_leaves_no_file(lake: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        run(lake, "query", "SELECT CAST(message_id AS INTEGER) FROM messages", "--format", "csv", "--output", str(tmp_path / "out.csv"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["query"], "Give either one SELECT in quotes or --name MART"),
        (["query", "SELECT 1", "--name", "protect"], "Give either one SELECT"),
        (["query", "SELECT 1", "--from", "2026-01-01"], "belong to --name MART"),
        (["query", "SELECT 1", "--channel", "sms"], "belong to --name MART"),
        (["query", "SELECT * FROM mesages"], "Did you mean messages"),
        (["query", "DROP TABLE messages"], "exactly one SELECT"),
        (["query", "--name", "protekt"], "Did you mean protect_v1"),
        (["query", "--name", "protect", "--by", "weekday"], "cannot be grouped by weekday"),
        (["query", "SELECT 1", "--output", "/no/such/folder/out.csv"], "cannot be written"),
    ],
)
def test_a_wrong_question_is_a_usage_error_in_one_sentence(words: list[str], sentence: str, lake: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        run(lake, *words)


def test_a_missing_lake_is_told(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="engagedb init"):
        run(str(tmp_path / "nowhere"), "query", "SELECT 1")


def test_query_needs_no_key(lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_KEY_FILE", str(tmp_path / "absent.key"))
    assert json.loads(run(lake, "query", "SELECT count(*) AS n FROM messages", "--format", "json").stdout) == [{"n": 3}]


def test_trace_shows_a_message_by_its_clear_id(lake: str) -> None:
    out = run(lake, "trace", "m1").stdout
    assert "Message m1" in out
    assert "+4 s" in out
    assert "0.00581 USD" in out
    found = json.loads(run(lake, "trace", WAMID, "--json").stdout)
    assert found["message_id"].startswith("mid_")
    assert [event["stage"] for event in found["events"]] == ["read"]


def test_trace_of_an_unknown_id_is_a_data_problem(lake: str) -> None:
    result = run(lake, "trace", "m9")
    assert result.exit_code == 1
    assert "no message of that id" in result.stderr


def test_trace_with_the_key_of_another_lake_is_refused(lake: str, tmp_path: Path) -> None:
    lake_of(tmp_path / "other", [])
    with pytest.raises(LakeError, match="key does not belong"):
        run(lake, "trace", "m1", "--key-file", str(tmp_path / "other.key"))


def test_marts_are_listed_described_and_checked(lake: str) -> None:
    listed = json.loads(CliRunner().invoke(app, ["marts", "list", "--json"]).stdout)
    assert {"delivery_by_country_v1", "feedback_completion_v1", "protect_v1", "freshness_v1", "messages"} <= {row["name"] for row in listed}
    assert "What did protect configurations block" in CliRunner().invoke(app, ["marts", "list"]).stdout
    described = CliRunner().invoke(app, ["marts", "describe", "feedback_completion"]).stdout
    assert "completion_rate divides by received_count + failed_count + silent_count" in described
    assert "APPROX_PERCENTILE" in CliRunner().invoke(app, ["marts", "describe", "delivery", "--sql", "athena"]).stdout
    words = ["marts", "describe", "delivery", "--sql", "athena", "--from", "2026-01-05", "--to", "2026-01-06"]
    windowed = CliRunner().invoke(app, words).stdout
    assert "message_time >= TIMESTAMP '2026-01-05 00:00:00 UTC'" in windowed
    assert "message_time < TIMESTAMP '2026-01-07 00:00:00 UTC'" in windowed
    assert "CURRENT_TIMESTAMP" in windowed
    assert isinstance(CliRunner().invoke(app, ["marts", "describe", "delivery", "--from", "2026-01-05"]).exception, ConfigurationError)
    checked = run(lake, "marts", "check")
    assert checked.exit_code == 0
    assert "ok               messages: message_key names one message." in checked.stdout


def test_a_failing_check_is_a_data_problem(tmp_path: Path) -> None:
    settings = lake_of(tmp_path / "lake", [{"message_id": "m1", "stage": "sent", "event_time": SENT, "message_price_usd": "-1"}])
    result = run(settings.lake, "marts", "check", "events")
    assert result.exit_code == 1
    assert "fail (1 rows)    events: a price is not negative." in result.stdout


def test_rows_time_and_bytes_are_told_beside_the_answer(lake: str) -> None:
    for format_ in ("table", "csv", "json", "parquet"):
        told = run(lake, "query", "SELECT message_id FROM messages", "--format", format_)
        assert re.fullmatch(r"3 rows in \d+\.\d\d s, [\d.]+ K?B scanned\n", told.stderr)
    assert run(lake, "query", "SELECT 1 AS x", "--format", "csv").stdout == "x\n1\n"


def test_json_for_programs_holds_the_rows_and_what_they_cost(lake: str) -> None:
    told = run(lake, "query", "SELECT message_id FROM messages ORDER BY 1 LIMIT 2", "--json")
    found = json.loads(told.stdout)
    assert (found["rows"][0], found["row_count"]) == ({"message_id": "m0"}, 2)
    assert found["bytes_scanned"] > 0
    assert found["seconds"] >= 0
    assert told.stderr == ""
    assert json.loads(run(lake, "query", "SELECT 1 AS x WHERE FALSE", "--json").stdout)["rows"] == []
    with pytest.raises(ConfigurationError, match="exclude each other"):
        run(lake, "query", "SELECT 1", "--json", "--format", "csv")


def test_explain_shows_the_files_and_the_plan_and_reads_no_row(lake: str) -> None:
    told = run(lake, "query", "--name", "delivery", "--from", "2026-01-05", "--to", "2026-01-05", "--explain").stdout
    assert re.match(r"messages: 2 of 2 files, 2026-01-05 to 2026-01-05; [\d.]+ K?B in \d+ columns\n", told)
    assert "READ_PARQUET" in told
    nothing = run(lake, "query", "--name", "delivery", "--from", "2026-01-06", "--explain").stdout
    assert "messages:" not in nothing
    found = json.loads(run(lake, "query", "SELECT channel FROM messages", "--explain", "--json").stdout)
    assert [(read["table"], read["columns"], read["first_day"]) for read in found["reads"]] == [("messages", ["channel"], "2026-01-05")]
    assert Path(found["reads"][0]["files"][0]).is_file()
    with pytest.raises(ConfigurationError, match="Did you mean channel"):
        run(lake, "query", "SELECT chanel FROM messages", "--explain")
