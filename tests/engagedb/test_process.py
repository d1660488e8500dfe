"""What a process sets at its start."""

from __future__ import annotations

import subprocess
import sys

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
