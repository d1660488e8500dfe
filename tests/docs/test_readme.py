"""The pages keep their word: their sessions print what they show, their links lead somewhere, the first screen is the first screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.sessions import ROOT, Command, agrees, differences, masked, sessions

README = ROOT / "README.md"
LINK = re.compile(r"\]\(([^)#\s]+)?(#[^)\s]+)?\)")
PAGES = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))


@pytest.fixture(scope="module")
def readme_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Where README's sessions ran, and where they printed something else; the demo of its first screen runs once."""
    folder = tmp_path_factory.mktemp("readme")
    return folder, differences(README, folder)


def test_the_sessions_of_the_readme_print_what_it_shows(readme_folder: tuple[Path, list[str]]) -> None:
    _, found = readme_folder
    assert not found, "\n\n".join(found)


def test_the_python_of_the_readme_runs_on_the_demo_lake(readme_folder: tuple[Path, list[str]]) -> None:
    pytest.importorskip("pandas")
    folder, _ = readme_folder
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "whatsapp" in done.stdout
    assert "completion_rate" in done.stdout


@pytest.mark.parametrize("page", ["templates.md", "operations.md"])
def test_the_sessions_of_a_guide_print_what_it_shows(page: str, tmp_path: Path) -> None:
    found = differences(ROOT / "docs" / page, tmp_path)
    assert not found, "\n\n".join(found)


def test_every_page_with_a_session_is_run() -> None:
    assert {page.name for page in PAGES if sessions(page)} == {"README.md", "analysts.md", "templates.md", "operations.md"}


def test_the_first_screen_is_one_sentence_two_commands_a_session_and_a_picture() -> None:
    text = README.read_text(encoding="utf-8")
    title, sentence, commands = text.split("\n\n")[:3]
    assert title == "# engagedb"
    assert sentence.count(".") == 1
    targets = re.findall(r"^make (\w+)", commands, re.MULTILINE)
    assert targets == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    marks = ["```console\n$ engagedb demo", "](docs/dashboard.png)", "It answers:", "It promises:", "](docs/cli.md)", "\n## "]
    assert all(mark in text for mark in marks)
    assert sorted(marks, key=text.index) == marks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for place, anchor in LINK.findall(text):
        if place.startswith(("http://", "https://", "mailto:")):
            continue
        target = (page.parent / place) if place else page
        assert target.exists(), f"{page.name} links to {place}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {place}{anchor}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_gap_stands_for_any_lines_and_nothing_else_is_forgiven() -> None:
    printed = ["one", "two", "three"]
    assert agrees(["one", "...", "three"], printed)
    assert agrees(["...", "three"], printed)
    assert agrees(["...", "one", "two", "three"], printed)
    assert not agrees(["one", "..."][:1], printed)
    assert not agrees(["one", "three"], printed)
    assert not agrees([], printed)


def test_only_what_differs_from_run_to_run_is_masked() -> None:
    assert masked("12 events in 3.1 s (4,000 records/s)") == masked("12 events in 0.2 s (60 records/s)")
    assert masked("12 events in 3.1 s") != masked("13 events in 3.1 s")
    assert masked("ph_abcdef_" + "a" * 32) == masked("ph_ponmlk_" + "p" * 32)


def test_a_session_may_span_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ cat <<'X'\n> a\n> X\na\n$ true\n```\n")
    assert sessions(page) == [Command("cat <<'X'\na\nX", ["a"]), Command("true", [])]
    assert differences(page, tmp_path) == []
    page.write_text("```console\n$ echo a\nb\n```\n")
    assert differences(page, tmp_path) == ["$ echo a\n--- shown\nb\n--- printed\na"]
