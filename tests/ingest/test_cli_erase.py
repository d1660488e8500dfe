"""engagedb erase as a user meets it: nothing without --yes, no value repeated, a report that cannot be altered unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engagedb.cli import mounted
from engagedb.errors import ConfigurationError
from lake.keyring import create_key_file, load_key_file
from tests.ingest.conftest import Workshop, text_event

Erase = Callable[..., Result]
NUMBER = "+12065550123"


@pytest.fixture
def erase(workshop: Workshop, landing: Callable[..., Path], tmp_path: Path) -> Erase:
    """The command on a lake with two messages, one of them the subject's."""
    workshop.ingest(landing("a.json", [text_event("m-1"), text_event("m-2", destinationPhoneNumber="+12065550124")]))
    key = tmp_path / "a.key"
    key.write_text(workshop.keyring.root.hex())

    def run(*words: str) -> Result:
        return CliRunner().invoke(mounted(), ["erase", *words, "--lake", workshop.settings.lake, "--key-file", str(key)])

    return run


def persons(workshop: Workshop) -> int:
    (row,) = workshop.rows("SELECT count(recipient_id) AS n FROM events")
    return int(row["n"])


def test_nothing_is_erased_without_yes(erase: Erase, workshop: Workshop) -> None:
    refused = erase("--recipient", NUMBER)
    assert isinstance(refused.exception, ConfigurationError)
    assert "1 subject, 1 found: 1 event, 1 message and 0 dead letters would be emptied" in str(refused.exception)
    assert "--yes" in str(refused.exception)
    assert erase("--recipient", NUMBER, "--dry-run").exit_code == 0
    assert persons(workshop) == 2
    assert workshop.rows("SELECT count(*) AS n FROM erasures") == [{"n": 0}]


def test_it_erases_and_tells_what_still_holds_the_person(erase: Erase, workshop: Workshop) -> None:
    told = erase("--recipient", NUMBER, "--yes")
    assert told.exit_code == 0, told.output
    assert "1 event, 1 message and 0 dead letters emptied" in told.output
    assert "engagedb maintain removes them after" in told.output
    assert "2065550123" not in told.output
    assert persons(workshop) == 1


def test_a_file_names_many_and_a_wrong_line_stops_before_anything_is_changed(erase: Erase, workshop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "people"
    file.write_text(f"# letter of 4 March\n{NUMBER}\n(206) 555-0124\n")
    refused = erase("--file", str(file), "--yes")
    assert isinstance(refused.exception, ConfigurationError)
    assert f"Line 3 of {file} is no subject" in str(refused.exception)
    assert "0124" not in str(refused.exception) + refused.output
    assert persons(workshop) == 2
    file.write_text(f"{NUMBER}\n{NUMBER}\n+12065550124\n")
    assert json.loads(erase("--file", str(file), "--yes", "--json").output)["subjects"] == 2
    assert persons(workshop) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Nobody to erase is named"),
        (["--file", "missing"], "missing cannot be read"),
        (["--recipient", "0124 77"], "--recipient number 1 is no subject"),
        (["--recipient-id", "ph_x"], "--recipient-id number 1 is no subject"),
        (["--verify", "missing"], "The report missing cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told(erase: Erase, words: list[str], sentence: str) -> None:
    refused = erase(*words, "--yes")
    assert isinstance(refused.exception, ConfigurationError)
    assert sentence in str(refused.exception)


def test_the_report_names_nobody_and_is_genuine(erase: Erase, workshop: Workshop, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    said = json.loads(erase("--recipient", NUMBER, "--yes", "--json", "--report", str(report)).output)
    assert said == json.loads(report.read_text())
    assert said["tables"]["events"] == {"rows_erased": 1, "rows_cleaned": 0, "files_rewritten": 1}
    assert [len(found["offsets"]) for found in said["landing_objects"]] == [1]
    assert all(holder["expires_after"] for holder in said["snapshots_that_still_hold"])
    assert not [word for word in ("2065550123", "ph_") if word in report.read_text()]
    told = erase("--verify", str(report))
    assert (told.exit_code, "genuine" in told.output) == (0, True)
    assert persons(workshop) == 1


def test_an_altered_report_is_refused_and_so_is_another_key(erase: Erase, workshop: Workshop, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    erase("--recipient", NUMBER, "--yes", "--report", str(report))
    other = tmp_path / "other.key"
    create_key_file(other, workshop.settings.lake)
    assert load_key_file(other).root_id != workshop.keyring.root_id
    refused = CliRunner().invoke(
        mounted(), ["erase", "--verify", str(report), "--lake", workshop.settings.lake, "--key-file", str(other)]
    )  # fmt: skip
    assert "signed with another key" in str(refused.exception)
    report.write_text(report.read_text().replace('"subjects": 1', '"subjects": 2'))
    assert "was altered" in str(erase("--verify", str(report)).exception)
    report.write_text("[]")
    assert "is no report" in str(erase("--verify", str(report)).exception)
