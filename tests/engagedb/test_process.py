"""What a process sets at its start."""

from __future__ import annotations

import subprocess
import sys

import pytest

CYCLE = """
import atexit
class Told:
    def __del__(self):
        print("searched")
{prepare}
atexit.register(print, "the end")
told = Told()
told.itself = told
del told
"""


def test_a_process_that_ends_does_not_search_its_memory_first() -> None:
    prepare = "from engagedb.process import prepare_process\nprepare_process()"
    texts = [CYCLE.format(prepare=words) for words in ("", prepare)]
    told = [subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split("\n") for text in texts]
    assert told == [["the end", "searched", ""], ["the end", ""]]


def test_arrow_imports_no_pandas_that_a_process_leaves_out_until_it_is_asked_for() -> None:
    pytest.importorskip("pandas")
    text = """
import sys
import pyarrow as pa
{leave}
numbers = pa.array([1, 2])
print("pandas" in sys.modules, numbers.to_pandas().sum())
"""
    leave = "from engagedb.process import leave_pandas_out\nleave_pandas_out()"
    told = [
        subprocess.run([sys.executable, "-c", text.format(leave=words)], capture_output=True, text=True, check=True).stdout
        for words in ("", leave)
    ]
    assert told == ["True 3\n", "False 3\n"]
