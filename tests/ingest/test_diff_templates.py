"""What a changed template would change is told on recent records, redacted, before anything is stored."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from engagedb.cli import mounted
from engagedb.errors import ConfigurationError
from engagedb.settings import data_folder
from tests.ingest.conftest import text_event

Write = Callable[..., Path]
SHIPPED = data_folder("templates")


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No lake and no key: a comparison needs neither."""
    for name in [name for name in os.environ if name.startswith("ENGAGEDB_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "changed"))


def edit(templates: Path, before: str, after: str, source: str = "sms") -> None:
    place = templates / source / "template.yaml"
    text = place.read_text()
    assert before in text
    place.write_text(text.replace(before, after, 1))


def run(*words: Any) -> Result:
    return CliRunner().invoke(mounted(), ["templates", "diff", *map(str, words)])


def told(*words: Any) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code in (0, 1), (result.output, result.exception)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_changed_column_is_told_with_old_and_new(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a", carrierName="Carrier A"), text_event("b"), {"nobody": "knows this"}])
    edit(changed, "{{ carrierName }}", "{{ carrierName | upper }}")
    found = told(SHIPPED, changed, "--landing", place)
    assert (found["templates"], found["records"], found["seen"], found["changed"]) == (["sms"], 2, 3, 1)
    columns = {"carrier": {"records": 1, "examples": [{"old": "Carrier A", "new": "CARRIER A"}]}}
    assert found["sources"]["sms"] == {
        "records": 2, "changed": 1, "rows_gained": 0, "rows_lost": 0, "identity_changed": 0, "identity_rule_changed": False,
        "time_changed": 0, "time_rule_changed": False, "columns": columns,
    }  # fmt: skip
    assert run(SHIPPED, changed, "--landing", place).exit_code == 1


def test_another_spelling_of_the_same_mapping_changes_nothing(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a")])
    edit(changed, "{{ carrierName }}", "{{   carrierName }}")
    result = run(SHIPPED, changed, "--landing", place)
    assert (result.exit_code, "1 record of sms in the 1 newest object: 1 give the same rows, 0 do not." in result.output) == (0, True)
    same = run(SHIPPED, SHIPPED, "--landing", place)
    assert (same.exit_code, same.output) == (0, "The templates are the same.\n")


def test_a_changed_identity_is_told_loudly(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a", carrierName="Carrier A")])
    edit(changed, "identity: [messageId", "identity: [messageId, carrierName")
    result = run(SHIPPED, changed, "--landing", place)
    assert (result.exit_code, "IDENTITY CHANGES in 1 record." in result.output) == (1, True)
    assert told(SHIPPED, changed, "--landing", place)["sources"]["sms"]["identity_changed"] == 1


def test_a_changed_identity_is_told_also_when_no_record_of_the_sample_shows_it(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a")])
    edit(changed, "identity: [messageId", "identity: [messageId or carrierName")
    result = run(SHIPPED, changed, "--landing", place)
    assert (result.exit_code, "IDENTITY CHANGES by its rule, though in none of these records." in result.output) == (1, True)
    found = told(SHIPPED, changed, "--landing", place)
    assert (found["changed"], found["sources"]["sms"]["identity_rule_changed"]) == (0, True)


def test_a_changed_time_asks_for_a_backfill(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a", messageRequestTimestamp=1772420829000)])
    edit(changed, "{{ eventTimestamp | default", "{{ messageRequestTimestamp | default")
    result = run(SHIPPED, changed, "--landing", place)
    assert "The time changes in 1 record. Stored events keep their old time until you run engagedb backfill" in result.output
    found = told(SHIPPED, changed, "--landing", place)["sources"]["sms"]
    assert (found["time_changed"], found["time_rule_changed"]) == (1, True)
    assert found["columns"]["event_time"]["examples"] == [{"old": "2026-03-04T10:40:29.000Z", "new": "2026-03-02T03:07:09.000Z"}]


def test_records_that_become_dead_letters_or_stop_being_are_told_with_the_reason(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a", carrierName="ten"), text_event("b", carrierName="10")])
    edit(changed, "{{ totalMessagePrice | money }}", "{{ carrierName | money }}")
    found = told(SHIPPED, changed, "--landing", place)
    ((why, count),) = found["become_dead_letters"].items()
    assert (count, found["no_more_dead_letters"]) == (1, {})
    assert why.startswith("schema_violation: changed/sms/template.yaml:")
    back = told(changed, SHIPPED, "--landing", place)
    assert (sum(back["no_more_dead_letters"].values()), back["become_dead_letters"]) == (1, {})


def test_rows_that_come_or_go_are_counted(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a", codes=["one", "two"])])
    edit(changed, "identity: [", "identity: [item, ")
    edit(changed, "\nevent:\n", '\nfor_each: "{{ codes }}"\nevent:\n')
    found = told(SHIPPED, changed, "--landing", place)["sources"]["sms"]
    assert (found["rows_gained"], found["rows_lost"], found["identity_changed"]) == (1, 0, 1)
    assert told(changed, SHIPPED, "--landing", place)["sources"]["sms"]["rows_lost"] == 1


def test_a_sources_own_folder_is_compared_alone_with_either_kind_of_folder(landing: Write, changed: Path) -> None:
    place = landing("a.json", [text_event("a", carrierName="Carrier A"), {"eventType": "VOICE_COMPLETED", "messageId": "v"}])
    edit(changed, "{{ carrierName }}", "{{ carrierName | upper }}")
    pairs = [(SHIPPED / "sms", changed / "sms"), (SHIPPED, changed / "sms"), (SHIPPED / "sms", changed)]
    found = [told(*pair, "--landing", place) for pair in pairs]
    assert found[0] == found[1] == found[2]
    assert (found[0]["records"], found[0]["changed"]) == (1, 1)
    refused = run(SHIPPED / "ses", changed / "ses", "--landing", place)
    assert refused.output == "The templates are the same.\n"
    shutil.rmtree(changed / "ses")
    assert "holds no template of the source ses" in str(run(SHIPPED / "ses", changed, "--landing", place).exception)


def test_the_newest_objects_are_looked_at_first_and_no_more_than_asked_for(landing: Write, changed: Path) -> None:
    for name, written_at in (("middle", 20), ("newest", 30), ("oldest", 10)):
        os.utime(landing(f"{name}.json", [text_event(name, carrierName=name)]), times=(0, written_at))
    edit(changed, "{{ carrierName }}", "{{ carrierName | upper }}")
    found = told(SHIPPED, changed, "--landing", "landing", "--sample", 2)
    assert (found["records"], found["objects"]) == (2, 2)
    assert [example["old"] for example in found["sources"]["sms"]["columns"]["carrier"]["examples"]] == ["newest", "middle"]


def test_landing_data_comes_from_the_settings_when_no_option_names_it(
    landing: Write, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing("a.json", [text_event("a", carrierName="Carrier A")])
    edit(changed, "{{ carrierName }}", "{{ carrierName | upper }}")
    assert isinstance(run(SHIPPED, changed).exception, ConfigurationError)
    monkeypatch.setenv("ENGAGEDB_LANDING", json.dumps({str(Path.cwd() / "landing"): {"account_id": "111122223333"}}))
    assert told(SHIPPED, changed)["changed"] == 1


def test_nothing_to_compare_is_an_error_and_no_good_news(landing: Write, changed: Path) -> None:
    place = landing("a.json", [{"nobody": "knows this"}])
    edit(changed, "{{ carrierName }}", "{{ carrierName | upper }}")
    refused = run(SHIPPED, changed, "--landing", place).exception
    assert isinstance(refused, ConfigurationError)
    assert "Nothing was compared: none of 1 records" in str(refused)


def test_a_broken_template_is_refused_with_its_line(landing: Write, changed: Path) -> None:
    edit(changed, "| timestamp", "| timestmp")
    refused = run(SHIPPED, changed, "--landing", landing("a.json", [text_event()])).exception
    assert isinstance(refused, ConfigurationError)
    assert "changed/sms/template.yaml:" in str(refused)
    assert "Did you mean timestamp?" in str(refused)


def test_no_personal_value_is_told_wherever_a_template_puts_it(landing: Write, changed: Path) -> None:
    words = "call +1 206 555 0199 or jane.roe@example.com"
    place = landing("a.json", [text_event("a", carrierName="Carrier A", messageStatusDescription=words, context={"note": words})])
    for before in ("{{ carrierName }}", "{{ context.campaign or", "{{ messageStatusDescription }}", "{{ messageEncoding | upper }}"):
        edit(changed, before, before.replace("{{", "{{ (destinationPhoneNumber ~ ' ' ~ messageStatusDescription) or"))
    edit(changed, '"{{ destinationPhoneNumber }}"', "\"{{ '+12065550124' }}\"")
    for pair in ((SHIPPED, changed), (changed, SHIPPED)):
        for options in ((), ("--json",)):
            shown = run(*pair, "--landing", place, *options).output
            assert "carrier" in shown
            assert [value for value in ("2065550123", "2065550124", "555 0199", "jane.roe") if value in shown] == []


def test_pseudonyms_are_not_shown(landing: Write, changed: Path) -> None:
    edit(changed, '"{{ destinationPhoneNumber }}"', "\"{{ '+12065550124' }}\"")
    found = told(SHIPPED, changed, "--landing", landing("a.json", [text_event("a")]))
    assert found["sources"]["sms"]["columns"]["recipient_id"]["examples"] == [{"old": "a pseudonym", "new": "another pseudonym"}]


def test_the_command_needs_no_lake_and_makes_none(landing: Write, changed: Path, tmp_path: Path) -> None:
    place = landing("a.json", [text_event("a")])
    before = sorted(tmp_path.rglob("*"))
    edit(changed, "{{ carrierName }}", "A carrier")
    assert run(SHIPPED, changed, "--landing", place).exit_code == 1
    assert sorted(tmp_path.rglob("*")) == before
