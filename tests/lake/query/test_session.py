"""What `engagedb.open` gives: SQL and marts as DuckDB relations, failures as one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engagedb.errors import ConfigurationError, LakeError
from engagedb.settings import Settings
from lake.catalog import Lake
from lake.query.session import Session, engine_errors
from tests.canonical_rows import NOW, commit_rows, session_of
from transforms.pseudonyms import derive_first

EVENTS = [
    {
        "message_id": "m1",
        "stage": "delivered",
        "event_time": datetime(2026, 1, 5, 10, tzinfo=UTC),
        "message_price_usd": "0.00581",
        "tags": {"a": "b"},
    },
    {"message_id": "m2", "stage": "failed", "is_final": True, "event_time": datetime(2026, 1, 6, 10, tzinfo=UTC), "channel": "mms"},
]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(tmp_path, EVENTS)


def test_an_answer_becomes_pandas_and_arrow(session: Session) -> None:
    answer = session.sql("SELECT message_id, message_time, message_price_usd FROM messages ORDER BY message_id")
    assert list(answer.df()["message_id"]) == ["m1", "m2"]
    assert str(answer.to_arrow_table().column("message_time").type) == "timestamp[us, tz=UTC]"


def test_a_mart_takes_a_window_groups_and_filters(session: Session) -> None:
    assert session.mart("delivery", since=date(2026, 1, 6), by=[]).to_arrow_table().column("messages").to_pylist() == [1]
    assert session.mart("delivery", by=["channel"], channel=["sms", "rcs"]).to_arrow_table().column("channel").to_pylist() == ["sms"]
    assert session.mart("delivery", by=[], channel=None).to_arrow_table().column("messages").to_pylist() == [2]


def test_the_same_question_gets_the_same_answer_twice(session: Session) -> None:
    for name in session.relations:
        assert session.mart(name).to_arrow_table() == session.mart(name).to_arrow_table()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT * FROM mesages", "There is no relation mesages. Did you mean messages?"),
        ("SELECT no_such FROM messages", "no_such"),
        ("SELEC 1", "The query cannot be read: syntax error"),
        ("SELECT " + "+".join(["1"] * 900), "nested too deeply"),
        ("SELECT '\ud800'", "half a character"),
        ("SELECT CAST('x' AS INTEGER)", "Could not convert string 'x'"),
    ],
)
def test_a_wrong_query_is_answered_in_one_line(query: str, sentence: str, session: Session) -> None:
    with pytest.raises(ConfigurationError) as refused, engine_errors():
        session.sql(query).to_arrow_table()
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_session_outlives_its_name_in_the_answer(tmp_path: Path) -> None:
    answer = session_of(tmp_path, EVENTS).sql("SELECT count(*) AS n FROM events")
    assert answer.to_arrow_table().to_pylist() == [{"n": 2}]


def test_a_missing_lake_is_told(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="engagedb init"):
        Session.open(Settings(lake=str(tmp_path / "nowhere")), NOW)


def test_a_new_lake_answers_with_empty_relations(tmp_path: Path) -> None:
    settings = Settings(lake=str(tmp_path / "lake"))
    Lake.create(settings, derive_first(b"0" * 32))
    session = Session.open(settings, NOW)
    assert {name: session.sql(f'SELECT * FROM "{name}"').to_arrow_table().num_rows for name in session.relations} == dict.fromkeys(
        session.relations, 0
    )


def test_a_lake_in_a_bucket_is_queried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    server = pytest.importorskip("moto.server", reason="moto is not installed").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    given = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (given | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}).items():
        monkeypatch.setenv(name, value)
    try:
        boto3.client("s3").create_bucket(Bucket="queried")
        settings = Settings(lake="s3://queried/lake", catalog=f"sqlite:///{tmp_path}/catalog.db", key_file=tmp_path / "lake.key")
        commit_rows(settings, EVENTS)
        session = Session.open(settings, NOW)
        assert session.sql("SELECT message_id, outcome FROM messages ORDER BY message_id").to_arrow_table().to_pylist() == [
            {"message_id": "m1", "outcome": "delivered"},
            {"message_id": "m2", "outcome": "failed"},
        ]
        assert session.sql("SELECT tags FROM events WHERE message_id = 'm1'").to_arrow_table().column(0).to_pylist() == [[("a", "b")]]
        with pytest.raises(ConfigurationError):
            session.sql("SELECT * FROM 's3://queried/lake/lake.json'")
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("SELECT chanel FROM messages", "Did you mean channel?"),
        ("SELECT m.outcom FROM messages AS m", "Did you mean outcome?"),
        ("SELECT event_tme FROM events", "Did you mean event_time or event_type?"),
        ("SELECT delivry_rate FROM delivery_v1", "Did you mean delivery_rate?"),
        ("SELECT lenth(channel) FROM messages", "Did you mean length?"),
        ("SELECT * FROM delivery_by_contry_v1", "Did you mean delivery_by_country_v1"),
    ],
)
def test_a_mistyped_name_is_told_with_the_one_that_was_meant(query: str, meant: str, session: Session) -> None:
    with pytest.raises(ConfigurationError, match=meant.replace("?", r"\?")):
        session.sql(query)


def test_a_name_like_no_other_gets_no_guess(session: Session) -> None:
    with pytest.raises(ConfigurationError) as refused:
        session.sql("SELECT zzzzzz FROM messages")
    assert "Did you mean" not in str(refused.value)
