"""The shape of the code: which room may import which, what the pure core may not know, how long a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "dashboards": {"lake", "transforms", "engagedb"},
    "ingest": {"lake", "transforms", "engagedb"},
    "lake": {"transforms", "engagedb"},
    "transforms": {"engagedb"},
    "engagedb": set[str](),
}
ROOMS = tuple(MAY_IMPORT)
MOUNTS_ROOMS = {"engagedb/cli.py": set(ROOMS), "engagedb/__init__.py": {"lake"}}
SPINE_OF_THE_CORE = {"engagedb.errors", "engagedb.settings"}
IMPURE = {"boto3", "botocore", "duckdb", "streamlit", "pyiceberg", "time", "os", "random", "secrets", "socket", "subprocess", "requests"}
IMPURE_NAMES = {"environ", "getenv", "now", "today", "utcnow", "urandom"}
HEAVY = {"pyarrow", "duckdb", "numpy", "pandas", "pyiceberg", "streamlit", "boto3", "phonenumbers", "jinja2", "pydantic", "cryptography"}
LONGEST_FILE = 400


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield f"{node.module}"


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after the code."""
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_downwards_only(room: str) -> None:
    wrong = []
    for path in sources(room):
        name = str(path.relative_to(ROOT))
        allowed = MOUNTS_ROOMS.get(name, MAY_IMPORT[room]) | {room}
        wrong += [f"{name} imports {module}" for module in imports(path) if module.split(".")[0] in set(ROOMS) - allowed]
    assert wrong == []


def test_the_core_knows_of_the_spine_only_errors_and_settings() -> None:
    known = {module for path in sources("transforms") for module in imports(path) if module.split(".")[0] == "engagedb"}
    assert known <= SPINE_OF_THE_CORE


def test_the_core_imports_no_cloud_no_engine_no_clock() -> None:
    wrong = [
        f"{path.name} imports {module}" for path in sources("transforms") for module in imports(path) if module.split(".")[0] in IMPURE
    ]
    assert wrong == []


def test_the_core_reads_no_clock_and_no_environment() -> None:
    wrong = [
        f"{path.name}:{node.lineno} {node.attr}"
        for path in sources("transforms")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in IMPURE_NAMES
    ]
    assert wrong == []


def test_the_core_brings_no_cloud_and_no_engine_with_it() -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in sources("transforms")]
    loaded = modules_after("".join(f"import {module}\n" for module in modules))
    assert "transforms" in loaded
    assert not loaded & {"boto3", "duckdb", "streamlit", "pyiceberg"}


def test_help_costs_no_heavy_import() -> None:
    loaded = modules_after("import typer.main, engagedb.cli as cli; typer.main.get_command(cli.mounted())")
    assert "ingest" in loaded
    assert not loaded & HEAVY


def test_no_file_is_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in sources(*ROOMS, "docs", "tests")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_file_is_called_for_nothing_in_particular() -> None:
    assert [path.name for path in sources(*ROOMS) if path.stem in ("utils", "util", "helpers", "helper", "common", "misc")] == []
