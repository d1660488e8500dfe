"""The command line as a user meets it: help, order, usage errors, predictable failures, JSON, pipes, Ctrl-C."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.generate import ROOT, commands
from engagedb import cli
from engagedb.settings import data_folder
from lake.keyring import load_key_file

SHORT_HELP = 62  # what an 80-column terminal leaves beside the longest command


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str


Engagedb = Callable[..., Told]


@pytest.fixture
def engagedb(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Engagedb:
    """Runs the command line in this process, as its console script does."""
    for name in [name for name in os.environ if name.startswith("ENGAGEDB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Told:
        capfd.readouterr()
        code = exit_code(*words)
        printed = capfd.readouterr()
        return Told(code, printed.out, printed.err)

    return run


def exit_code(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["engagedb", *words])
        with pytest.raises(SystemExit) as ending:
            cli.main()
    return int(ending.value.code or 0)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landing data, a lake `lake` that holds them, its key, a second lake, a newer and a damaged one. Tests leave it as it is."""
    folder = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert exit_code("simulate", "landing", "--events", "200", "--days", "1") == 0
        Path("landing/garbage").write_text("no JSON")
        assert exit_code("init") == 0
        assert exit_code("ingest", "landing") == 0
        assert exit_code("init", "--lake", "other") == 0
    for name, manifest in (("newer", '{"format": 99, "created_by": "engagedb 9"}'), ("damaged", "{")):
        (folder / name).mkdir()
        (folder / name / "lake.json").write_text(manifest)
    return folder


@pytest.fixture
def lake(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shelf's copy for one test; it is the working folder."""
    shutil.copytree(shelf, tmp_path / "shelf")
    monkeypatch.chdir(tmp_path / "shelf")
    return tmp_path / "shelf"


def one_sentence(told: Told) -> str:
    """The sentence of a failure for which the user can do something."""
    assert told.code == 2, told.err
    assert told.out == ""
    assert told.err.startswith("Error: ")
    assert told.err.count("\n") == 1, told.err
    return told.err


@pytest.mark.parametrize(("words", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_explains_itself_with_an_example_that_parses(words: str, command: object) -> None:
    summary, *_, last = command.help.split("\n\n")  # type: ignore[attr-defined]
    assert len(summary) <= SHORT_HELP
    assert summary.endswith(".")
    assert last.startswith("Example: ")
    for line in command.help.splitlines():  # type: ignore[attr-defined]
        if line.startswith("Example: "):
            assert len(line) <= 78, "an example that is wrapped cannot be copied"
            example = shlex.split(line.removeprefix("Example: ").rpartition("| ")[2])
            path = words.split()
            assert example[: len(path)] == path
            command.make_context(words, example[len(path) :])  # type: ignore[attr-defined]
    assert all(parameter.help for parameter in command.params if parameter.name != "help")  # type: ignore[attr-defined]


def test_every_command_stands_in_the_reference() -> None:
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [words for words, _ in commands() if f"\n## {words}\n" not in reference] == []


def test_help_lists_every_command_once_in_a_fixed_order_and_cuts_no_summary(engagedb: Engagedb) -> None:
    told = engagedb("--help")
    listed = told.out.split("Commands:\n")[1].splitlines()
    assert tuple(line.split()[0] for line in listed) == cli.ORDER
    assert not any(line.endswith("...") for line in listed)


def test_the_version_is_printed(engagedb: Engagedb) -> None:
    assert engagedb("--version").out.count(".") == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ingest"], "Missing argument 'SOURCE'. See engagedb ingest --help."),
        (["dead-leters"], "Did you mean 'dead-letters'? See engagedb --help."),
        (["query", "--format", "xml"], "'--format'"),
        (["dead-letters", "list", "--reason", "bad"], "'bad_timestamp'"),
        (["simulate", "out", "--days", "0"], "'--days'"),
        (["simulate", "out", "--scenario", "flood"], "Choose from burst, drip, holiday"),
        (["ingest", "nowhere", "--lakes", "x"], "--lakes"),
    ],
)
def test_a_usage_error_is_one_sentence(
    engagedb: Engagedb, words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sentence in one_sentence(engagedb(*words))


def test_a_group_without_a_command_shows_its_help(engagedb: Engagedb) -> None:
    for words in ([], ["templates"], ["dead-letters"], ["marts"]):
        told = engagedb(*words)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith("Usage: engagedb")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ingest", "nowhere"], "There is no file or folder"),
        (["ingest", "landing", "--lake", "nolake", "--key-file", "lake.key"], "Run engagedb init"),
        (["ingest", "landing", "--lake", "nolake"], "Make one with `engagedb init --lake nolake`"),
        (["ingest", "landing", "--key-file", "none.key"], "none.key does not exist"),
        (["ingest", "landing", "--key-file", "other.key"], "The key does not belong to the lake"),
        (["ingest", "landing", "--key-file", "landing/garbage"], "must hold 32 bytes"),
        (["init", "--lake", "landing"], "is not empty and is no lake"),
        (["init", "--lake", "landing/garbage"], "is a file, not a folder"),
        (["init", "--lake", "new", "--key-file", "other.key"], "never overwritten"),
        (["init", "--lake", "new", "--key-file", "new/the.key"], "would lie inside the lake"),
        (["query", "SELECT 1", "--lake", "landing"], "There is no lake"),
        (["query", "SELECT 1", "--lake", "newer"], "Upgrade engagedb"),
        (["query", "SELECT 1", "--lake", "damaged"], "is damaged"),
        (["query", "--name", "delivery_by_contry"], "Did you mean delivery_by_country_v1"),
        (["query", "SELECT * FROM mesages"], "Did you mean messages?"),
        (["query", "DELETE FROM messages"], "exactly one SELECT"),
        (["query", "SELECT * FROM read_csv('landing/garbage')"], "may not call read_csv"),
        (["marts", "describe", "protekt"], "Did you mean protect_v1"),
        (["dashboard", "--lake", "nolake"], "There is no lake"),
        (["dead-letters", "show", "abc"], "There is no dead letter abc"),
        (["dead-letters", "discard", "abc", "--yes"], "There is no dead letter abc"),
        (["templates", "list", "--templates", "landing"], "no <source>/template.yaml below landing"),
        (["templates", "render", "nowhere"], "There is no file nowhere"),
        (["simulate", "landing"], "already holds something"),
    ],
)
def test_a_predictable_failure_is_one_sentence(
    engagedb: Engagedb, shelf: Path, words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shelf)
    assert sentence in one_sentence(engagedb(*words))


