"""Runs the ```console sessions of a page and compares what they print with what the page shows.

    python -m docs.sessions README.md            shows the differences, exit 1 when there are any
    python -m docs.sessions README.md --write    puts the real output into the page

A line `$ command` is run by bash, with the lines `> more` below it; the rest is its output. All commands of a page share one
temporary folder, called /data. A line `...` stands for any lines. What differs from run to run is masked: seconds, rates,
bytes scanned, keyed digests, times of today.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SESSION: Final = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
ANY_LINES: Final = "..."
MASKS: Final = (
    (re.compile(r"\b[a-z]{2}_[a-p]{6}_[a-p]{32}\b"), "PSEUDONYM"),
    (re.compile(r"\b(mid_)?[a-p]{32}\b"), "DIGEST"),
    (re.compile(r"\bin [\d,.]+ s\b"), "in N s"),
    (re.compile(r"\b[\d,]+ ?(records)?/s\b"), "N/s"),
    (re.compile(r"[\d,.]+ [KM]?B (scanned|in \d+ column)"), r"N \1"),
    (re.compile(r'"seconds":[\d.]+'), '"seconds":N'),
    (re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)"), "TIME"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a session, with the output that the page shows."""

    line: str
    shown: list[str]


def sessions(page: Path) -> list[Command]:
    """The commands of a page, in order."""
    found: list[Command] = []
    for block in SESSION.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Command(line.removeprefix("$ "), []))
            elif line.startswith("> ") and not found[-1].shown:
                found[-1] = Command(found[-1].line + "\n" + line.removeprefix("> "), [])
            else:
                found[-1].shown.append(line)
    return found


def run(commands: list[Command], folder: Path) -> Iterator[tuple[Command, list[str]]]:
    """Each command with the lines that it really prints, stdout and stderr together."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGEDB_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["PYTHONPATH"] = str(ROOT)
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        yield command, [line.rstrip() for line in done.stdout.replace(str(folder), "/data").splitlines()]


def agrees(shown: list[str], printed: list[str]) -> bool:
    """True when the shown lines, masked and with their gaps, are the printed ones."""
    if not shown:
        return not printed
    if shown[0] == ANY_LINES:
        return any(agrees(shown[1:], printed[start:]) for start in range(len(printed) + 1))
    return bool(printed) and masked(shown[0]) == masked(printed[0]) and agrees(shown[1:], printed[1:])


def masked(line: str) -> str:
    """The line without what differs from run to run."""
    for pattern, word in MASKS:
        line = pattern.sub(word, line)
    return line.rstrip()


def differences(page: Path, folder: Path) -> list[str]:
    """For each command whose output is not what the page shows: the command, what is shown, what is printed."""
    return [
        "\n".join([f"$ {command.line}", "--- shown", *command.shown, "--- printed", *printed])
        for command, printed in run(sessions(page), folder)
        if not agrees(command.shown, printed)
    ]


def rewrite(page: Path, folder: Path) -> None:
    """Puts the real output under each command that shows another one; the shown gaps are lost there."""
    text = page.read_text(encoding="utf-8")
    place = 0
    for command, printed in run(sessions(page), folder):
        words = "$ " + command.line.replace("\n", "\n> ")
        shown, new = ("\n".join([words, *lines]) + "\n" for lines in (command.shown, printed))
        place = text.index(shown, place)
        kept = shown if agrees(command.shown, printed) else new
        text = text[:place] + kept + text[place + len(shown) :]
        place += len(kept)
    page.write_text(text, encoding="utf-8")


def main() -> None:
    """The command line of this module."""
    page = ROOT / sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="engagedb-session-") as folder:
        if "--write" in sys.argv[2:]:
            rewrite(page, Path(folder))
            return
        found = differences(page, Path(folder))
    print("\n\n".join(found) or f"The sessions of {page.name} print what it shows.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
