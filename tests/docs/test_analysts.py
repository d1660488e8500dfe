"""The page for analysts: its commands and its Python run on the lake that it makes, and print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.sessions import ROOT, differences

PAGE = ROOT / "docs" / "analysts.md"
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
BETWEEN = "---- next block ----"


def test_the_pages_commands_and_its_python_print_what_it_shows(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    found = differences(PAGE, tmp_path)
    assert not found, "\n\n".join(found)
    text = PAGE.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    assert len(blocks) == text.count("```python\n")
    code = f"print({BETWEEN!r})\n".join(block for block, _ in blocks)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(f"{BETWEEN}\n")
    assert [part.rstrip() for part in printed] == [shown.rstrip() for _, shown in blocks]