def test_a_source_that_may_not_be_read_is_one_sentence(engagedb: Engagedb, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = (lake / "lake.key").read_text()
    monkeypatch.setenv("ENGAGEDB_PSEUDONYM_KEY", secret)
    for folder in (lake, *lake.parents[:4]):
        folder.chmod(0o755)
    (lake / "closed").mkdir(mode=0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        told = engagedb("ingest", "closed")
    finally:
        if is_root:
            os.seteuid(0)
        (lake / "closed").chmod(0o755)
    assert "may not be read by this user" in one_sentence(told)
    assert json.loads(secret)["root"] not in told.err


def test_a_busy_port_is_one_sentence(engagedb: Engagedb, lake: Path) -> None:
    pytest.importorskip("streamlit")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is busy" in one_sentence(engagedb("dashboard", "--port", str(port)))


@pytest.fixture
def empty_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An S3 server without buckets."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "ENDPOINT_URL": f"http://{host}:{port}",
        "ACCESS_KEY_ID": "k",
        "SECRET_ACCESS_KEY": "s",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    yield
    server.stop()


def test_a_bucket_that_does_not_exist_is_one_sentence(
    engagedb: Engagedb, lake: Path, empty_s3: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "the bucket does not exist" in one_sentence(engagedb("ingest", "s3://nobody-has-this/eum/"))
    monkeypatch.setenv("ENGAGEDB_CATALOG", f"sqlite:///{lake}/elsewhere.db")
    assert "does not exist" in one_sentence(engagedb("init", "--lake", "s3://nobody-has-this/lake"))


def test_a_wrong_setting_names_its_variable_and_never_its_value(engagedb: Engagedb, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEDB_BATCH_RECORDS", "plenty")
    assert "ENGAGEDB_BATCH_RECORDS is not valid" in one_sentence(engagedb("query", "SELECT 1"))
    monkeypatch.delenv("ENGAGEDB_BATCH_RECORDS")
    monkeypatch.setenv("ENGAGEDB_PSEUDONYM_KEY", "hunter2")
    told = engagedb("ingest", "landing")
    assert "ENGAGEDB_PSEUDONYM_KEY must hold 32 bytes" in one_sentence(told)
    assert "hunter2" not in told.err


@pytest.mark.parametrize("words", [["--debug", "ingest", "nowhere"], ["ingest", "--debug", "nowhere"], ["ingest", "nowhere", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(engagedb: Engagedb, lake: Path, words: list[str]) -> None:
    told = engagedb(*words)
    assert told.code == 2
    assert "Traceback" in told.err
    assert told.err.splitlines()[-1].startswith("Error: There is no file or folder")


def test_what_nobody_foresaw_is_told_without_values(engagedb: Engagedb, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("+12065550100")

    monkeypatch.setattr("ingest.run.ingest", broken)
    told = engagedb("ingest", "landing")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("Error: engagedb failed in a way that it does not know (ValueError)")
    assert "+12065550100" not in told.err


def test_an_interruption_says_how_to_continue(engagedb: Engagedb, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.run.ingest", interrupted)
    told = engagedb("ingest", "landing")
    assert (told.code, told.out, told.err) == (130, "", f"Error: {cli.INTERRUPTION}\n")


def test_a_reader_that_closes_the_pipe_is_not_an_error(lake: Path) -> None:
    for words in (["query", "SELECT * FROM events", "--format", "csv"], ["marts", "list"], ["dead-letters", "list", "--json"], ["--help"]):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "engagedb", *words]
        with subprocess.Popen(command, cwd=lake, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert (words, process.stderr.read(), process.wait()) == (words, "", 0)


def test_json_is_one_value_and_every_command_that_offers_it_keeps_its_word(engagedb: Engagedb, lake: Path) -> None:
    (letter,) = json.loads(engagedb("dead-letters", "list", "--json", "--reason", "not_json", "--limit", "1").out)
    message = json.loads(engagedb("query", "SELECT message_id FROM messages LIMIT 1", "--format", "json").out)[0]["message_id"]
    key = load_key_file(lake / "lake.key").current.id
    examples = {
        "engagedb ingest": ["landing"],
        "engagedb templates list": [],
        "engagedb templates diff": [str(data_folder("templates"))] * 2 + ["--landing", "landing"],
        "engagedb dead-letters list": [],
        "engagedb dead-letters show": [letter["dead_letter_id"]],
        "engagedb dead-letters replay": [],
        "engagedb query": ["SELECT channel, outcome FROM messages"],
        "engagedb trace": [message],
        "engagedb marts list": [],
        "engagedb marts describe": ["protect"],
        "engagedb marts check": [],
        "engagedb maintain": [],
        "engagedb backfill": ["landing", "--from", "2026-01-05", "--to", "2026-01-05", "--reason", "a test", "--yes"],
        "engagedb keys list": [],
        "engagedb keys rotate": [],
        "engagedb keys destroy": [key, "--yes"],
        "engagedb erase": ["--recipient", "+12065550123", "--yes"],
        "engagedb simulate": ["more", "--events", "100", "--days", "1"],
        "engagedb aws deploy-views": ["--dry-run"],
    }
    assert set(examples) == {words for words, command in commands() if any("--json" in parameter.opts for parameter in command.params)}
    for words, arguments in examples.items():
        told = engagedb(*words.split()[1:], *arguments, "--json")
        assert told.code == 0, told.err
        assert told.err == ""
        assert isinstance(json.loads(told.out), dict | list)
        assert told.out.count("\n") == 1


def test_keys_that_engagedb_does_not_keep_are_changed_where_they_are_kept(
    engagedb: Engagedb, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Add --yes to do it" in one_sentence(engagedb("keys", "destroy", "abcdef"))
    root = "ab" * 32
    monkeypatch.setenv("ENGAGEDB_PSEUDONYM_KEY", root)
    told = engagedb("keys", "rotate")
    assert "The key comes from ENGAGEDB_PSEUDONYM_KEY, which engagedb does not change. Write" in one_sentence(told)
    assert root not in told.err


def test_the_counts_of_an_ingest_add_up(engagedb: Engagedb, lake: Path) -> None:
    said = json.loads(engagedb("ingest", "landing", "--json", "--lake", "other").out)
    assert said["records"] == sum(said["fates"].values()) > 200
    assert said["fates"]["dead_letter"] == sum(said["reasons"].values()) >= 1
    again = json.loads(engagedb("ingest", "landing", "--json", "--lake", "other").out)
    assert again["records"] == sum(again["fates"].values()) == 0
    assert again["objects_skipped"] == said["objects"]
