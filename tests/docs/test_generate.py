"""The reference pages say what the code says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from docs import generate


def test_the_reference_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=generate.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_stale_page_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(generate.WHOLE, "docs/cli.md", lambda: "something else")
    assert "docs/cli.md" in generate.stale()


def test_a_cell_breaks_neither_its_table_nor_its_words() -> None:
    assert generate.table(["a"], [["x|y <z> `<k>`"]]).splitlines()[2] == "| x\\|y \\<z> `<k>` |"
