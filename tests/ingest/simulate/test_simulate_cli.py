from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from ingest.simulate.cli import simulate_command

app = typer.Typer()
app.command()(simulate_command)
run = CliRunner()


def test_json_gives_one_object_with_counts_that_add_up(tmp_path: Path) -> None:
    result = run.invoke(app, [str(tmp_path / "landing"), "--events", "800", "--days", "1", "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["records"] == sum(said["fates"].values())
    assert json.loads(Path(said["truth"]).read_text())["records"] == said["records"]


def test_the_table_tells_channels_events_and_where_the_truth_is(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    result = run.invoke(app, [str(tmp_path / "landing"), "--events", "800", "--days", "1", "--scenario", "pumping", "--truth", str(truth)])
    assert result.exit_code == 0, result.output
    assert "whatsapp" in result.stdout
    assert "/s)" in result.stdout
    assert str(truth) in result.stdout
    assert list(json.loads(truth.read_text())["scenarios"]) == ["pumping"]


def test_help_has_an_example_and_names_the_scenarios() -> None:
    text = run.invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    assert "engagedb simulate landing" in text
    assert "pumping" in text


def test_a_bad_day_is_a_usage_error(tmp_path: Path) -> None:
    result = run.invoke(app, [str(tmp_path / "landing"), "--start", "tomorrow"])
    assert result.exit_code == 2
    assert "--start" in result.stderr
